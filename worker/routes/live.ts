import { z } from "@hono/zod-openapi";
import { envelope, maybeMoment, outcome } from "../contract/rest/common.ts";
import {
  liveInstances,
  liveOrchestrator,
  liveOrchestrators,
  orchestratorParams,
} from "../contract/rest/orchestrators.ts";
import { notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute } from "./define.ts";
import { liveMembers } from "./fleet-reads.ts";
import { toLive } from "./presence-overlay.ts";
import { success } from "./success.ts";

const LIVE = {
  method: "get",
  tag: "Orchestrators",
  description: "Every open WebSocket, including independent orchestrators. Works without the database.",
  permission: "orchestrator.read",
} as const;

const list = defineRoute({
  ...LIVE,
  path: "/api/v1/controller/orchestrators/live",
  summary: "Connected orchestrators",
  description: `${LIVE.description} With an orchestrator id as a further path segment, only that one is returned.`,
  response: envelope(liveOrchestrators),
});

const listInstances = defineRoute({
  ...LIVE,
  path: "/api/v1/controller/orchestrator-instances/live",
  summary: "Connected orchestrator instances",
  response: envelope(liveInstances),
});

const listInternal = defineRoute({
  ...LIVE,
  path: "/api/v1/internal/orchestrators/live",
  summary: "Connected orchestrators in short",
  response: z.object({
    ...outcome,
    items: z.array(z.object({ orchestrator_id: z.string(), last_seen: maybeMoment, status: z.literal("connected") })),
    count: z.int(),
    live_ids: z.array(z.string()),
  }),
});

const one = defineRoute({
  ...LIVE,
  path: "/api/v1/controller/orchestrators/live/{orchestrator_id}",
  summary: "One connected orchestrator",
  // The document would be ambiguous with `/orchestrators/{orchestrator_id}/activity`, which linters refuse.
  hide: true,
  request: { params: orchestratorParams },
  response: envelope(liveOrchestrator),
  errors: ["not_found"],
});

export const live = createRouter();

live.openapi(list, async (c) => {
  const members = (await liveMembers(c.env, c.get("actor"))).map(toLive);
  const orchestrators = Object.fromEntries(members.map((member) => [member.orchestrator_id, member]));
  const data = { orchestrators, total_count: members.length };
  return success(c, "Live orchestrators retrieved successfully", { data });
});

live.openapi(listInstances, async (c) => {
  const members = (await liveMembers(c.env, c.get("actor"))).map(toLive);
  const instances = Object.fromEntries(members.map((member) => [member.orchestrator_id, member]));
  const data = { orchestrator_instances: instances, total_count: members.length };
  return success(c, "Live orchestrator instances retrieved successfully", { data });
});

live.openapi(listInternal, async (c) => {
  const items = (await liveMembers(c.env, c.get("actor")))
    .map(toLive)
    .map(({ orchestrator_id, last_seen, status }) => ({ orchestrator_id, last_seen, status }));
  return success(c, "Live orchestrators retrieved successfully", {
    items,
    count: items.length,
    live_ids: items.map((item) => item.orchestrator_id),
  });
});

live.openapi(one, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const member = (await liveMembers(c.env, c.get("actor"))).find(({ view }) => view.orchestratorId === id);
  if (!member) throw notFound(`Connected orchestrator ${id}`);
  return success(c, "Live orchestrator retrieved successfully", { data: toLive(member) });
});
