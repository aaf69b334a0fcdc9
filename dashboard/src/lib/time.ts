// The texts of the dashboard are English; the system's locale would mix two languages in one sentence.
const RELATIVE = new Intl.RelativeTimeFormat("en", { style: "narrow", numeric: "always" });
const EXACT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** "12s ago". Clocks differ by a little, so what seems to lie ahead is now. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 2) return "now";
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
  return RELATIVE.format(-Math.floor(seconds / size), unit);
}

/** Date, time and zone. */
export function exactTime(at: number): string {
  return EXACT.format(at);
}

/** Short, and it does not tick: the time of day within a day, else the date. */
export function standingTime(at: number, now: number): string {
  return now - at < 86_400_000 ? CLOCK.format(at) : DAY.format(at);
}

export function clockTime(at: number): string {
  return CLOCK.format(at);
}
