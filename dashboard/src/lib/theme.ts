import { createSignal } from "solid-js";
import { recall, remember } from "./storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const stored = recall("theme");
const [theme, setSignal] = createSignal<Theme>(THEMES.find((name) => name === stored) ?? "system");

export { theme };

/** `public/theme.js` applies the choice of the last visit before the first paint. */
export function setTheme(next: Theme): void {
  setSignal(next);
  remember("theme", next === "system" ? null : next);
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}
