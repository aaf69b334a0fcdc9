import { CLOCK_TOLERANCE_MS } from "../../../common/clock.ts";
import { LOCALE } from "./locale.ts";

export type Zone = "local" | "utc";

const UNITS: readonly [unit: string, seconds: number][] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

function inBothZones(options: Intl.DateTimeFormatOptions): Record<Zone, Intl.DateTimeFormat> {
  return {
    local: new Intl.DateTimeFormat(LOCALE, { hourCycle: "h23", ...options }),
    utc: new Intl.DateTimeFormat(LOCALE, { hourCycle: "h23", ...options, timeZone: "UTC" }),
  };
}

const EXACT = inBothZones({ dateStyle: "medium", timeStyle: "long" });
const TO_SECONDS = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const SHORT = inBothZones(TO_SECONDS);
const LONG = inBothZones({ year: "numeric", ...TO_SECONDS });
const HALF_YEAR_MS = 183 * 86_400_000;
const DAY = inBothZones({ dateStyle: "medium" });
const CLOCK = inBothZones({ timeStyle: "medium" });

/** "12 s ago". Clocks differ slightly, so a time in the future counts as now. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 2) return "now";
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** Date and time with zone. */
export function exactTime(at: number, zone: Zone = "local"): string {
  return EXACT[zone].format(at);
}

/** Date and time to the second without zone, for columns; with the year if it is not the current one. */
export function shortTime(at: number, now: number, zone: Zone = "local"): string {
  return (Math.abs(now - at) < HALF_YEAR_MS ? SHORT : LONG)[zone].format(at);
}

/** A short time that does not tick: the time of day within a day, otherwise the date. */
export function standingTime(at: number, now: number, zone: Zone = "local"): string {
  return now - at < 86_400_000 ? CLOCK[zone].format(at) : DAY[zone].format(at);
}

export function clockTime(at: number, zone: Zone = "local"): string {
  return CLOCK[zone].format(at);
}

/** "250 ms", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", 1, "s");
  if (seconds < 86_400) return pair(seconds, 3600, "h", 60, "min");
  return pair(seconds, 86_400, "d", 3600, "h");
}

export function isClockOff(offsetMs: number | null): offsetMs is number {
  return offsetMs !== null && Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
}

/** "1 h 1 min fast", "20 min slow"; seconds are left out. */
export function clockWords(offsetMs: number): string {
  const whole = Math.round(Math.abs(offsetMs) / 60_000) * 60_000;
  return `${duration(whole)} ${offsetMs > 0 ? "fast" : "slow"}`;
}

function pair(seconds: number, size: number, unit: string, smallSize: number, smallUnit: string): string {
  const rest = Math.floor((seconds % size) / smallSize);
  const whole = `${Math.floor(seconds / size)} ${unit}`;
  return rest > 0 ? `${whole} ${rest} ${smallUnit}` : whole;
}

/** A timestamp of the API as epoch milliseconds. */
export function momentOf(iso: string | null | undefined): number | null {
  return iso ? Date.parse(iso) : null;
}
