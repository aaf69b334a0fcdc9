import { z } from "zod";

const words = z.record(z.string(), z.unknown());

/** What this example understands of the frames to an orchestrator; docs/reference.md has all of them. */
const frame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("handshake_ack"),
    orchestrator_id: z.string(),
    pacing: z.object({
      heartbeat_interval_sec: z.number().positive(),
      reconnect: z.object({ min_ms: z.number().positive(), max_ms: z.number().positive() }),
    }),
  }),
  z.object({
    type: z.literal("provisioning"),
    data: z.object({
      name: z.string().optional(),
      location: z.string().optional(),
      features: words.default({}),
      replace_features: z.boolean().default(false),
    }),
  }),
  z.object({
    type: z.literal("provision_config"),
    data: z.object({ features: words.default({}), settings: words.default({}), policies: words.default({}) }),
    // Absent when somebody sends such a frame by hand: then nothing was published, and there is nothing to confirm.
    revision: z.int().default(0),
    hash: z.string().default(""),
  }),
  z.object({ type: z.literal("keepalive_ack"), independent: z.boolean().default(false) }),
  z.object({
    type: z.literal("message"),
    data: z.object({ message_id: z.string(), message_type: z.string(), content: z.string() }),
  }),
  z.object({ type: z.literal("message_status"), message_id: z.string(), status: z.string() }),
  z.object({ type: z.literal("independence_update"), is_independent: z.boolean(), privacy_mode: z.boolean() }),
  z.object({ type: z.literal("stop_monitoring") }),
  z.object({
    type: z.literal("error"),
    data: z.object({
      code: z.string(),
      message: z.string(),
      fatal: z.boolean().default(false),
      retry_after_ms: z.number().optional(),
    }),
  }),
]);

export type ControllerFrame = z.output<typeof frame>;

/** `ignored`: a newer controller may send types and fields that this client does not know, and must not end it by that. */
export type Read = { known: ControllerFrame } | { ignored: string };

export function readFrame(text: string): Read {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ignored: "a frame that is no JSON" };
  }
  const parsed = frame.safeParse(json);
  if (parsed.success) return { known: parsed.data };
  const { type } = z.object({ type: z.string() }).catch({ type: "no type" }).parse(json);
  return { ignored: `a frame of the type ${type}` };
}
