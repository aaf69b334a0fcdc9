import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type CostGroup, type Granularity, TOP_GROUPS } from "../contract/rest/statistics.ts";
import { withDatabase } from "./client.ts";
import { usageHourly as usage } from "./schema.ts";

/** Sums of one point, of one group, of a group within a point, or of everything. A null column was summed over. */
const rows = z.array(
  z.object({
    bucket: z.coerce.number().nullable(),
    key: z.string().nullable(),
    cost: z.string(),
    requests: z.coerce.number(),
    input_tokens: z.coerce.number(),
    output_tokens: z.coerce.number(),
    month_cost: z.string(),
    previous_cost: z.string(),
    previous_requests: z.coerce.number(),
  }),
);
const cells = z.array(
  z.object({
    bucket: z.coerce.number(),
    key: z.string(),
    cost: z.string(),
    requests: z.coerce.number(),
    input_tokens: z.coerce.number(),
    output_tokens: z.coerce.number(),
  }),
);

export type CostRow = z.infer<typeof rows>[number];

interface CostRequest {
  start: Date;
  end: Date;
  /** The start of the period that this one is compared with. */
  before: Date;
  /** The running month, for the forecast. */
  monthStart: Date;
  now: Date;
  granularity: Granularity;
  groupBy: CostGroup;
  /** null: all. */
  organizations: string[] | null;
}

const COLUMNS = {
  organization: usage.organizationId,
  orchestrator: usage.orchestratorId,
  model: usage.model,
  provider: usage.provider,
} as const;

/** Every sum in one statement, as `numeric`; dollars arrive as text, so that no digit is lost. */
export async function sumCosts(env: Env, request: CostRequest): Promise<CostRow[]> {
  const { start, end, before, monthStart, now, granularity, groupBy } = request;
  const visible = within(request.organizations);
  const previous = sql`FROM ${usage} WHERE ${usage.hour} >= ${iso(before)} AND ${usage.hour} < ${iso(start)} AND ${visible}`;
  const statement = sql`
    WITH base AS (
      SELECT date_trunc(${granularity}::text, ${usage.hour}, 'UTC') AS bucket, ${COLUMNS[groupBy]} AS key,
             cost_usd, requests, input_tokens, output_tokens
      FROM ${usage}
      WHERE ${usage.hour} >= ${iso(start)} AND ${usage.hour} < ${iso(end)} AND ${visible}),
    top AS (SELECT key FROM base GROUP BY key ORDER BY sum(cost_usd) DESC, key LIMIT ${TOP_GROUPS}::int)
    SELECT (extract(epoch FROM bucket) * 1000)::bigint::text AS bucket, key,
           coalesce(sum(cost_usd), 0)::numeric(28, 8)::text AS cost, coalesce(sum(requests), 0)::text AS requests,
           coalesce(sum(input_tokens), 0)::text AS input_tokens, coalesce(sum(output_tokens), 0)::text AS output_tokens,
           (SELECT coalesce(sum(${usage.costUsd}), 0)::text FROM ${usage}
            WHERE ${usage.hour} >= ${iso(monthStart)} AND ${usage.hour} <= ${iso(now)} AND ${visible}) AS month_cost,
           (SELECT coalesce(sum(${usage.costUsd}), 0)::numeric(28, 8)::text ${previous}) AS previous_cost,
           (SELECT coalesce(sum(${usage.requests}), 0)::text ${previous}) AS previous_requests
    FROM base
    GROUP BY GROUPING SETS ((), (bucket), (key), (bucket, key))
    HAVING grouping(bucket) = 1 OR grouping(key) = 1 OR key IN (SELECT key FROM top)
    ORDER BY sum(cost_usd) DESC NULLS LAST, key, bucket`;
  const result = await withDatabase(env, (db) => db.execute(statement));
  return rows.parse(result.rows);
}

/** What each group cost at each point, by point and group. */
export async function listCosts(env: Env, request: Omit<CostRequest, "before" | "monthStart" | "now">, limit: number) {
  const { start, end, granularity, groupBy, organizations } = request;
  const statement = sql`
    SELECT (extract(epoch FROM bucket) * 1000)::bigint::text AS bucket, key, sum(cost_usd)::numeric(28, 8)::text AS cost,
           sum(requests)::text AS requests, sum(input_tokens)::text AS input_tokens, sum(output_tokens)::text AS output_tokens
    FROM (SELECT date_trunc(${granularity}::text, ${usage.hour}, 'UTC') AS bucket, ${COLUMNS[groupBy]} AS key,
                 cost_usd, requests, input_tokens, output_tokens
          FROM ${usage}
          WHERE ${usage.hour} >= ${iso(start)} AND ${usage.hour} < ${iso(end)} AND ${within(organizations)}) AS base
    GROUP BY bucket, key
    ORDER BY base.bucket, base.key
    LIMIT ${limit}::int`;
  const result = await withDatabase(env, (db) => db.execute(statement));
  return cells.parse(result.rows);
}

export function within(organizations: string[] | null): SQL {
  if (organizations === null) return sql`true`;
  return sql`${usage.organizationId} IN (SELECT jsonb_array_elements_text(${JSON.stringify(organizations)}::jsonb))`;
}

export function iso(date: Date): SQL {
  return sql`${date.toISOString()}::timestamptz`;
}
