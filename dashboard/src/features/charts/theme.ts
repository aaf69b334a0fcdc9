import { onCleanup } from "solid-js";
import { LOOKS } from "./looks.ts";

/** The design tokens in a form that a canvas accepts. */
export interface ChartTheme {
  text: string;
  muted: string;
  grid: string;
  surface: string;
  accent: string;
  series: readonly string[];
  font: string;
}

/** A canvas supports neither `var()` nor `light-dark()`, so an element of the page resolves them. */
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

/** Calls the listener when colours change: by the setting, the system or forced colours. For the life of the owner. */
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
