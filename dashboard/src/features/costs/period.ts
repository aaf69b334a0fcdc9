import { LOCALE } from "../../lib/locale.ts";

/** All of it in UTC, as the controller sums usage. */
export type Period =
  | { kind: "month"; month: string /* 2026-11 */ }
  /** Both days belong to it. */
  | { kind: "range"; from: string; to: string };

export const GRANULARITIES = ["hour", "day", "week", "month"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** As many points as the controller answers in one history. */
export const MOST_POINTS = 1000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MONTH_NAME = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });
const DAY_NAME = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });

/** First moment, and the first one after. */
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

/** From an address, so anything may stand in it; the running month when it makes no sense. */
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
  // Date.parse takes February 30th.
  return DATE.test(text) && text >= "2000" && text < "2100" && new Date(text).toJSON()?.slice(0, 10) === text;
}

/** The month before or after, or as many days. */
export function shift(period: Period, by: 1 | -1): Period {
  const { startAt, endAt } = boundsOf(period);
  if (period.kind === "month") return { kind: "month", month: monthOf(by === 1 ? endAt : startAt - DAY_MS) };
  const length = endAt - startAt;
  return { kind: "range", from: dayOf(startAt + by * length), to: dayOf(endAt - DAY_MS + by * length) };
}

/** There is no usage in the future to look at. */
export function hasNext(period: Period, now: number): boolean {
  return boundsOf(period).endAt <= now;
}

/** What the period is measured against: the one before, and of that only as much as has passed of this one. */
export function previousOf(period: Period, now: number): Bounds & { isPart: boolean } {
  const { startAt, endAt } = boundsOf(period);
  const before = boundsOf(shift(period, -1));
  const isPart = now >= startAt && now < endAt;
  // Whole hours, as usage is kept: a cut hour would count as a whole one on one side.
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
  return (endAt - startAt) / LENGTH_MS[granularity] + 1 <= MOST_POINTS;
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

/** "Tue, Nov 3", "Week of Nov 2", "Nov 3, 14:00", "November 2026": by the begin that the API tells. */
export function pointName(date: string, granularity: Granularity): string {
  const name = POINT_NAME[granularity].format(Date.parse(date));
  return granularity === "week" ? `Week of ${name}` : name;
}

/** Under an axis. */
export function shortPointName(date: string, granularity: Granularity): string {
  return SHORT_NAME[granularity].format(Date.parse(date));
}
