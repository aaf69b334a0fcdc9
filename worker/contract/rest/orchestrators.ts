import { z } from "zod";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
import { configState, healthStatus, status } from "../presence.ts";
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

const silent = z.boolean().meta({
  description: "Connected, but nothing came for a TTL: what is sent may reach nobody. After another TTL it is closed",
});
const contested = z.boolean().meta({
  description: "Two live machines use this id: what is shown may be of either, and one of them is refused",
});
const presenceVersion = z.array(z.int()).length(3).nullable().meta({
  description:
    "Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open",
});
const REPORTED = "What the orchestrator itself says; it does not change what somebody has set";

/** Secrets never leave: only that they are set, and the names of the variables. */
export const orchestrator = z
  .object({
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    organization_name: z.string().nullable(),
    name: z
      .string()
      .nullable()
      .meta({ description: "As somebody has set it; otherwise as the orchestrator reports it" }),
    location: z.string().nullable(),
    reported_name: z.string().nullable().meta({ description: REPORTED }),
    reported_location: z.string().nullable().meta({ description: REPORTED }),
    status,
    connected: z.boolean().meta({ description: "A WebSocket is open" }),
    silent,
    contested,
    health_status: healthStatus,
    is_independent: z.boolean(),
    privacy_mode: z.boolean(),
    monitoring_enabled: z.boolean(),
    config_revision: z.int().meta({ description: "The revision that `config_state` is about" }),
    config_state: configState,
    config_error: z.string().nullable(),
    config_since: maybeMoment.meta({ description: "Since when it has been in `config_state`; null: not known" }),
    config_running_revision: z
      .int()
      .nullable()
      .meta({ description: "The revision that it last said it had applied; null: it has not said" }),
    last_seen: maybeMoment.meta({ description: "Last heartbeat that counted" }),
    last_activity: maybeMoment.meta({ description: "Last frame other than a heartbeat" }),
    presence_version: presenceVersion,
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
        ignored: z.int().meta({ description: "Came while it was independent: acknowledged, and nothing recorded" }),
      }),
    )
    .meta({ description: "The minutes of the last hour that had a heartbeat, oldest first" }),
  recent: z.array(z.object({ timestamp: moment, ignored: z.boolean() })).meta({ description: "The last 20" }),
});
const interval = z.int().meta({ description: "Seconds between two heartbeats, as the controller suggests it" });

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
        fields: z.array(z.string()).meta({ description: "The first eight fields that they stood in" }),
        reason: z.string().meta({ description: "Of the last one" }),
        last_at: moment,
      })
      .nullable()
      .meta({
        description: "What it said in its open session, or in the last one, and could not be used. Null: nothing",
      }),
    clock_offset_ms: z.int().nullable().meta({
      description:
        "By how many milliseconds its clock is ahead of the controller's, as its last frame with a `timestamp` said; negative when it is behind, null when it never told. Nothing but this depends on its clock",
    }),
    config_snapshot: z
      .object({ received_at: moment, data: jsonObject })
      .nullable()
      .meta({ description: "The configuration it runs, as its last `o_config_snapshot` said; secrets are masked" }),
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
          "Where what it has reported since it was told the published configuration differs from that, at most 50; the side that has nothing there is absent. What was never published is its own and no difference. Secrets are masked",
      }),
    config_reported_at: maybeMoment.meta({
      description: "When it reported what is compared; null: it has reported nothing since it was told",
    }),
    beats,
    heartbeat_interval_sec: interval,
    registered_at: moment.meta({ description: "Since when its object knows it" }),
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
    heartbeat_ttl_sec: z.int().meta({ description: "After so many seconds without a sign of life one is inactive" }),
    orchestrators: z.array(
      beats.extend({
        orchestrator_id: orchestratorId,
        organization_id: organizationId,
        status,
        connected: z.boolean(),
        connected_at: maybeMoment,
        is_independent: z.boolean(),
        registered_at: moment.meta({ description: "Since when its object knows it" }),
        last_seen: maybeMoment,
      }),
    ),
  })
  .meta({ id: "Heartbeats", description: "By id; who is unknown or not visible is left out" });

export const liveOrchestrator = z
  .object({
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    name: z.string(),
    location: z.string().nullable(),
    reported_name: z.string().nullable().meta({ description: REPORTED }),
    reported_location: z.string().nullable().meta({ description: REPORTED }),
    status: z.literal("connected"),
    connected: z.literal(true),
    silent,
    contested,
    connected_at: maybeMoment,
    last_seen: maybeMoment,
    health_status: healthStatus,
    is_independent: z.boolean(),
    privacy_mode: z.boolean(),
    features: jsonObject,
    metadata: jsonObject.meta({ description: "version, hostname, features and whatever else it reports" }),
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

export const internalOrchestrator = orchestrator
  .pick({
    orchestrator_id: true,
    organization_id: true,
    name: true,
    status: true,
    connected: true,
    silent: true,
    contested: true,
    health_status: true,
    is_independent: true,
    privacy_mode: true,
    config_revision: true,
    config_state: true,
    config_error: true,
    config_since: true,
    config_running_revision: true,
    last_seen: true,
    presence_version: true,
    internal_url: true,
  })
  .extend({ registered_at: moment })
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
    count: z.int().meta({ description: "How many it stands for: the last of them, when it repeats over and over" }),
    first_at: moment.meta({ description: "When the first of them happened" }),
  })
  .meta({ id: "Activity", description: "Something that happened to one orchestrator" });

export const orchestratorActivity = z.object({
  orchestrator_id: z.string(),
  items: z.array(activity),
  total: z.int().meta({ description: "Entries that are kept, given or not" }),
  ...limitView,
  ...extentView,
  next_cursor: nextCursor,
});

export type Heartbeats = z.infer<typeof heartbeats>;
export type Orchestrator = z.infer<typeof orchestrator>;
export type OrchestratorDetailView = z.infer<typeof orchestratorDetail>;
export type LiveOrchestrator = z.infer<typeof liveOrchestrator>;
export type OrchestratorQuery = z.infer<typeof orchestratorQuery>;
