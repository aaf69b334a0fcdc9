import { maySee } from "../contract/actor.ts";
import { controllerHealth, serviceHealth, socketHealth } from "../contract/rest/health.ts";
import { isDatabaseUp } from "../db/health.ts";
import { allShards } from "../fleet/shard.ts";
import { lastScheduled } from "../jobs/last-run.ts";
import { knownProblems } from "../platform/configured.ts";
import { BUILD } from "../platform/settings.ts";
import { createRouter, defineRoute } from "./define.ts";
import { success } from "./success.ts";
import { VERSION } from "./version.ts";

const service = defineRoute({
  method: "get",
  path: "/health",
  tag: "Health",
  summary: "Health for load balancers",
  description: "Always 200 while the controller answers at all; the state of the database is at most 5 s old.",
  permission: "health.probe",
  response: serviceHealth,
});

const controller = defineRoute({
  method: "get",
  path: "/api/v1/controller/health",
  tag: "Health",
  summary: "Health of the controller and its database",
  description: "200 also while the database is down: see `database`.",
  permission: "health.read",
  response: controllerHealth,
});

const sockets = defineRoute({
  method: "get",
  path: "/api/v1/internal/health",
  tag: "Health",
  summary: "How many orchestrators are connected",
  permission: "health.count",
  response: socketHealth,
});

export const health = createRouter();

health.openapi(service, async (c) => {
  const configured = knownProblems(c.env).length === 0;
  const up = configured && (await isDatabaseUp(c.env));
  const scheduledAt = configured ? await lastScheduled(c.env) : null;
  return c.json(
    {
      status: up ? ("healthy" as const) : ("degraded" as const),
      service: "controller" as const,
      version: VERSION,
      build: BUILD,
      components: {
        database: up ? ("connected" as const) : ("disconnected" as const),
        configuration: configured ? ("ok" as const) : ("error" as const),
      },
      scheduled_at: scheduledAt === null ? null : new Date(scheduledAt).toISOString(),
      timestamp: new Date().toISOString(),
    },
    200,
  );
});

health.openapi(controller, async (c) => {
  const up = await isDatabaseUp(c.env);
  return c.json(
    {
      status: up ? ("up" as const) : ("degraded" as const),
      service: "controller" as const,
      version: VERSION,
      database: up ? ("up" as const) : ("down" as const),
      dependencies: { database: up ? ("present" as const) : ("down" as const), config: "healthy" as const },
      timestamp: new Date().toISOString(),
    },
    200,
  );
});

health.openapi(sockets, async (c) => {
  const actor = c.get("actor");
  const members = (await Promise.all(allShards(c.env).map((shard) => shard.live()))).flat();
  const active = members.filter(({ view }) => maySee(actor, view)).length;
  return success(c, "Controller is healthy", {
    status: "healthy" as const,
    ws: { status: active > 0 ? ("ok" as const) : ("down" as const), active_connections: active },
    timestamp: new Date().toISOString(),
  });
});
