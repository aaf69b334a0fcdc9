import { z } from "zod";
import {
  type ClientStreamFrame,
  clientStreamFrame,
  type FeedEventType,
  type ServerStreamFrame,
} from "../../worker/contract/stream.ts";
import { STREAM_CLOSE } from "../../worker/contract/values/codes.ts";
import { FEED_EVENT_TYPES } from "../../worker/contract/values/events.ts";
import { MAX_WATCHED } from "../../worker/contract/values/limits.ts";
import { PRESENCE_FIELDS } from "../../worker/contract/values/presence.ts";
import { fieldsOf, type Schema, table } from "./schema-text.ts";

const SERVER: Record<ServerStreamFrame["type"], [when: string, fields: string]> = {
  hello: [
    "First. `resumed`: deltas from the cursor follow, otherwise a snapshot",
    "`epoch`, `index`, `shard`, `shards`, `resumed`",
  ],
  snapshot: [
    "In chunks of at most 500 rows; the last one has `more: false`",
    "`index`, `rows`, `organizations`, `more`",
  ],
  delta: [
    "What changed after `from` up to `to`; a `from` that is not the `to` or `index` before is a gap",
    "`from`, `to`, `rows`, `removed`, `organizations`, `removed_organizations`, `events`",
  ],
  sights: ["Newest sights of watched orchestrators; they have no index", "`sights [{orchestrator_id, last_seen}]`"],
  logs: ["New lines of the controller log", "`lines [{at, level, message, orchestrator_id, count}]`"],
};

const CLIENT: Record<ClientStreamFrame["type"], string> = {
  watch: "Replaces the list of watched orchestrators. Their sights are sent at once, then with every heartbeat",
  ack: "The viewer has applied everything up to `index`. Send it after each frame, including each chunk of a snapshot",
};

const EVENTS: Record<FeedEventType, string> = {
  registered: "It was registered",
  connected: "It has opened a session, or is active again after it was lost",
  disconnected: "It closed its session",
  lost: "It sent no heartbeat in time",
  health: "Its health changed",
  independence: "Independence or privacy was switched",
  config: "The state of its configuration changed",
  deregistered: "It was deregistered",
  message: "A message is stored",
  message_decided: "A message was accepted or dismissed",
};

const CLOSES: Record<keyof typeof STREAM_CLOSE, [meaning: string, client: string]> = {
  normal: ["Answer to the viewer's own close", "Nothing"],
  restart: ["The shard lost its place, or what the viewer may see has changed", "Connect again with the cursor"],
  overloaded: ["The viewer reads too slowly or is too far behind", "Connect again after a pause"],
  badFrames: ["Too many frames that cannot be read", "Fix the viewer"],
  revoked: ["The session has ended", "Log in again"],
  tooManyFrames: ["Too many `watch` frames", "Send fewer"],
  quotaExceeded: [
    "The stream was refused or closed: its account or organization has reached its limit of live views, or had the most when all places were taken. The reason says which",
    "Use REST, and connect again after a minute",
  ],
};

/** The frames of `/api/v1/stream` both ways, its events and close codes. */
export function streamReference(): string {
  const schema = z.toJSONSchema(clientStreamFrame, { io: "input", unrepresentable: "any" }) as Schema;
  const client = (schema.oneOf ?? schema.anyOf ?? []).map((variant) => {
    const type = String(variant.properties?.type?.const) as ClientStreamFrame["type"];
    const fields = fieldsOf(variant).filter(({ name }) => name !== "type");
    const text = fields.map(({ name, type: kind, required }) => `\`${name}${required ? "" : "?"}\`: ${kind}`);
    return [`\`${type}\``, CLIENT[type], text.join("<br>")];
  });
  return `## Frames on \`/api/v1/stream\`

JSON objects as text frames, for dashboards and other systems that follow the fleet. Times are milliseconds since 1970.
Open shard 0; its \`hello\` says how many \`shards\` there are, and each has a stream of its own. To come back, connect with
\`cursor=<epoch>.<index>\`, \`index\` being that of the last snapshot or the \`to\` of the last delta. Unknown fields and types may
come with a newer controller and are to be ignored.

### To a viewer

${table(
  ["type", "when", "fields"],
  Object.entries(SERVER).map(([type, row]) => [`\`${type}\``, ...row]),
)}

A row: ${["orchestrator_id", "organization_id", "connected_at", ...PRESENCE_FIELDS.filter((field) => field !== "last_activity")].map((field) => `\`${field}\``).join(", ")}. An organization: \`organization_id\`, \`status\`,
\`orchestrators\`, \`connected\`, \`last_seen\`. One viewer receives at most five frames a second, apart from the chunks of a snapshot.

### From a viewer

${table(["type", "meaning", "fields"], client)}

At most ${MAX_WATCHED} ids are watched at once. Send the text \`ping\` every 15 s; the answer is \`pong\`. When 100 frames
or 256 KiB wait for an ack, nothing more is sent; a viewer that sends no ack for 10 s then is closed with 1013.

### Events

\`index\`, \`at\`, \`type\`, \`orchestrator_id\`, \`organization_id\` and \`detail\`, a few words or null; never the content of a message.

${table(
  ["type", "meaning"],
  FEED_EVENT_TYPES.map((type) => [`\`${type}\``, EVENTS[type]]),
)}

### Close codes of the stream

${table(
  ["code", "means", "the viewer should"],
  Object.entries(STREAM_CLOSE).map(([name, code]) => [String(code), ...CLOSES[name as keyof typeof STREAM_CLOSE]]),
)}
`;
}
