// Before the first paint, so that a chosen theme does not flash. A file of its own: the page may carry no inline script.
try {
  const { theme, density } = JSON.parse(localStorage.getItem("moolai.preferences") ?? "{}");
  const root = document.documentElement.dataset;
  if (theme === "light" || theme === "dark") root.theme = theme;
  if (density === "compact" || density === "roomy") root.density = density;
} catch {
  // Storage is switched off or damaged: the defaults stay.
}
