// Before the first paint, so that a chosen theme does not flash. A file of its own: the page may carry no inline script.
try {
  const theme = localStorage.getItem("moolai.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the theme of the system stays.
}
