import type { Millis } from "../contract/presence.ts";
import { toDollars, toUnits } from "./dollars.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A longer window is spread by days. */
const LONGEST_BY_HOUR_MS = 31 * DAY_MS;
/** One report must not become more rows than one statement takes in its time. */
const MOST_ROWS = 10_000;

export interface UsageItem {
  model: string;
  provider: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  /** Decimal text; a number in reports that older code queued. */
  costUsd: string | number;
}

/** The usage of one model of one provider in the hour (UTC) that begins at `hour`. */
export interface HourOfUsage extends UsageItem {
  hour: Millis;
}

interface Window {
  windowStart: Millis;
  windowEnd: Millis;
}

/**
 * Spreads usage evenly over its window: each hour (UTC) gets its share by time, and the parts add up exactly. A
 * window over 31 days, or one that would make more than 10,000 rows, is spread by day or by month, and such a part
 * counts in its first hour.
 */
export function spreadUsage(window: Window, items: readonly UsageItem[]): HourOfUsage[] {
  const parts = partsOf(window, items.length);
  return items.flatMap((item) => {
    const total = unitsOf(item);
    let given = total.map(() => 0n);
    return parts.flatMap(({ hour, elapsedMs, lengthMs }) => {
      const due = total.map((number) => (lengthMs === 0n ? number : (number * elapsedMs) / lengthMs));
      const [requests = 0n, inputTokens = 0n, outputTokens = 0n, cost = 0n] = due.map(
        (number, index) => number - (given[index] ?? 0n),
      );
      given = due;
      if (requests + inputTokens + outputTokens + cost === 0n) return [];
      const counts = {
        requests: Number(requests),
        inputTokens: Number(inputTokens),
        outputTokens: Number(outputTokens),
      };
      return [{ model: item.model, provider: item.provider, hour, ...counts, costUsd: toDollars(cost) }];
    });
  });
}

function unitsOf({ requests, inputTokens, outputTokens, costUsd }: UsageItem): bigint[] {
  return [BigInt(requests), BigInt(inputTokens), BigInt(outputTokens), toUnits(costUsd)];
}

/** The hour in which each part of a window counts, and the share of the window that is over at its end. */
function partsOf({ windowStart, windowEnd }: Window, models: number) {
  const beginnings = beginningsOf(windowStart, windowEnd, models);
  return beginnings.map((begin, index) => ({
    hour: Math.floor(begin / HOUR_MS) * HOUR_MS,
    elapsedMs: BigInt((beginnings[index + 1] ?? windowEnd) - windowStart),
    lengthMs: BigInt(windowEnd - windowStart),
  }));
}

function beginningsOf(start: Millis, end: Millis, models: number): Millis[] {
  const isShort = end - start <= LONGEST_BY_HOUR_MS;
  const steps = [...(isShort ? [nextOf(HOUR_MS)] : []), nextOf(DAY_MS), nextMonth];
  const all = steps.map((next) => {
    const beginnings = [start];
    for (let at = next(start); at < end; at = next(at)) beginnings.push(at);
    return beginnings;
  });
  return all.find((beginnings) => beginnings.length * models <= MOST_ROWS) ?? all.at(-1) ?? [start];
}

const nextOf = (width: number) => (at: Millis) => (Math.floor(at / width) + 1) * width;

function nextMonth(at: Millis): Millis {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
