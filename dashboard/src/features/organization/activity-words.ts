import { visibleText } from "../../../../common/text.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { capitalize } from "../../lib/capital.ts";
import { clockWords } from "../../lib/time.ts";

export type Activity = components["schemas"]["Activity"];

type Words = (data: Readonly<Record<string, unknown>>) => string;

/** Where an invalid value was found. */
const CARRIERS: Record<string, string> = {
  handshake: "part of the handshake",
  heartbeat: "part of a heartbeat",
  registration: "part of a registration",
  frame: "part of a frame",
  usage: "items of a usage report",
  uncounted_usage: "any item of a usage report",
};

const WORDS: Record<string, Words> = {
  handshake: ({ epoch, replaced }) =>
    `Handshake accepted, session ${text(epoch)}${replaced === true ? ", replaces an open session" : ""}`,
  duplicate_identity: ({ address }) =>
    `Two machines use this ID at the same time${typeof address === "string" ? `, one of them from ${address}` : ""}`,
  keepalive: ({ ignored }) => (ignored === true ? "Heartbeat, not recorded while independent" : "Heartbeat"),
  disconnect: ({ reason }) => `Disconnected (${text(reason)})`,
  left: ({ stays }) =>
    stays === true ? "One of its processes signed off; the session of another process continues" : "Signed off",
  provision: ({ revision, requested }) =>
    `${requested === true ? "Asked for its configuration" : "Configuration sent"}: ${revision === 0 ? "none published" : `revision ${text(revision)}`}`,
  config_status: ({ revision, status }) => `Revision ${text(revision)} ${text(status)}`,
  health: ({ health_status }) => `Health is ${text(health_status)}`,
  metadata: () => "Reported new metadata",
  rename: ({ name, location }) => `Reported its name as ${[name, location].filter(Boolean).map(text).join(", ")}`,
  dropped: ({ in: carrier, fields }) =>
    `Ignored ${CARRIERS[text(carrier)] ?? "part of its data"}: ${listDropped(fields)}`,
  independence: ({ is_independent, privacy_mode }) =>
    is_independent === true ? `Set independent${privacy_mode === true ? ", in privacy mode" : ""}` : "Managed again",
  independence_ack: ({ is_independent }) => `Confirmed: ${is_independent === true ? "independent" : "managed"}`,
  message_sent: ({ message_id, type, replayed }) =>
    replayed !== undefined ? `${text(replayed)} queued messages sent` : `Message sent (${text(message_id ?? type)})`,
  message_delivered: ({ count }) => (count === 1 ? "1 message delivered" : `${text(count)} messages delivered`),
  clock: ({ offset_ms }) =>
    typeof offset_ms === "number" ? `Its clock is ${clockWords(offset_ms)}` : "Its clock is wrong",
  usage_refused: ({ report_id }) =>
    `Usage report ${text(report_id)} not counted: another one with this ID was counted before`,
  message_refused: () => "Messages refused: the organization has reached its limit",
  message_received: ({ message_id, message_type }) =>
    `${capitalize(text(message_type))} received (${text(message_id)})`,
};

/** Describes an entry in a sentence; unknown kinds of a newer controller are shown as they are. */
export function describeActivity({ type, data }: Pick<Activity, "type" | "data">): string {
  const words = WORDS[type];
  return visibleText(words ? words(data) : `${type} ${JSON.stringify(data)}`);
}

export function isHeartbeat({ type }: Pick<Activity, "type">): boolean {
  return type === "keepalive";
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "unknown";
}

/** `metrics.cpu (not a finite number), metadata.name (cut to 255 characters)`. */
function listDropped(fields: unknown): string {
  const named = Array.isArray(fields) ? fields.filter((field) => typeof field === "object" && field !== null) : [];
  return named.map(({ path, reason }) => `${text(path)} (${text(reason)})`).join(", ") || "unknown";
}
