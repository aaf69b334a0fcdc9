import { z } from "zod";
import {
  coreId,
  coreWord,
  decorativeFlag,
  decorativeJson,
  decorativeMoment,
  decorativeObject,
  decorativeSeconds,
  decorativeText,
  decorativeWord,
  optionalOrDropped,
  repeatedId,
} from "./decoration.ts";
import { orchestratorId } from "./ids.ts";
import { type JsonValue, jsonObject, shortText } from "./json.ts";
import { decision, messageContent, messageId } from "./messages.ts";
import { healthStatus } from "./presence.ts";
import { usageReport } from "./usage.ts";
import { MAX_FRAME_BYTES, MAX_METRICS_BYTES, MAX_PROFILE_BYTES } from "./values/limits.ts";
import { HEALTH_STATUSES } from "./values/presence.ts";

export type FrameErrorCode =
  | "invalid_json"
  | "invalid_frame"
  | "handshake_required"
  | "unknown_type"
  | "rate_limited"
  | "quota_exceeded"
  | "deregistered"
  | "credential_ended"
  | "duplicate_identity"
  | "handshake_timeout"
  | "silent"
  | "frame_too_large"
  | "binary_frame"
  | "id_conflict"
  | "independent"
  | "monitoring_disabled"
  | "config_error"
  | "internal_error";

const line = () => decorativeText(shortText, 255);

const metadata = z
  .object({
    version: line(),
    hostname: line(),
    ip: line(),
    ssl_enabled: decorativeFlag(),
    name: line(),
    location: line(),
    features: decorativeJson(jsonObject, MAX_PROFILE_BYTES),
  })
  .catchall(z.unknown() as z.ZodType<JsonValue>);

/** The id that opens a session. Absent or empty: that of the address. */
const openingId = coreId(orchestratorId).optional();

const openingFields = {
  metadata: decorativeObject(metadata, MAX_PROFILE_BYTES).default({}),
  /** How often the session asks for a `controller_heartbeat`. Absent: never. */
  controller_heartbeat_sec: decorativeSeconds(5, 3600),
};

/** The time of sending by the sender's clock. Only compared with the controller's clock. */
const timestamp = { timestamp: decorativeMoment() };

const handshake = z.object({
  type: z.literal("handshake"),
  ...timestamp,
  data: decorativeObject(z.object({ orchestrator_id: openingId, ...openingFields })).default({ metadata: {} }),
});

const register = z.object({
  type: z.literal("register"),
  ...timestamp,
  orchestrator_id: openingId,
  ...openingFields,
});

const orchestratorIdFields = { orchestrator_id: repeatedId() };

/** The decoration of a heartbeat, in frames and over REST. */
export const beatDecoration = {
  ...timestamp,
  metrics: decorativeJson(jsonObject, MAX_METRICS_BYTES),
  health_status: decorativeWord(healthStatus, HEALTH_STATUSES, "unknown"),
  features: decorativeJson(jsonObject, MAX_PROFILE_BYTES),
};

const beatFields = { ...orchestratorIdFields, ...beatDecoration };

/** The id is core: it distinguishes a repeated message from a new one, so it is never cut or left out. */
const reportFields = {
  ...orchestratorIdFields,
  data: z.object({
    id: coreId(shortText).optional(),
    content: messageContent,
    metadata: decorativeJson(jsonObject, MAX_FRAME_BYTES).default({}),
  }),
};

/** Every frame an orchestrator may send, by `type`. Unknown fields are dropped. */
const inboundFrames = {
  handshake,
  register,
  i_am_alive: z.object({ type: z.literal("i_am_alive"), ...beatFields }),
  keepalive: z.object({ type: z.literal("keepalive"), ...beatFields }),
  request_status: z.object({ type: z.literal("request_status"), ...orchestratorIdFields }),
  update_metadata: z
    .object({
      type: z.literal("update_metadata"),
      ...orchestratorIdFields,
      metadata: decorativeObject(metadata, MAX_PROFILE_BYTES),
      data: decorativeObject(z.object({ metadata: decorativeObject(metadata, MAX_PROFILE_BYTES) })),
    })
    .refine((frame) => (frame.metadata ?? frame.data?.metadata) !== undefined, "metadata is missing"),
  provisioning_request: z.object({
    type: z.literal("provisioning_request"),
    ...orchestratorIdFields,
  }),
  monitoring_report: z.object({ type: z.literal("monitoring_report"), ...reportFields }),
  monitoring: z.object({ type: z.literal("monitoring"), ...reportFields }),
  recommendation: z.object({ type: z.literal("recommendation"), ...reportFields }),
  message_status: z
    .object({
      type: z.literal("message_status"),
      ...orchestratorIdFields,
      message_id: coreId(messageId).optional(),
      status: coreWord(decision).optional(),
      data: z.object({ message_id: coreId(messageId), status: coreWord(decision) }).nullish(),
    })
    .refine((frame) => frame.data != null || (frame.message_id && frame.status), "message_id or status is missing"),
  config_status: z
    .object({
      type: z.literal("config_status"),
      ...orchestratorIdFields,
      revision: optionalOrDropped(z.int().min(0)),
      hash: optionalOrDropped(z.string().max(64)),
      status: coreWord(z.enum(["applying", "applied", "failed"])),
      error: decorativeText(z.string().max(1024), 1024),
    })
    .refine((frame) => frame.revision !== undefined || frame.hash !== undefined, "revision or hash is missing"),
  usage_report: z.object({
    type: z.literal("usage_report"),
    ...orchestratorIdFields,
    ...timestamp,
    data: usageReport,
  }),
  o_config_snapshot: z.object({
    type: z.literal("o_config_snapshot"),
    ...orchestratorIdFields,
    data: jsonObject,
  }),
  independence_ack: z.object({
    type: z.literal("independence_ack"),
    ...orchestratorIdFields,
    is_independent: decorativeFlag(),
  }),
};

/** Types that prove life whatever decorates them: they open a session or continue it. */
const SIGNS_OF_LIFE: ReadonlySet<string> = new Set(["handshake", "register", "i_am_alive", "keepalive"]);

export function isSignOfLife(type: unknown): boolean {
  return typeof type === "string" && SIGNS_OF_LIFE.has(type);
}

type InboundSchemas = typeof inboundFrames;
export type InboundType = keyof InboundSchemas;
export type InboundFrame = { [T in InboundType]: z.infer<InboundSchemas[T]> }[InboundType];
export type HandshakeMetadata = z.infer<typeof metadata>;

/** The id that an opening frame of either dialect names, or null when it names none or is not one. */
export function openingIdOf(frame: InboundFrame): string | null {
  if (frame.type === "handshake") return frame.data.orchestrator_id ?? null;
  return frame.type === "register" ? (frame.orchestrator_id ?? null) : null;
}

export function isInboundType(type: string): type is InboundType {
  return Object.hasOwn(inboundFrames, type);
}

export function inboundSchema(type: InboundType): z.ZodType<InboundFrame> {
  return inboundFrames[type];
}

/**
 * The types that only the controller may send, each with what to use instead of `POST …/send`: such a frame claims
 * something that the controller has not done. `provision_config` is documented as a manual push and is not among
 * them.
 */
export const RESERVED_TYPES: Readonly<Record<string, string>> = {
  handshake_ack: "The controller answers each handshake itself.",
  keepalive_ack: "The controller answers each heartbeat itself.",
  controller_heartbeat: "An orchestrator asks for it in its handshake, with controller_heartbeat_sec.",
  error: "The controller sends it when it refuses a frame.",
  status: "An orchestrator asks for it with request_status.",
  usage_ack: "The controller confirms each usage report itself.",
  message_ack: "The controller confirms each message itself.",
  o_config_snapshot_ack: "The controller confirms each snapshot itself.",
  provisioning: "Use PUT /api/v1/controller/organizations/{organization_id}/config to publish a configuration.",
  config_update: "Use PUT /api/v1/controller/organizations/{organization_id}/config to publish a configuration.",
  message: "Use POST /api/v1/internal/orchestrators/{orchestrator_id}/messages.",
  message_status: "Use PUT /api/v1/internal/messages/{message_id}/status.",
  independence_update: "Use PUT /api/v1/internal/orchestrators/{orchestrator_id}/independence.",
  stop_monitoring: "Use PUT /api/v1/internal/orchestrators/{orchestrator_id}/independence.",
};

/** What to use instead of a free frame of this type, or null when it may be sent. */
export function reservedFor(type: string): string | null {
  const name = type.toLowerCase();
  return Object.hasOwn(RESERVED_TYPES, name) ? (RESERVED_TYPES[name] ?? null) : null;
}

/** A frame to an orchestrator: `type` and its fields. */
export type OutboundFrame = { type: string } & Record<string, unknown>;
