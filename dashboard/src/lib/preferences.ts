import { createStore } from "solid-js/store";
import { recall, remember } from "./storage.ts";
import type { Zone } from "./time.ts";

export const THEMES = ["system", "light", "dark"] as const;
export const DENSITIES = ["compact", "default", "roomy"] as const;
export const TIME_FORMATS = ["relative", "local", "utc"] as const;
export const POLL_INTERVALS_SEC = [5, 10, 30, 60] as const;

export interface Preferences {
  theme: (typeof THEMES)[number];
  density: (typeof DENSITIES)[number];
  time: (typeof TIME_FORMATS)[number];
  /** How often lists reload while there is no live connection. */
  pollIntervalSec: (typeof POLL_INTERVALS_SEC)[number];
  /** false: live updates are paused. */
  isLive: boolean;
  areShortcutsOn: boolean;
}

/** The row height of tables and lists. */
export const ROW_HEIGHT_PX: Readonly<Record<Preferences["density"], number>> = { compact: 32, default: 36, roomy: 44 };

const KEY = "preferences";

/** The allowed values; the first is the default unless {@link DEFAULTS} overrides it. */
const ALLOWED: { [K in keyof Preferences]: readonly Preferences[K][] } = {
  theme: THEMES,
  density: DENSITIES,
  time: TIME_FORMATS,
  pollIntervalSec: POLL_INTERVALS_SEC,
  isLive: [true, false],
  areShortcutsOn: [true, false],
};

const DEFAULTS: Preferences = {
  theme: "system",
  density: "default",
  time: "relative",
  pollIntervalSec: 10,
  isLive: true,
  areShortcutsOn: true,
};

/** Reads stored preferences; invalid values fall back to the default. */
export function readPreferences(stored: string | null): Preferences {
  const found = parse(stored);
  const pick = <K extends keyof Preferences>(key: K): Preferences[K] =>
    ALLOWED[key].find((value) => value === found[key]) ?? DEFAULTS[key];
  return {
    theme: pick("theme"),
    density: pick("density"),
    time: pick("time"),
    pollIntervalSec: pick("pollIntervalSec"),
    isLive: pick("isLive"),
    areShortcutsOn: pick("areShortcutsOn"),
  };
}

function parse(stored: string | null): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const [preferences, setStore] = createStore<Preferences>(readPreferences(recall(KEY)));

/** Kept in this browser. `public/theme.js` applies theme and density before the first paint. */
export { preferences };

/** The time zone in which times are shown. */
export const zone = (): Zone => (preferences.time === "utc" ? "utc" : "local");

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  setStore({ [key]: value } as Pick<Preferences, K>);
  remember(KEY, JSON.stringify(preferences));
  const root = document.documentElement.dataset;
  if (preferences.theme === "system") delete root.theme;
  else root.theme = preferences.theme;
  if (preferences.density === "default") delete root.density;
  else root.density = preferences.density;
}
