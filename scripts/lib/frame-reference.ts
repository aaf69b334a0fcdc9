import { z } from "zod";
import { type FrameErrorCode, type InboundType, inboundSchema, RESERVED_TYPES } from "../../worker/contract/frames.ts";
import { CLOSE } from "../../worker/contract/values/codes.ts";
import * as limits from "../../worker/contract/values/limits.ts";
import { fieldsOf, type Schema, table } from "./schema-text.ts";

/** What each frame of an orchestrator means and what answers it. A type that is missing here does not compile. */
const INBOUND: Record<InboundType, [meaning: string, answer: string]> = {
  handshake: ["Opens a session, as the Python client does", "`handshake_ack`, `provisioning`, `provision_config`"],
  register: ["Opens a session in the words of the high-level design", "`handshake_ack`, `provisioning`"],
  i_am_alive: ["Heartbeat", "`keepalive_ack`"],
  keepalive: ["Heartbeat of older clients", "`keepalive_ack`"],
  request_status: ["Asks how the controller sees this orchestrator", "`status`"],
  update_metadata: ["Changes name, location, features or anything else of the metadata", "none"],
  provisioning_request: ["Asks for the configuration again", "the configuration frames of the dialect"],
  monitoring_report: ["A monitoring message; stored before it is acknowledged", "`message_ack`"],
  monitoring: ["The same as `monitoring_report`", "`message_ack`"],
  recommendation: ["A recommendation; stored before it is acknowledged", "`message_ack`"],
  message_status: ["Accepts or dismisses a message", "none"],
  config_status: [
    "Says how far a configuration was applied; names it by revision or hash. It holds for this session: say it again after each handshake",
    "none",
  ],
  usage_report: [
    "Requests, tokens and cost of a window, item by item; an exact repeat of a `report_id` counts once (see [usage](#usage-reports))",
    "`usage_ack`",
  ],
  o_config_snapshot: ["The configuration that the orchestrator has", "`o_config_snapshot_ack`"],
  independence_ack: ["The orchestrator has stored its independence", "none"],
};

const OUTBOUND: [type: string, when: string, fields: string][] = [
  [
    "handshake_ack",
    "First answer to every accepted handshake, within 1 s",
    "`success`, `orch_id`, `orchestrator_id`, `session {epoch, id}`, `pacing {heartbeat_interval_sec, heartbeat_ttl_sec, frames {per_sec, burst}, reconnect}`, `ts`, `timestamp`",
  ],
  [
    "provisioning",
    "`handshake` dialect: after the ack and on every change",
    "`data {orchestrator_id, features, replace_features?, metadata, session, name?, location?}`, `timestamp`. `replace_features` is true once a revision was published, and absent before. `session`: the `session_config` of the registration; a published `settings.session_timeout_minutes` overrides it, in minutes under that name and in seconds as `timeout_seconds`",
  ],
  [
    "provision_config",
    "`handshake` dialect: right after `provisioning`",
    "`data {features, settings, policies}`, `revision`, `hash`, `timestamp`",
  ],
  [
    "provisioning",
    "`register` dialect: after the ack",
    "`orchestrator_id`, `config {features, settings, policies}`, `revision`, `hash`, `timestamp`",
  ],
  ["config_update", "`register` dialect: on every change", "as its `provisioning`"],
  ["keepalive_ack", "To every heartbeat", "`orchestrator_id`, `ts`, `independent`"],
  [
    "controller_heartbeat",
    "At the interval that the handshake asked for in `controller_heartbeat_sec`; otherwise never, so that an idle controller can sleep",
    "`orch_id`, `orchestrator_id`, `ts`",
  ],
  [
    "status",
    "To `request_status`",
    "`orchestrator_id`, `organization_id`, `status`, `connected`, `health_status`, `is_independent`, `privacy_mode`, `last_seen`, `session {epoch, id}`, `ts`, `timestamp`",
  ],
  [
    "message",
    "A message was sent over REST; at once, or after the next handshake",
    "`orchestrator_id`, `data {id, message_id, message_type, content, metadata, created_at}`, `timestamp`",
  ],
  ["message_status", "A message was decided over REST", "`message_id`, `status`, the same in `data`, `timestamp`"],
  ["message_ack", "A message of the orchestrator is stored", "`id` (its own), `message_id`, `duplicate?`, `ts`"],
  [
    "usage_ack",
    "A usage report is stored",
    "`report_id`, `stored` (false in privacy mode), `duplicate?`, `counted` (items), `refused [{index, reason}]`, `note?` (why it is counted at another time than its window says), `ts`",
  ],
  ["o_config_snapshot_ack", "A snapshot is stored", "`orchestrator_id`, `ts`"],
  [
    "independence_update",
    "Independence or privacy was switched",
    "`orchestrator_id`, `is_independent`, `privacy_mode`, `timestamp`",
  ],
  ["stop_monitoring", "After `independence_update` when independence is on", "`orchestrator_id`, `timestamp`"],
  [
    "error",
    "A frame was refused",
    "`data {code, message, ref, fatal, id?, retry_after_ms?}`, `timestamp`; `ref` is the type of the refused frame, `id` its own `report_id`, `message_id` or `data.id`",
  ],
];

const FRAME_ERRORS: Record<FrameErrorCode, [meaning: string, client: string]> = {
  invalid_json: ["The frame is not JSON", "Fix it; the same frame fails again"],
  invalid_frame: ["A field is missing, wrong or too large; `message` says which", "Fix it"],
  handshake_required: ["The first frame was no handshake", "Send `handshake` or `register` first"],
  unknown_type: ["This controller does not know the type; not a strike", "Go on without it"],
  rate_limited: [
    "More frames than the rate allows, or too much waits for a database that is away; nothing of it was stored. Heartbeats and handshakes are taken over the rate as well",
    "Send the frame again after `retry_after_ms`, or later when that is absent",
  ],
  quota_exceeded: [
    "The organization has reached its limit of messages; this one was not stored. Heartbeats and usage are still accepted",
    "Send it again, under the same id, after some hours or when users have decided about messages",
  ],
  id_conflict: [
    "The frame names another orchestrator than the connection, or `data.id` was used for another message, or `report_id` for another usage report",
    "Use one id for each orchestrator, and a fresh one for each message and usage report",
  ],
  deregistered: ["This id was deregistered", "Stop; have it registered over REST first"],
  credential_ended: ["The token of this connection was revoked or has expired", "Connect again with a valid one"],
  duplicate_identity: [
    "A machine that came later is alive under this id",
    "Wait for `retry_after_ms`, then try again; give each machine an id of its own",
  ],
  handshake_timeout: ["No handshake came in time", "Connect again and send it at once"],
  silent: ["No frame came for two TTLs", "Connect again; send heartbeats more often"],
  frame_too_large: [`The frame is over ${limits.MAX_FRAME_BYTES / 1024} KiB`, "Send less in one frame"],
  binary_frame: ["The frame is binary", "Send JSON as text"],
  independent: ["Messages are not taken while independent", "Keep them, or drop them"],
  config_error: ["A setting of the controller cannot be used", "Keep what was refused, and send it again later"],
  monitoring_disabled: ["Monitoring is switched off for this orchestrator", "Stop sending monitoring messages"],
  internal_error: ["Something failed here; it is in the controller's log", "Try again later"],
};

const CLOSES: Record<keyof typeof CLOSE, [meaning: string, client: string]> = {
  normal: ["Answer to the client's own close", "Nothing"],
  binary: ["A binary frame", "Fix the client, then connect again"],
  tooLarge: ["A frame that is too large", "Fix the client, then connect again"],
  bug: ["Something failed here", "Connect again, with a pause that grows"],
  overloaded: ["Overloaded", "Connect again, with a pause that grows"],
  badFrames: ["More refused frames than allowed", "Fix the client, then connect again"],
  credentialEnded: ["The token was revoked or has expired", "Connect again with a valid one"],
  identityMismatch: ["The handshake names another id than the connection", "Fix the configuration"],
  deregistered: ["The id was deregistered", "Stop until it is registered again"],
  handshakeTimeout: ["No handshake in time", "Connect again and send it at once"],
  replaced: ["A newer session of this id took over, or this one was refused as a duplicate", "Stop unless it was you"],
  silent: ["No frame came for two TTLs", "Connect again"],
  tooManyFrames: [
    `Over ${limits.MAX_FRAMES_OVER_RATE} frames over the rate within ${limits.FLOOD_WINDOW_MS / 1000} s`,
    "Keep to `pacing.frames` of the `handshake_ack`, connect again after a pause",
  ],
};

/** The frames of `/ws` both ways, limits, error codes and close codes. */
export function frameReference(): string {
  const inbound = Object.entries(INBOUND).map(([type, [meaning, answer]]) => {
    const schema = z.toJSONSchema(inboundSchema(type as InboundType), { io: "input", unrepresentable: "any" });
    const fields = fieldsOf(schema as Schema).filter(({ name }) => name !== "type");
    const text = fields.map(({ name, type: kind, required }) => `\`${name}${required ? "" : "?"}\`: ${kind}`);
    return [`\`${type}\``, meaning, text.join("<br>") || "–", answer];
  });
  const closes = Object.entries(CLOSE).map(([name, code]) => [String(code), ...CLOSES[name as keyof typeof CLOSE]]);
  return `## Frames on \`/ws\`

JSON objects as text frames. The first frame opens the session and decides its dialect. Unknown fields are dropped. What of a
frame can refuse it, and what happens to the rest: [core and decoration](core-and-decoration.md).

### From an orchestrator

${table(["type", "meaning", "fields", "answer"], inbound)}

### To an orchestrator

${table(
  ["type", "when", "fields"],
  OUTBOUND.map(([type, ...rest]) => [`\`${type}\``, ...rest]),
)}

### Types that \`POST …/send\` refuses

They belong to the controller: a frame of one of them would claim something that the controller has not done.
\`provision_config\` may be sent by hand; it changes nothing of what is published.

${table(
  ["type", "instead"],
  Object.entries(RESERVED_TYPES).map(([type, instead]) => [`\`${type}\``, instead]),
)}

### Usage reports

- **Items are counted one by one.** A model or provider that is missing or blank counts as *not reported*. Counts and
  dollars may be numbers or numeric text; one that is missing counts as 0 if the item has another. An item with a negative,
  absurd (over 10¹², or 10⁹ dollars) or unreadable number is refused by its index in \`usage_ack\`, and the others are
  counted. A report is refused with \`invalid_frame\` only when no item can be counted, \`report_id\` is missing, or the
  window ends before it begins. That is no strike, and the same id can be sent again, corrected.
- **A \`report_id\` counts once.** The same content again is acknowledged as \`duplicate\`; other content under the same id is
  refused with \`id_conflict\`. Ids start anew when the orchestrator is deregistered and registered again.
- **Usage is spread evenly over its window**, hour by hour (UTC), and the parts add up to the whole exactly. A window of over
  31 days, or a report that would become more than 10,000 rows, is spread by days or months instead.
- **The controller's clock decides.** The part of a window that lies in the future is counted up to the time of receipt. A
  window that cannot be read, or begins over 400 days back, is counted at its end or, when that cannot be true either, at
  the time of receipt. \`note\` says so. Times are ISO 8601, in UTC when they name no zone; seconds or milliseconds
  since 1970 are understood as well.

### Limits

${table(
  ["what", "limit"],
  [
    [
      "frame",
      `${limits.MAX_FRAME_BYTES / 1024} KiB; a heartbeat or a handshake ${limits.MAX_SIGN_OF_LIFE_BYTES / 1024 / 1024} MiB, of which the largest fields are dropped`,
    ],
    [
      "frames",
      `${limits.FRAME_RATE.perSec} a second, in bursts of ${limits.FRAME_RATE.burst}; over that \`rate_limited\`, which is no strike`,
    ],
    [
      "connections of one orchestrator",
      `${limits.UPGRADE_RATE.perSec} a second, in bursts of ${limits.UPGRADE_RATE.burst}; then 429 \`rate_limited\``,
    ],
    [
      "refused frames",
      `${limits.MAX_STRIKES} in ${limits.STRIKE_WINDOW_MS / 1000} s; the next one closes the socket (\`unknown_type\` and \`rate_limited\` do not count)`,
    ],
    ["handshake", `within ${limits.HANDSHAKE_TIMEOUT_MS / 1000} s`],
    [
      "free JSON (metadata, features, …)",
      `depth ${limits.MAX_JSON_DEPTH}, ${limits.MAX_JSON_KEYS_PER_OBJECT} keys an object, ${limits.MAX_JSON_KEYS} in all, strings of ${limits.MAX_FREE_STRING_BYTES / 1024} KiB`,
    ],
    ["message content", `${limits.MAX_TEXT_BYTES / 1024} KiB`],
  ],
)}

### Error codes of frames

\`fatal\` says whether the socket closes.

${table(
  ["code", "means", "the client should"],
  Object.entries(FRAME_ERRORS).map(([code, row]) => [`\`${code}\``, ...row]),
)}

### Close codes

${table(["code", "means", "the client should"], closes)}
`;
}

/** The types that {@link frameReference} knows, for the test that looks for others in the sources. */
export const OUTBOUND_TYPES: string[] = OUTBOUND.map(([type]) => type);

export const INBOUND_TYPES: string[] = Object.keys(INBOUND);
