import { z } from "@hono/zod-openapi";
import type { ActivityEntry } from "../contract/orchestrator.ts";
import { envelope, extentView, nextCursor, outcome, pageOf, toLimitView, toPage } from "../contract/rest/common.ts";
import {
  activityQuery,
  internalOrchestrator,
  internalOrchestratorQuery,
  orchestrator,
  orchestratorActivity,
  orchestratorDetail,
  orchestratorParams,
  orchestratorQuery,
} from "../contract/rest/orchestrators.ts";
import { placeOf } from "../contract/timeline.ts";
import { findInstance } from "../db/instances.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { notFound } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { heartbeatIntervalSec, settingsOf } from "../platform/settings.ts";
import { TimelineWalk } from "../platform/timeline.ts";
import { createRouter, defineRoute } from "./define.ts";
import { listOrchestrators } from "./fleet-reads.ts";
import { describeOrThrow } from "./orchestrator-calls.ts";
import { rowToBe, toOrchestrator, toOrchestratorDetail, toRegistered } from "./presence-overlay.ts";
import { success } from "./success.ts";

const LIST = {
  method: "get",
  tag: "Orchestrators",
  description: "Newest first. Filters use the state in Postgres; the returned presence is the newest.",
  permission: "orchestrator.read",
  errors: ["database_unavailable"],
} as const;

const DETAIL = {
  method: "get",
  tag: "Orchestrators",
  permission: "orchestrator.read",
  request: { params: orchestratorParams },
  response: envelope(orchestratorDetail),
  errors: ["not_found", "database_unavailable"],
} as const;

const list = defineRoute({
  ...LIST,
  path: "/api/v1/controller/orchestrators",
  summary: "List orchestrators",
  request: { query: orchestratorQuery },
  response: envelope(pageOf(orchestrator)),
});

const listInstances = defineRoute({
  ...LIST,
  path: "/api/v1/controller/orchestrator-instances",
  summary: "List orchestrator instances",
  request: { query: orchestratorQuery },
  response: envelope(pageOf(orchestrator)),
});

const listInternal = defineRoute({
  ...LIST,
  path: "/api/v1/internal/orchestrators",
  summary: "List orchestrators in short",
  request: { query: internalOrchestratorQuery },
  response: z.object({
    ...outcome,
    orchestrators: z.array(internalOrchestrator),
    total_count: z.int(),
    next_cursor: nextCursor,
    ...extentView,
    filters: z.object({ organization_id: z.string().nullable(), status: z.string().nullable() }),
  }),
});

const detail = defineRoute({
  ...DETAIL,
  path: "/api/v1/controller/orchestrators/{orchestrator_id}",
  summary: "One orchestrator",
});

const instanceDetail = defineRoute({
  ...DETAIL,
  path: "/api/v1/controller/orchestrator-instances/{orchestrator_id}",
  summary: "One orchestrator instance",
});

const listActivity = defineRoute({
  method: "get",
  path: "/api/v1/controller/orchestrators/{orchestrator_id}/activity",
  tag: "Orchestrators",
  summary: "Activity of an orchestrator",
  description: "The newest entries of its activity, including every heartbeat that it still holds.",
  permission: "orchestrator.read",
  request: { params: orchestratorParams, query: activityQuery },
  response: envelope(orchestratorActivity),
  errors: ["not_found", "database_unavailable"],
});

export const orchestrators = createRouter();

orchestrators.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const { items, total, nextCursor: next } = await listOrchestrators(c.env, c.get("actor"), query, toOrchestrator);
  const data = toPage(items, total, query, next);
  return success(c, "Orchestrators retrieved successfully", { data });
});

orchestrators.openapi(listInstances, async (c) => {
  const query = c.req.valid("query");
  const { items, total, nextCursor: next } = await listOrchestrators(c.env, c.get("actor"), query, toOrchestrator);
  const data = toPage(items, total, query, next);
  return success(c, "Orchestrator instances retrieved successfully", { data });
});

orchestrators.openapi(listInternal, async (c) => {
  const query = c.req.valid("query");
  const { items, total, nextCursor: next } = await listOrchestrators(c.env, c.get("actor"), query, toRegistered);
  return success(c, "Orchestrators retrieved successfully", {
    orchestrators: items,
    total_count: total,
    next_cursor: next,
    returned: items.length,
    truncated: items.length < total,
    filters: { organization_id: query.organization_id ?? null, status: query.status ?? null },
  });
});

orchestrators.openapi(detail, async (c) => {
  const data = await readDetail(c, c.req.valid("param").orchestrator_id);
  return success(c, "Orchestrator retrieved successfully", { data });
});

orchestrators.openapi(instanceDetail, async (c) => {
  const data = await readDetail(c, c.req.valid("param").orchestrator_id);
  return success(c, "Orchestrator instance retrieved successfully", { data });
});

orchestrators.openapi(listActivity, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const query = c.req.valid("query");
  const { limit } = query;
  const { activityCount } = await describeOrThrow(c, id, { withActivityCount: true });
  const walk = new TimelineWalk<ActivityEntry>("orchestrator activity", { ...query, orchestrator_id: id }, placeOf);
  // One more than are returned, which shows whether there are more.
  const entries = await orchestratorOf(c.env, id).activity(limit.value + 1, walk.before(0));
  if (!entries) throw notFound(`Orchestrator ${id}`);
  const { items: given, nextCursor } = walk.take([entries], limit.value);
  const items = given.map(({ at, type, data, count = 1, firstAt = at }) => ({
    ...{ timestamp: new Date(at).toISOString(), type, data, count },
    first_at: new Date(firstAt).toISOString(),
  }));
  // Counted before the entries are read, and more may have been added in between.
  const total = Math.max(activityCount ?? 0, items.length);
  const extent = {
    returned: items.length,
    truncated: items.length < total || nextCursor !== null,
    next_cursor: nextCursor,
  };
  const data = { orchestrator_id: id, items, total, ...toLimitView(limit), ...extent };
  return success(c, "Activity retrieved successfully", { data });
});

/** The row is read first, so that the state of the Durable Object is never older. */
async function readDetail(c: AppContext, id: string) {
  const row = await findInstance(c.env, c.get("actor"), id);
  const known = await describeOrThrow(c, id, { withSnapshot: true });
  return {
    ...toOrchestratorDetail(row ?? rowToBe(known), known),
    heartbeat_interval_sec: heartbeatIntervalSec(settingsOf(c.env).ttlMs),
  };
}
