import { MAX_POINTS } from "../../../../worker/contract/values/limits.ts";
import type { GRANULARITIES } from "../../../../worker/contract/values/lists.ts";
import { LOCALE } from "../../lib/locale.ts";

/** In UTC, like the controller's usage sums. */
export type Period =
  | { kind: "month"; month: string /* 2026-11 */ }
  /** Both days belong to it. */
  | { kind: "range"; from: string; to: string };

export type Granularity = (typeof GRANULARITIES)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MONTH_NAME = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });
const DAY_NAME = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });

/** Start (inclusive) and end (exclusive). */
export interface Bounds {
  startAt: number;
  endAt: number;
}

export function boundsOf(period: Period): Bounds {
  if (period.kind === "range") {
    return { startAt: Date.parse(period.from), endAt: Date.parse(period.to) + DAY_MS };
  }
  const [year = 0, month = 1] = period.month.split("-").map(Number);
  return { startAt: Date.UTC(year, month - 1, 1), endAt: Date.UTC(year, month, 1) };
}

export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Reads the period from the untrusted address; falls back to the current month. */
export function readPeriod(
  params: { month?: string | undefined; from?: string | undefined; to?: string | undefined },
  now: number,
): Period {
  const { month, from, to } = params;
  if (from !== undefined && to !== undefined && isDay(from) && isDay(to) && from <= to) {
    return { kind: "range", from, to };
  }
  return { kind: "month", month: month !== undefined && isDay(`${month}-01`) ? month : monthOf(now) };
}

export function isDay(text: string): boolean {
  // Date.parse accepts February 30.
  return DATE.test(text) && text >= "2000" && text < "2100" && new Date(text).toJSON()?.slice(0, 10) === text;
}

/** The previous or next month, or range of the same length. */
export function shift(period: Period, by: 1 | -1): Period {
  const { startAt, endAt } = boundsOf(period);
  if (period.kind === "month") return { kind: "month", month: monthOf(by === 1 ? endAt : startAt - DAY_MS) };
  const length = endAt - startAt;
  return { kind: "range", from: dayOf(startAt + by * length), to: dayOf(endAt - DAY_MS + by * length) };
}

/** Whether there is a next period: usage is never in the future. */
export function hasNext(period: Period, now: number): boolean {
  return boundsOf(period).endAt <= now;
}

/** The period to compare with: the previous one, cut to the time that has elapsed in this one. */
export function previousOf(period: Period, now: number): Bounds & { isPart: boolean } {
  const { startAt, endAt } = boundsOf(period);
  const before = boundsOf(shift(period, -1));
  const isPart = now >= startAt && now < endAt;
  // Whole hours, because usage is stored by the hour: a partial hour would count in full on one side only.
  const elapsed = Math.max(HOUR_MS, Math.ceil((now - startAt) / HOUR_MS) * HOUR_MS);
  return { ...before, endAt: isPart ? Math.min(before.endAt, before.startAt + elapsed) : before.endAt, isPart };
}

export function periodName(period: Period): string {
  const { startAt, endAt } = boundsOf(period);
  return period.kind === "month" ? MONTH_NAME.format(startAt) : DAY_NAME.formatRange(startAt, endAt - DAY_MS);
}

/** For file names. */
export function periodId(period: Period): string {
  return period.kind === "month" ? period.month : `${period.from}-${period.to}`;
}

const LENGTH_MS: Record<Granularity, number> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 28 * DAY_MS,
};

export function fits(period: Period, granularity: Granularity): boolean {
  const { startAt, endAt } = boundsOf(period);
  return (endAt - startAt) / LENGTH_MS[granularity] + 1 <= MAX_POINTS;
}

const POINT_NAME: Record<Granularity, Intl.DateTimeFormat> = {
  hour: new Intl.DateTimeFormat(LOCALE, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: "UTC",
  }),
  day: new Intl.DateTimeFormat(LOCALE, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" }),
  week: new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" }),
  month: MONTH_NAME,
};
const SHORT_NAME: Record<Granularity, Intl.DateTimeFormat> = {
  hour: new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" }),
  day: new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" }),
  week: new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat(LOCALE, { month: "short", year: "numeric", timeZone: "UTC" }),
};

/** "Tue, Nov 3", "Week of Nov 2", "Nov 3, 14:00", "November 2026", from the start that the API returns. */
export function pointName(date: string, granularity: Granularity): string {
  const name = POINT_NAME[granularity].format(Date.parse(date));
  return granularity === "week" ? `Week of ${name}` : name;
}

/** The label under an axis. */
export function shortPointName(date: string, granularity: Granularity): string {
  return SHORT_NAME[granularity].format(Date.parse(date));
}
