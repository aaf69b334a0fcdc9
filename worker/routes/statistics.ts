import { csvEnd, csvHead, csvRecord } from "../../common/csv.ts";
import { organizationsOf } from "../contract/actor.ts";
import { envelope } from "../contract/rest/common.ts";
import {
  type Costs,
  costQuery,
  costs,
  type Granularity,
  MAX_COST_ROWS,
  type Overview,
  overview,
  overviewQuery,
} from "../contract/rest/statistics.ts";
import { MAX_POINTS } from "../contract/values/limits.ts";
import { type CostRow, listCosts, sumCosts } from "../db/costs.ts";
import { readOverview } from "../db/overview.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { csvAnswer } from "./csv.ts";
import { createRouter, defineRoute } from "./define.ts";
import { forecastMonth, periodBefore, periodFields, periodOf, pointsOf, tooFine, truncate } from "./periods.ts";
import { success } from "./success.ts";

const getOverview = defineRoute({
  method: "get",
  path: "/api/v1/controller/overview",
  tag: "Statistics",
  summary: "Totals",
  permission: "statistics.read",
  request: { query: overviewQuery },
  response: envelope(overview),
  errors: ["database_unavailable"],
});

const getCosts = defineRoute({
  method: "get",
  path: "/api/v1/controller/costs",
  tag: "Statistics",
  summary: "Costs",
  description: `From the usage reports of orchestrators: days and hours begin in UTC, and a report is spread evenly over its window. At most ${MAX_POINTS} points.`,
  permission: "statistics.read",
  request: { query: costQuery },
  response: envelope(costs),
  csv: true,
  errors: ["database_unavailable"],
});

export const statistics = createRouter();

statistics.openapi(getOverview, async (c) => {
  const period = periodOf(c.req.valid("query"), new Date());
  const { organizations, instances, users, messages, usage } = await readOverview(c.env, c.get("actor"), period);
  const data: Overview = {
    ...periodFields(period),
    total_organizations: organizations.total,
    active_organizations: organizations.active,
    inactive_organizations: organizations.inactive,
    independent_organizations: organizations.independent,
    total_orchestrators: instances.total,
    active_orchestrators: instances.active,
    inactive_orchestrators: instances.inactive,
    independent_orchestrators: instances.independent,
    total_users: users.total,
    pending_messages: messages.pending,
    total_cost: Number(usage.cost),
    total_cost_usd: usage.cost,
    total_requests: Number(usage.requests),
    total_input_tokens: Number(usage.inputTokens),
    total_output_tokens: Number(usage.outputTokens),
    system_health: healthOf(instances),
  };
  return success(c, "Overview retrieved successfully", { data });
});

statistics.openapi(getCosts, async (c) => {
  const query = c.req.valid("query");
  const { granularity, group_by, organization_ids, include_forecast } = query;
  const now = new Date();
  const period = periodOf(query, now);
  const points = pointsOf(period, granularity, MAX_POINTS);
  const request = {
    ...period,
    granularity,
    groupBy: group_by,
    organizations: intersect(organizationsOf(c.get("actor")), organization_ids ?? null),
  };
  // The types only allow JSON answers.
  if (query.format === "csv") return (await exportCsv(c, request)) as never;
  const before = periodBefore(period);
  const monthStart = new Date(truncate(now.getTime(), "month"));
  const rows = await sumCosts(c.env, { ...request, before: before.start, now, monthStart });
  const total = rows.find((row) => row.bucket === null && row.key === null);
  if (!total) throw new Error("the sum of all costs is missing");
  const { cost: total_cost, cost_usd: total_cost_usd, ...totals } = toUsage(total);
  const monthToDate = Number(total.month_cost);
  const data: Costs = {
    ...periodFields(period),
    granularity,
    group_by,
    total_cost,
    total_cost_usd,
    total_requests: totals.requests,
    total_input_tokens: totals.input_tokens,
    total_output_tokens: totals.output_tokens,
    previous: {
      start_date: before.start.toISOString(),
      end_date: before.end.toISOString(),
      total_cost: Number(total.previous_cost),
      total_cost_usd: total.previous_cost,
      total_requests: total.previous_requests,
    },
    history: toHistory(rows, points, granularity),
    groups: rows.flatMap((row) => (row.bucket === null && row.key !== null ? [{ key: row.key, ...toUsage(row) }] : [])),
    forecast: include_forecast
      ? {
          end_of_month_cost: forecastMonth(monthToDate, now),
          month: now.toISOString().slice(0, 7),
          month_to_date_cost: monthToDate,
          method: "run_rate",
        }
      : null,
  };
  return success(c, "Costs retrieved successfully", { data });
});

async function exportCsv(c: AppContext, request: Parameters<typeof listCosts>[1]): Promise<Response> {
  const { granularity, groupBy } = request;
  const rows = await listCosts(c.env, request, MAX_COST_ROWS + 1);
  if (rows.length > MAX_COST_ROWS) throw tooFine(`gives more than ${MAX_COST_ROWS} rows in this period`);
  const header = ["date_utc", groupBy, "cost_usd", "requests", "input_tokens", "output_tokens"];
  const records = rows.map(({ bucket, key, cost, requests, input_tokens, output_tokens }) =>
    csvRecord([dateOf(bucket, granularity), key || "not reported", cost, requests, input_tokens, output_tokens]),
  );
  const extent = { given: rows.length, total: rows.length };
  const file = [csvHead(header), ...records, csvEnd(header.length, extent)].join("");
  return csvAnswer(c, `costs-${request.start.toISOString().slice(0, 10)}`, extent, file);
}

/** See the description of `system_health`. */
function healthOf({ watched, well, degraded }: { watched: number; well: number; degraded: number }): number {
  return watched === 0 ? 100 : Math.round((1000 * (well + degraded / 2)) / watched) / 10;
}

function toHistory(rows: CostRow[], points: number[], granularity: Granularity): Costs["history"] {
  const byPoint = Map.groupBy(rows, (row) => row.bucket);
  return points.map((at) => {
    const own = byPoint.get(at) ?? [];
    const sum = own.find((row) => row.key === null);
    return {
      date: dateOf(at, granularity),
      ...toUsage(sum ?? NOTHING),
      groups: own.flatMap((row) => {
        if (row.key === null) return [];
        const { cost, cost_usd, requests } = toUsage(row);
        return [{ key: row.key, cost, cost_usd, requests }];
      }),
    };
  });
}

function dateOf(at: number, granularity: Granularity): string {
  const start = new Date(at).toISOString();
  return granularity === "hour" ? start : start.slice(0, 10);
}

const NOTHING = { cost: "0.00000000", requests: 0, input_tokens: 0, output_tokens: 0 };

function toUsage({ cost, requests, input_tokens, output_tokens }: typeof NOTHING) {
  return { cost: Number(cost), cost_usd: cost, requests, input_tokens, output_tokens };
}

/** null means all. */
function intersect(visible: string[] | null, asked: string[] | null): string[] | null {
  if (visible === null || asked === null) return visible ?? asked;
  return asked.filter((id) => visible.includes(id));
}
