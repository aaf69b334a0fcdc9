import { COST_GROUPS, GRANULARITIES } from "../../../../worker/contract/values/lists.ts";
import { fits, type Granularity, monthOf, type Period, readPeriod } from "./period.ts";

export type CostGroup = (typeof COST_GROUPS)[number];
export const TABLES = ["group", "time"] as const;

/** The state of the costs page. */
export interface CostView {
  period: Period;
  group: CostGroup;
  granularity: Granularity;
  /** Only these organizations; empty: all that the user has access to. */
  organizations: readonly string[];
  /** Keys of hidden series. */
  hidden: readonly string[];
  table: (typeof TABLES)[number];
}

export type Params = Partial<Record<string, string | string[]>>;

export function readCostView(params: Params, nowMs: number): CostView {
  const one = (name: string) => listOf(params[name])[0];
  const period = readPeriod({ month: one("month"), from: one("from"), to: one("to") }, nowMs);
  const granularity = GRANULARITIES.find((known) => known === one("per"));
  return {
    period,
    group: COST_GROUPS.find((known) => known === one("by")) ?? "organization",
    granularity: granularity && fits(period, granularity) ? granularity : defaultGranularity(period),
    organizations: listOf(params.organization).slice(0, 100),
    hidden: listOf(params.hide),
    table: TABLES.find((known) => known === one("table")) ?? "group",
  };
}

/** Writes only what differs from the default into the address. */
export function writeCostView(view: CostView, nowMs: number): Record<string, string | string[] | undefined> {
  const { period, group, granularity, organizations, hidden, table } = view;
  const isMonth = period.kind === "month";
  return {
    month: isMonth && period.month !== monthOf(nowMs) ? period.month : undefined,
    from: isMonth ? undefined : period.from,
    to: isMonth ? undefined : period.to,
    by: group === "organization" ? undefined : group,
    per: granularity === defaultGranularity(period) ? undefined : granularity,
    organization: organizations.length > 0 ? [...organizations] : undefined,
    hide: hidden.length > 0 ? [...hidden] : undefined,
    table: table === "group" ? undefined : table,
  };
}

function defaultGranularity(period: Period): Granularity {
  return fits(period, "day") ? "day" : "month";
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
