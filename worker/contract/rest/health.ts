import { z } from "zod";
import { moment, outcome } from "./common.ts";

export const serviceHealth = z
  .object({
    status: z.enum(["healthy", "degraded"]),
    service: z.literal("controller"),
    version: z.string(),
    build: z.enum(["production", "development"]).meta({ description: "Which of the two builds runs" }),
    components: z.object({
      database: z.enum(["connected", "disconnected"]),
      configuration: z.enum(["ok", "error"]),
    }),
    scheduled_at: moment.nullable().meta({
      description: "When all of the scheduled work last succeeded, at most 10 s old; null: not yet, or not known",
    }),
    timestamp: moment,
  })
  .meta({ id: "ServiceHealth", description: "Health for load balancers" });

export const controllerHealth = z
  .object({
    status: z.enum(["up", "degraded"]),
    service: z.literal("controller"),
    version: z.string(),
    database: z.enum(["up", "down"]),
    dependencies: z.object({ database: z.enum(["present", "down"]), config: z.literal("healthy") }),
    timestamp: moment,
  })
  .meta({ id: "ControllerHealth", description: "Health of the controller and its database" });

export const socketHealth = z
  .object({
    ...outcome,
    status: z.literal("healthy"),
    ws: z.object({
      status: z.enum(["ok", "down"]).meta({ description: "down: no orchestrator is connected" }),
      active_connections: z.int(),
    }),
    timestamp: moment,
  })
  .meta({ id: "SocketHealth", description: "How many orchestrators are connected" });
