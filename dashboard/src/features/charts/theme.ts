import { onCleanup } from "solid-js";
import { LOOKS } from "./looks.ts";

/** The tokens of the page as a canvas takes them. */
export interface ChartTheme {
  text: string;
  muted: string;
  grid: string;
  surface: string;
  accent: string;
  series: readonly string[];
  font: string;
}

/** A canvas knows neither `var()` nor `light-dark()`: an element on the page works them out. */
export function readTheme(host: HTMLElement): ChartTheme {
  const probe = host.appendChild(document.createElement("span"));
  const colour = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    text: colour("--text"),
    muted: colour("--muted"),
    grid: colour("--border-soft"),
    surface: colour("--surface"),
    accent: colour("--accent"),
    series: Array.from({ length: LOOKS }, (_, look) => colour(`--series-${look + 1}`)),
    font: `12px ${getComputedStyle(host).fontFamily}`,
  };
  probe.remove();
  return theme;
}

const QUERIES = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

/** Whatever changes the colours: the choice on the page, the system, forced colours. For the life of the owner. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const queries = QUERIES.map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", listener);
  onCleanup(() => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener("change", listener);
  });
}
