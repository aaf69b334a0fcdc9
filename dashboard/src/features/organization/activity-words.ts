import { visibleText } from "../../../../common/text.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { clockWords } from "../../lib/time.ts";

export type Activity = components["schemas"]["Activity"];

type Words = (data: Readonly<Record<string, unknown>>) => string;

/** Where something stood that could not be used. */
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
    `Handshake accepted, session ${text(epoch)}${replaced === true ? ", in place of an open one" : ""}`,
  duplicate_identity: ({ address }) =>
    `Two machines use this id at the same time${typeof address === "string" ? `, one of them from ${address}` : ""}`,
  keepalive: ({ ignored }) => (ignored === true ? "Heartbeat, not recorded while independent" : "Heartbeat"),
  disconnect: ({ reason }) => `Disconnected (${text(reason)})`,
  left: ({ stays }) =>
    stays === true
      ? "One of its processes said that it is going; the session of another one goes on"
      : "Said that it is going",
  provision: ({ revision, requested }) =>
    `${requested === true ? "Asked for its configuration" : "Configuration sent"}: ${revision === 0 ? "none published" : `revision ${text(revision)}`}`,
  config_status: ({ revision, status }) => `Revision ${text(revision)} ${text(status)}`,
  health: ({ health_status }) => `Health is ${text(health_status)}`,
  metadata: () => "Told new metadata",
  rename: ({ name, location }) => `Told that it is called ${[name, location].filter(Boolean).map(text).join(", ")}`,
  dropped: ({ in: carrier, fields }) =>
    `Could not use ${CARRIERS[text(carrier)] ?? "part of what it sent"}: ${listDropped(fields)}`,
  independence: ({ is_independent, privacy_mode }) =>
    is_independent === true
      ? `Set independent${privacy_mode === true ? ", in privacy mode" : ""}`
      : "Taken back under control",
  independence_ack: ({ is_independent }) => `Confirmed: ${is_independent === true ? "independent" : "managed"}`,
  message_sent: ({ message_id, type, replayed }) =>
    replayed !== undefined ? `${text(replayed)} waiting messages sent` : `Message sent (${text(message_id ?? type)})`,
  message_delivered: ({ count }) =>
    count === 1 ? "1 message delivered: it was heard after it was sent" : `${text(count)} messages delivered`,
  clock: ({ offset_ms }) =>
    typeof offset_ms === "number" ? `Its clock is ${clockWords(offset_ms)}` : "Its clock is wrong",
  usage_refused: ({ report_id }) =>
    `Usage report ${text(report_id)} not counted: another one was counted under this id`,
  message_refused: () => "Messages refused: its organization has as many as it may",
  message_received: ({ message_id, message_type }) => `${capital(text(message_type))} received (${text(message_id)})`,
};

/** What happened, in a sentence; kinds that a newer controller knows are told as they are. */
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

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
