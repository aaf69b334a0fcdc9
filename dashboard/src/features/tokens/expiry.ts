import { LOCALE } from "../../lib/locale.ts";
import { duration, type Zone } from "../../lib/time.ts";

const DAY_MS = 86_400_000;

export type Expiry = "1" | "7" | "30" | "90" | "365" | "never";

const WORDS: Record<Expiry, string> = {
  1: "1 day",
  7: "7 days",
  30: "30 days",
  90: "90 days",
  365: "1 year",
  never: "No expiry",
};

export function expiryOptions(choices: readonly Expiry[]): { value: Expiry; label: string }[] {
  return choices.map((value) => ({ value, label: WORDS[value] }));
}

/** When a token that is created now expires, in the format of the API; null: never. */
export function endOf(choice: Expiry, now: number): string | null {
  return choice === "never" ? null : new Date(now + Number(choice) * DAY_MS).toISOString();
}

const DAYS = { dateStyle: "medium" } as const;
const LOCAL = new Intl.DateTimeFormat(LOCALE, DAYS);
const UTC = new Intl.DateTimeFormat(LOCALE, { ...DAYS, timeZone: "UTC" });

/** The day of expiry; within two days, the remaining time. Show the exact time in the title. */
export function endText(at: number, now: number, zone: Zone): string {
  const leftMs = at - now;
  if (leftMs <= 0 || leftMs > 2 * DAY_MS) return (zone === "utc" ? UTC : LOCAL).format(at);
  return `in ${duration(Math.ceil(leftMs / 60_000) * 60_000)}`;
}
