import { displayName } from "../../../../common/text.ts";
import type { Costs } from "./api.ts";
import { sumUnits, toUnits, type Units } from "./money.ts";

/** Told apart in the chart; a seventh colour would only look like one of the others. */
export const MOST_SERIES = 6;
/** The key of the rest. It stands in addresses, and no id or model is called so. */
export const OTHERS = "*";

export interface Series {
  key: string;
  label: string;
  /** Groups that it stands for. */
  groups: number;
  /** One for each point of the history. */
  costs: Units[];
  total: Units;
}

/**
 * The most expensive groups, then the rest as one. Exact: the series of a point add up to its cost, and all of them to
 * the total.
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

/** What usage reports leave out has no name. */
export function labelOf(key: string): string {
  return displayName(key, "Not reported");
}

/** The series that a group is drawn in. */
export function seriesOf(key: string, series: readonly Series[]): string {
  return series.some((one) => one.key === key) ? key : OTHERS;
}

/** 0.125 for an eighth more; null when there was nothing before. */
export function changeOf(now: Units, before: Units): number | null {
  return before === 0n ? null : (Number(now) - Number(before)) / Number(before);
}
