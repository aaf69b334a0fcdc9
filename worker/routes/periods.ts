import { intoCalendar } from "../contract/moments.ts";
import type { Granularity } from "../contract/rest/statistics.ts";
import { ApiError } from "../middleware/errors.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 30;

export interface Period {
  start: Date;
  end: Date;
}

/** The requested period, without its end. */
export function periodOf(query: { start_date?: Date | undefined; end_date?: Date | undefined }, now: Date): Period {
  const end = query.end_date ?? now;
  const start = query.start_date ?? new Date(intoCalendar(truncate(end.getTime() - DEFAULT_DAYS * DAY_MS, "day")));
  if (start >= end) {
    const details = [{ path: "/query/start_date", code: "custom", message: "must be before end_date" }];
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  return { start, end };
}

/** The period of the same length just before, cut at the start of the calendar. */
export function periodBefore({ start, end }: Period): Period {
  return { start: new Date(intoCalendar(2 * start.getTime() - end.getTime())), end: start };
}

export function periodFields({ start, end }: Period) {
  const [from, to] = [start.toISOString(), end.toISOString()];
  return { period: { start: from, end: to }, start_date: from, end_date: to };
}

/** The starts of the hours, days, weeks (Monday) or months of the period, as date_trunc of Postgres returns them. */
export function pointsOf({ start, end }: Period, granularity: Granularity, limit: number): number[] {
  const points: number[] = [];
  for (let at = truncate(start.getTime(), granularity); at < end.getTime(); at = following(at, granularity)) {
    points.push(at);
    if (points.length <= limit) continue;
    throw tooFine(`gives more than ${limit} points in this period`);
  }
  return points;
}

export function tooFine(message: string): ApiError {
  const details = [{ path: "/query/granularity", code: "too_big", message }];
  return new ApiError("validation_failed", "The request is not valid", { details });
}

export function truncate(at: number, granularity: Granularity): number {
  const date = new Date(at);
  if (granularity === "hour") return Math.floor(at / HOUR_MS) * HOUR_MS;
  const day = Math.floor(at / DAY_MS) * DAY_MS;
  if (granularity === "day") return day;
  if (granularity === "week") return day - ((date.getUTCDay() + 6) % 7) * DAY_MS;
  return monthOf(date.getUTCFullYear(), date.getUTCMonth());
}

export function following(at: number, granularity: Granularity): number {
  if (granularity === "hour") return at + HOUR_MS;
  if (granularity === "day") return at + DAY_MS;
  if (granularity === "week") return at + 7 * DAY_MS;
  const date = new Date(at);
  return monthOf(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** The start of a month. `Date.UTC` reads the years 1 to 99 as those of the twentieth century. */
function monthOf(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}

/** The month continues at the rate so far. At its start, one hour counts as elapsed. */
export function forecastMonth(monthToDate: number, now: Date): number {
  const start = truncate(now.getTime(), "month");
  const length = following(start, "month") - start;
  const elapsed = Math.max(now.getTime() - start, HOUR_MS);
  return Math.round(monthToDate * (length / elapsed) * 100) / 100;
}
