import { z } from "zod";
import { ID_PATTERN } from "../values/ids.ts";
import { COST_GROUPS, GRANULARITIES } from "../values/lists.ts";
import { flag, moment } from "./common.ts";
import { fromDate, toDate } from "./dates.ts";

/** The number of groups shown in each point of the history, the most expensive first. */
export const TOP_GROUPS = 20;
/** A CSV export with more rows is refused: a coarser granularity or a shorter period has fewer. */
export const MAX_COST_ROWS = 50_000;

const period = {
  start_date: fromDate
    .optional()
    .meta({ description: "From this date or moment, UTC; 30 days before the end when absent" }),
  end_date: toDate
    .optional()
    .meta({ description: "Until the end of this date, or before this moment, UTC; now when absent" }),
};

export const overviewQuery = z.object({
  ...period,
  refresh: z.enum(["true", "false"]).optional().meta({ description: "Ignored: every answer is fresh" }),
});

export const costQuery = z.object({
  ...period,
  granularity: z.enum(GRANULARITIES).default("day").meta({ description: "Weeks begin on Monday" }),
  group_by: z
    .enum(COST_GROUPS)
    .default("organization")
    .meta({ description: "Usage reports contain no department, so grouping by it is not possible" }),
  organization_ids: z
    .string()
    .transform((list) => list.split(",").flatMap((id) => id.trim() || []))
    .refine(
      (ids) => ids.length <= 100 && ids.every((id) => ID_PATTERN.test(id)),
      "must be at most 100 organization ids",
    )
    .optional()
    .meta({ description: "Only these organizations, separated by commas" }),
  include_forecast: flag("Add the forecast to the end of the month"),
  format: z
    .enum(["json", "csv"])
    .default("json")
    .meta({
      description: `csv: a row for each point (date_utc) and group that cost something, at most ${MAX_COST_ROWS}`,
    }),
});

const shown = { period: z.object({ start: moment, end: moment }), start_date: moment, end_date: moment };
const exact = z.string().meta({ description: "US dollars, exact", example: "12.34500000" });
const cost = z.number().meta({ description: "US dollars" });

export const overview = z
  .object({
    ...shown,
    total_organizations: z.int(),
    active_organizations: z.int(),
    inactive_organizations: z.int(),
    independent_organizations: z.int(),
    total_orchestrators: z.int(),
    active_orchestrators: z.int(),
    inactive_orchestrators: z.int(),
    independent_orchestrators: z.int(),
    total_users: z.int().meta({ description: "Users who may log in" }),
    pending_messages: z.int().meta({ description: "Without independent orchestrators" }),
    total_cost: cost.meta({ description: "US dollars in the period" }),
    total_cost_usd: exact,
    total_requests: z.int().meta({ description: "Requests to models in the period" }),
    total_input_tokens: z.int(),
    total_output_tokens: z.int(),
    system_health: z.number().min(0).max(100).meta({
      description:
        "Percent of the orchestrators that are watched (not independent, connected at least once): active and healthy or of unknown health count 1, active and degraded ½, others 0. 100 when none is watched",
    }),
  })
  .meta({ id: "Overview", description: "Totals of everything the caller may see" });

const usage = { cost, cost_usd: exact, requests: z.int(), input_tokens: z.int(), output_tokens: z.int() };
const key = z.string().meta({
  description:
    "Organization or orchestrator id, model or provider; empty when it was not reported, which CSV says in words",
});

export const costPoint = z
  .object({
    date: z.string().meta({ description: "Start of the hour, or the first day, UTC", example: "2025-10-28" }),
    ...usage,
    groups: z.array(z.object({ key, cost, cost_usd: exact, requests: z.int() })),
  })
  .meta({
    id: "CostPoint",
    description: `One point of the history; groups: the ${TOP_GROUPS} that cost most in the period`,
  });

export const costs = z
  .object({
    ...shown,
    granularity: z.enum(GRANULARITIES),
    group_by: z.enum(COST_GROUPS),
    total_cost: cost,
    total_cost_usd: exact,
    total_requests: z.int(),
    total_input_tokens: z.int(),
    total_output_tokens: z.int(),
    previous: z
      .object({
        start_date: moment,
        end_date: moment,
        total_cost: cost,
        total_cost_usd: exact,
        total_requests: z.int(),
      })
      .meta({ description: "The period of the same length just before, to compare with" }),
    history: z.array(costPoint).meta({ description: "Without gaps, oldest first" }),
    groups: z.array(z.object({ key, ...usage })).meta({ description: "The most expensive first" }),
    forecast: z
      .object({
        end_of_month_cost: cost,
        month: z.string().meta({ example: "2025-10" }),
        month_to_date_cost: cost,
        method: z.literal("run_rate"),
      })
      .nullable()
      .meta({
        description:
          "Forecast of the running month (UTC) at its rate so far: cost to date × length of the month ÷ time elapsed (at least one hour)",
      }),
  })
  .meta({
    id: "Costs",
    description:
      "Costs from the usage that orchestrators reported, by hours (UTC) that begin in the period. A report is spread evenly over its window: each hour has its share by time, and adjoining periods add up to the whole",
  });

export type Overview = z.infer<typeof overview>;
export type Costs = z.infer<typeof costs>;
export type Granularity = (typeof GRANULARITIES)[number];
export type CostGroup = (typeof COST_GROUPS)[number];
