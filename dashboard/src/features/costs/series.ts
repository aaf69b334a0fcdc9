import { displayName } from "../../../../common/text.ts";
import type { Costs } from "./api.ts";
import { sumUnits, toUnits, type Units } from "./money.ts";

/** The chart can distinguish six series; a seventh colour would resemble another one. */
export const MOST_SERIES = 6;
/** The key of the series of all others. It appears in addresses; no ID or model can equal it. */
export const OTHERS = "*";

export interface Series {
  key: string;
  label: string;
  /** How many groups it combines. */
  groups: number;
  /** One cost per point of the history. */
  costs: Units[];
  total: Units;
}

/**
 * The most expensive groups, then all others as one series. The sums are exact: the series of a point add up to its
 * cost, and all points to the total.
 */
export function toSeries(costs: Costs): Series[] {
  const { groups, history } = costs;
  const shown = groups.length > MOST_SERIES ? groups.slice(0, MOST_SERIES - 1) : groups;
  const rest = groups.length - shown.length;
  const points = history.map((point) => new Map(point.groups.map(({ key, cost_usd }) => [key, toUnits(cost_usd)])));
  const series = shown.map((group): Series => {
    const own = points.map((point) => point.get(group.key) ?? 0n);
    return { key: group.key, label: labelOf(group.key), groups: 1, costs: own, total: sumUnits(own) };
  });
  if (rest === 0) return series;
  const others = history.map(
    (point, index) => toUnits(point.cost_usd) - sumUnits(series.map(({ costs }) => costs[index] ?? 0n)),
  );
  return [...series, { key: OTHERS, label: `${rest} others`, groups: rest, costs: others, total: sumUnits(others) }];
}

/** The name of a group; a usage report may leave it out. */
export function labelOf(key: string): string {
  return displayName(key, "Not reported");
}

/** The key of the series that contains a group. */
export function seriesOf(key: string, series: readonly Series[]): string {
  return series.some((one) => one.key === key) ? key : OTHERS;
}

/** The relative change, 0.125 for 12.5% more; null when there was nothing before. */
export function changeOf(now: Units, before: Units): number | null {
  return before === 0n ? null : (Number(now) - Number(before)) / Number(before);
}
