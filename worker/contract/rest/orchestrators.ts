import { z } from "zod";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
import { presenceShape, status } from "../presence.ts";
import { ID_PATTERN } from "../values/ids.ts";
import { MAX_HEARTBEAT_IDS, MAX_LIMIT } from "../values/limits.ts";
import {
  cappedLimit,
  extentView,
  limitView,
  maybeMoment,
  moment,
  nextCursor,
  pageQuery,
  searchText,
  timelineCursorQuery,
  wholeNumber,
} from "./common.ts";

export const orchestratorParams = z.object({ orchestrator_id: orchestratorId });

export const orchestratorQuery = z.object({
  ...pageQuery,
  status: status.optional().meta({ description: "Only orchestrators of this status" }),
  organization_id: organizationId.optional().meta({ description: "Only orchestrators of this organization" }),
  q: searchText.meta({ description: "Part of the id or the name" }),
});

export const internalOrchestratorQuery = orchestratorQuery.extend({
  page_size: wholeNumber(1, MAX_LIMIT, MAX_LIMIT, "Entries on a page"),
});

const REPORTED = "The orchestrator's own value; it does not change a value that somebody has set";

/** Secrets are never returned, only whether they are set, and the names of the variables. */
export const orchestrator = z
  .object({
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    organization_name: z.string().nullable(),
    name: z.string().nullable().meta({ description: "The value that somebody has set, else the reported one" }),
    location: z.string().nullable(),
    reported_name: z.string().nullable().meta({ description: REPORTED }),
    reported_location: z.string().nullable().meta({ description: REPORTED }),
    ...presenceShape,
    monitoring_enabled: z.boolean(),
    features: jsonObject,
    metadata: jsonObject,
    session_config: jsonObject,
    internal_url: z.string().nullable(),
    phoenix_endpoint: z.string().nullable(),
    website: z.string().nullable(),
    container_id: z.string().nullable(),
    image_name: z.string().nullable(),
    admin_email: z.string().nullable(),
    support_email: z.string().nullable(),
    database_url_set: z.boolean(),
    redis_url_set: z.boolean(),
    environment_variable_names: z.array(z.string()),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Orchestrator", description: "A registered orchestrator and its presence" });

const beats = z.object({
  minutes: z
    .array(
      z.object({
        minute: moment,
        processed: z.int(),
        ignored: z.int().meta({
          description: "Arrived while the orchestrator was independent: acknowledged and not recorded",
        }),
      }),
    )
    .meta({ description: "The minutes of the last hour that had a heartbeat, oldest first" }),
  recent: z.array(z.object({ timestamp: moment, ignored: z.boolean() })).meta({ description: "The last 20" }),
});
const interval = z.int().meta({ description: "Suggested seconds between two heartbeats" });

export const orchestratorDetail = orchestrator
  .extend({
    connected_at: maybeMoment,
    session: z
      .object({
        epoch: z.int().meta({ description: "Rises with every session of this orchestrator" }),
        id: z.string(),
        opened_at: moment,
        dialect: z.enum(["handshake", "register"]),
      })
      .nullable(),
    metrics: jsonObject.nullable().meta({ description: "As reported with the last heartbeat" }),
    dropped: z
      .object({
        count: z.int().meta({ description: "Values, in all" }),
        fields: z.array(z.string()).meta({ description: "The first eight fields with such values" }),
        reason: z.string().meta({ description: "Of the last one" }),
        last_at: moment,
      })
      .nullable()
      .meta({
        description: "Values of its open or last session that could not be used. Null: none",
      }),
    clock_offset_ms: z.int().nullable().meta({
      description:
        "By how many milliseconds its clock is ahead of the controller's, by its last frame with a `timestamp`; negative when it is behind, null without such a frame. Nothing else depends on its clock",
    }),
    config_snapshot: z
      .object({ received_at: moment, data: jsonObject })
      .nullable()
      .meta({ description: "The configuration of its last `o_config_snapshot`; secrets are masked" }),
    config_difference: z
      .array(
        z.object({
          path: z.string().meta({ example: "features.cache.enabled" }),
          published: z.unknown().optional(),
          reported: z.unknown().optional(),
        }),
      )
      .meta({
        description:
          "At most 50 differences between its reports and the published configuration, since that was sent; the side without a value is absent. A feature that was never published is no difference. Secrets are masked",
      }),
    config_reported_at: maybeMoment.meta({
      description: "When the compared values were reported; null: not since the configuration was sent",
    }),
    beats,
    heartbeat_interval_sec: interval,
    registered_at: moment.meta({ description: "When its object was created" }),
  })
  .meta({ id: "OrchestratorDetail", description: "One orchestrator, exact to the last heartbeat" });

export const heartbeatQuery = z.object({
  ids: z
    .string()
    .transform((list) => [...new Set(list.split(",").map((id) => id.trim()))])
    .refine((ids) => ids.length <= MAX_HEARTBEAT_IDS, `must not be more than ${MAX_HEARTBEAT_IDS} ids`)
    .refine((ids) => ids.every((id) => ID_PATTERN.test(id)), "must be orchestrator ids, separated by commas")
    .meta({ description: `At most ${MAX_HEARTBEAT_IDS} orchestrator ids, separated by commas` }),
});

export const heartbeats = z
  .object({
    heartbeat_interval_sec: interval,
    heartbeat_ttl_sec: z
      .int()
      .meta({ description: "Seconds without a frame or heartbeat after which an orchestrator is inactive" }),
    orchestrators: z.array(
      beats.extend({
        orchestrator_id: orchestratorId,
        organization_id: organizationId,
        status,
        connected: z.boolean(),
        connected_at: maybeMoment,
        is_independent: z.boolean(),
        registered_at: moment.meta({ description: "When its object was created" }),
        last_seen: maybeMoment,
      }),
    ),
  })
  .meta({ id: "Heartbeats", description: "Sorted by id, without unknown and invisible ones" });

export const liveOrchestrator = z
  .object({
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    name: z.string(),
    location: z.string().nullable(),
    reported_name: z.string().nullable().meta({ description: REPORTED }),
    reported_location: z.string().nullable().meta({ description: REPORTED }),
    ...presenceShape,
    status: z.literal("connected"),
    connected: z.literal(true),
    connected_at: maybeMoment,
    features: jsonObject,
    metadata: jsonObject.meta({ description: "version, hostname, features and any other reported field" }),
  })
  .meta({ id: "LiveOrchestrator", description: "An orchestrator with an open WebSocket" });

export const liveOrchestrators = z.object({
  orchestrators: z.record(orchestratorId, liveOrchestrator).meta({ description: "By orchestrator id" }),
  total_count: z.int(),
});

export const liveInstances = z.object({
  orchestrator_instances: z.record(orchestratorId, liveOrchestrator).meta({ description: "By orchestrator id" }),
  total_count: z.int(),
});

export const internalOrchestrator = z
  .object({
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    name: orchestrator.shape.name,
    ...presenceShape,
    internal_url: z.string().nullable(),
    registered_at: moment,
  })
  .meta({ id: "RegisteredOrchestrator", description: "A registered orchestrator in short" });

export const activityQuery = z.object({
  limit: cappedLimit(MAX_LIMIT, 100, "Newest entries to return"),
  ...timelineCursorQuery,
});

export const activity = z
  .object({
    timestamp: moment,
    type: z.string().meta({ example: "keepalive" }),
    data: jsonObject,
    count: z.int().meta({ description: "How many it stands for; more than 1 for repeats, of which it is the last" }),
    first_at: moment.meta({ description: "When the first of them happened" }),
  })
  .meta({ id: "Activity", description: "An event of one orchestrator" });

export const orchestratorActivity = z.object({
  orchestrator_id: z.string(),
  items: z.array(activity),
  total: z.int().meta({ description: "The number of stored entries" }),
  ...limitView,
  ...extentView,
  next_cursor: nextCursor,
});

export type Heartbeats = z.infer<typeof heartbeats>;
export type Orchestrator = z.infer<typeof orchestrator>;
export type OrchestratorDetailView = z.infer<typeof orchestratorDetail>;
export type LiveOrchestrator = z.infer<typeof liveOrchestrator>;
export type OrchestratorQuery = z.infer<typeof orchestratorQuery>;
export type RegisteredOrchestrator = z.infer<typeof internalOrchestrator>;
