import { z } from "zod";
import { orchestratorId } from "./ids.ts";
import { type JsonValue, jsonObject, shortText, textOrAbsent } from "./json.ts";
import { decision, messageContent, messageId } from "./messages.ts";
import { healthStatus } from "./presence.ts";

/** Close codes of DESIGN §2. */
export const CLOSE = {
  normal: 1000,
  binary: 1003,
  tooLarge: 1009,
  bug: 1011,
  overloaded: 1013,
  badFrames: 4400,
  credentialEnded: 4401,
  identityMismatch: 4403,
  deregistered: 4404,
  handshakeTimeout: 4408,
  replaced: 4409,
  tooManyFrames: 4429,
} as const;

export type FrameErrorCode =
  | "invalid_json"
  | "invalid_frame"
  | "handshake_required"
  | "unknown_type"
  | "rate_limited"
  | "deregistered"
  | "credential_ended"
  | "duplicate_identity"
  | "handshake_timeout"
  | "frame_too_large"
  | "binary_frame"
  | "id_conflict"
  | "independent"
  | "monitoring_disabled"
  | "config_error"
  | "internal_error";

const metadata = z
  .object({
    version: textOrAbsent(shortText).optional(),
    hostname: textOrAbsent(shortText).optional(),
    ip: textOrAbsent(shortText).optional(),
    ssl_enabled: z.boolean().optional(),
    name: textOrAbsent(shortText).optional(),
    location: textOrAbsent(shortText).optional(),
    features: jsonObject.optional(),
  })
  .catchall(z.unknown() as z.ZodType<JsonValue>);

/** How often the session wants to hear of the controller without having said anything. Absent: never. */
const heartbeatWanted = z.int().min(5).max(3600).optional();

const handshake = z.object({
  type: z.literal("handshake"),
  data: z.object({
    // The address may have named the orchestrator already.
    orchestrator_id: orchestratorId.nullish(),
    metadata: metadata.default({}),
    controller_heartbeat_sec: heartbeatWanted,
  }),
});

const register = z.object({
  type: z.literal("register"),
  orchestrator_id: orchestratorId,
  metadata: metadata.default({}),
  controller_heartbeat_sec: heartbeatWanted,
});

/** Kept in the socket's attachment, which has 16,384 bytes for everything. */
const MAX_METRICS_BYTES = 4096;

const metrics = jsonObject.refine(
  (value) => new TextEncoder().encode(JSON.stringify(value)).byteLength <= MAX_METRICS_BYTES,
  `must not be larger than ${MAX_METRICS_BYTES} bytes`,
);

const beatFields = {
  orchestrator_id: orchestratorId.optional(),
  // A beat proves life whatever decorates it: what is not valid there is dropped.
  metrics: metrics.optional().catch(undefined),
  health_status: healthStatus.optional().catch(undefined),
  features: jsonObject.optional().catch(undefined),
};

const longText = z.string().max(1024);

const reportFields = {
  orchestrator_id: orchestratorId.optional(),
  data: z.object({ id: shortText.optional(), content: messageContent, metadata: jsonObject.default({}) }),
};

const count = z.int().min(0).max(1e12);

const usageItem = z.object({
  model: shortText.optional(),
  provider: shortText.optional(),
  requests: count,
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().min(0).max(1e9),
});

/** Every frame an orchestrator may send, by `type`. Unknown fields are dropped. */
const inboundFrames = {
  handshake,
  register,
  i_am_alive: z.object({ type: z.literal("i_am_alive"), ...beatFields }),
  keepalive: z.object({ type: z.literal("keepalive"), ...beatFields }),
  request_status: z.object({ type: z.literal("request_status"), orchestrator_id: orchestratorId.optional() }),
  update_metadata: z
    .object({
      type: z.literal("update_metadata"),
      orchestrator_id: orchestratorId.optional(),
      metadata: metadata.optional(),
      data: z.object({ metadata }).optional(),
    })
    .refine((frame) => frame.metadata !== undefined || frame.data !== undefined, "metadata is missing"),
  provisioning_request: z.object({
    type: z.literal("provisioning_request"),
    orchestrator_id: orchestratorId.optional(),
  }),
  monitoring_report: z.object({ type: z.literal("monitoring_report"), ...reportFields }),
  monitoring: z.object({ type: z.literal("monitoring"), ...reportFields }),
  recommendation: z.object({ type: z.literal("recommendation"), ...reportFields }),
  message_status: z
    .object({
      type: z.literal("message_status"),
      orchestrator_id: orchestratorId.optional(),
      message_id: messageId.optional(),
      status: decision.optional(),
      data: z.object({ message_id: messageId, status: decision }).optional(),
    })
    .refine(
      (frame) => frame.data !== undefined || (frame.message_id && frame.status),
      "message_id or status is missing",
    ),
  config_status: z
    .object({
      type: z.literal("config_status"),
      orchestrator_id: orchestratorId.optional(),
      revision: z.int().min(0).optional(),
      hash: z.string().max(64).optional(),
      status: z.enum(["applying", "applied", "failed"]),
      error: longText.optional(),
    })
    .refine((frame) => frame.revision !== undefined || frame.hash !== undefined, "revision or hash is missing"),
  usage_report: z.object({
    type: z.literal("usage_report"),
    orchestrator_id: orchestratorId.optional(),
    data: z.object({
      report_id: shortText,
      window_start: z.iso.datetime({ offset: true }),
      window_end: z.iso.datetime({ offset: true }),
      items: z.array(usageItem).min(1).max(100),
    }),
  }),
  o_config_snapshot: z.object({
    type: z.literal("o_config_snapshot"),
    orchestrator_id: orchestratorId.optional(),
    data: jsonObject,
  }),
  independence_ack: z.object({
    type: z.literal("independence_ack"),
    orchestrator_id: orchestratorId.optional(),
    is_independent: z.boolean().optional(),
  }),
};

type InboundSchemas = typeof inboundFrames;
export type InboundType = keyof InboundSchemas;
export type InboundFrame = { [T in InboundType]: z.infer<InboundSchemas[T]> }[InboundType];
export type HandshakeMetadata = z.infer<typeof metadata>;

/** The id that an opening frame of either dialect names, or null when it names none or is not one. */
export function openingIdOf(frame: InboundFrame): string | null {
  if (frame.type === "handshake") return frame.data.orchestrator_id ?? null;
  return frame.type === "register" ? frame.orchestrator_id : null;
}

export function isInboundType(type: string): type is InboundType {
  return Object.hasOwn(inboundFrames, type);
}

export function inboundSchema(type: InboundType): z.ZodType<InboundFrame> {
  return inboundFrames[type];
}

/**
 * The types that only the controller itself may send, each with what to use instead of `POST …/send`. A frame of one of
 * them claims something that the controller has not done. `provision_config` is not among them: the API's documents
 * push it by hand.
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

/** A frame to an orchestrator: `type` and whatever that type carries. */
export type OutboundFrame = { type: string } & Record<string, unknown>;
