import { z } from "zod";
import type { JsonObject } from "./json.ts";
import { maybeMoment } from "./rest/common.ts";
import type { Place } from "./timeline.ts";
import { LOG_LEVELS } from "./values/events.ts";
import type { PRESENCE_FIELDS } from "./values/presence.ts";
import { CONFIG_STATES, HEALTH_STATUSES, STATUSES } from "./values/presence.ts";

export const status = z.enum(STATUSES);
export const healthStatus = z.enum(HEALTH_STATUSES);
export const configState = z.enum(CONFIG_STATES);
export const logLevel = z.enum(LOG_LEVELS);

export type Status = z.infer<typeof status>;
export type HealthStatus = z.infer<typeof healthStatus>;
export type ConfigState = z.infer<typeof configState>;
export type LogLevel = z.infer<typeof logLevel>;

/** Epoch milliseconds; `last_seen` and friends leave the system as ISO 8601 with Z. */
export type Millis = number;

/** The later of two moments, either of which may be missing. */
export function later(a: Millis | null, b: Millis | null): Millis | null {
  return a === null || (b !== null && b > a) ? b : a;
}

export type Transition =
  | "registered"
  | "connected"
  | "first_beat"
  | "disconnected"
  /** Whether it has signed off. */
  | "left"
  | "health"
  | "independence"
  | "config"
  | "profile"
  | "deregistered";

/** The facts about the orchestrator itself; only in reports of a transition. */
export interface Profile {
  name: string | null;
  location: string | null;
  /** Its own name and location, shown beside those that somebody has set. */
  reportedName?: string | null;
  reportedLocation?: string | null;
  metadata: JsonObject;
  features: JsonObject;
}

/** The presence of one orchestrator, fenced by `(epoch, seq)`: the newer pair wins everywhere. */
export interface PresenceView {
  orchestratorId: string;
  organizationId: string;
  /** Counts registrations of this id; a report of an earlier one changes nothing. */
  generation: number;
  epoch: number;
  seq: number;
  status: Status;
  connected: boolean;
  connectedAt: Millis | null;
  healthStatus: HealthStatus;
  isIndependent: boolean;
  privacyMode: boolean;
  lastSeenAt: Millis | null;
  lastActivityAt: Millis | null;
  configRevision: number;
  configState: ConfigState;
  configError: string | null;
  /** Since when it has been in that state. */
  configSince?: Millis | null;
  /** The revision that it last reported as applied. */
  configRunning?: number | null;
  /** When the status may change with no further event, or null when it cannot. */
  expiresAt: Millis | null;
  /** Connected, but silent for a TTL: a frame sent there may reach nobody. */
  silent?: boolean;
  /** Two live machines use this id, as of the last minutes. */
  contested?: boolean;
  /** When its socket is closed unless a frame comes. */
  closesAt?: Millis;
}

type Version = Pick<PresenceView, "generation" | "epoch" | "seq">;

/** The version of a view; the greater one is newer. */
export function versionOf({ generation, epoch, seq }: Version): number[] {
  return [generation, epoch, seq];
}

/** Whether `a` was made after `b`: their versions decide, never a clock. */
export function isNewer(a: Version, b: Version): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

type PresenceField = (typeof PRESENCE_FIELDS)[number];

/**
 * The state of one orchestrator in every answer, list, stream row and report to Postgres. A new field goes here and into
 * {@link toWire}, and reaches all of them.
 */
export const presenceShape = {
  status,
  connected: z.boolean().meta({ description: "A WebSocket is open" }),
  silent: z.boolean().meta({
    description:
      "Connected, but silent for a TTL: a frame sent there may reach nobody. After another TTL the socket is closed",
  }),
  contested: z.boolean().meta({
    description: "Two live machines use this id: the data may be from either, and one of them is refused",
  }),
  health_status: healthStatus,
  is_independent: z.boolean(),
  privacy_mode: z.boolean(),
  config_revision: z.int().meta({ description: "The revision that `config_state` is about" }),
  config_state: configState,
  config_error: z.string().nullable(),
  config_since: maybeMoment.meta({ description: "Since when it has been in `config_state`; null: unknown" }),
  config_running_revision: z
    .int()
    .nullable()
    .meta({ description: "The revision that it last reported as applied; null: none" }),
  last_seen: maybeMoment.meta({ description: "The last counted heartbeat" }),
  last_activity: maybeMoment.meta({ description: "Last frame other than a heartbeat" }),
  presence_version: z.array(z.int()).length(3).nullable().meta({
    description:
      "Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open",
  }),
} satisfies Record<PresenceField, z.ZodType>;

/** `moment` gives a moment its form: ISO 8601 in answers, epoch milliseconds in the stream and on the way to Postgres. */
export function toWire<Moment>(view: PresenceView, moment: (at: Millis | null) => Moment) {
  return {
    status: view.status,
    connected: view.connected,
    silent: view.silent ?? false,
    contested: view.contested ?? false,
    health_status: view.healthStatus,
    is_independent: view.isIndependent,
    privacy_mode: view.privacyMode,
    config_revision: view.configRevision,
    config_state: view.configState,
    config_error: view.configError,
    config_since: moment(view.configSince ?? null),
    config_running_revision: view.configRunning ?? null,
    last_seen: moment(view.lastSeenAt),
    last_activity: moment(view.lastActivityAt),
    presence_version: versionOf(view) as number[] | null,
  } satisfies Record<PresenceField, unknown>;
}

export type WirePresence<Moment> = ReturnType<typeof toWire<Moment>>;

export function inMillis(at: Millis | null): Millis | null {
  return at;
}

/** Whether two views differ in any field but these. */
export function presenceDiffers(a: PresenceView, b: PresenceView, but: readonly PresenceField[]): boolean {
  const [left, right] = [toWire(a, inMillis), toWire(b, inMillis)];
  return (Object.keys(left) as PresenceField[]).some((field) => !but.includes(field) && left[field] !== right[field]);
}

export interface BeatCounts {
  processed: number;
  ignored: number;
}

/** One line of the controller log. `count` stands for that many equal lines within one report interval. */
export interface LogLine {
  at: Millis;
  level: LogLevel;
  message: string;
  orchestratorId: string | null;
  /** The organization at the time of writing. Null or absent: none; only callers that see all see the line. */
  organizationId?: string | null;
  count: number;
  /** The time of the first of the equal lines that it stands for. */
  firstAt?: Millis;
  /** Heartbeats repeat by nature: their lines are kept, one for each interval. */
  isBeat?: true;
  /** With `at` its {@link Place}, given by the shard. Absent until then, and from older code. */
  n?: number;
}

/** Orchestrator → Fleet. Fields may only be added: old and new code run side by side during a deploy. */
export interface PresenceReport {
  view: PresenceView;
  transition: Transition | null;
  profile: Profile | null;
  beats: BeatCounts;
  logs: LogLine[];
  /** For watchers only: Postgres and the log get the report of the interval. */
  sight?: boolean;
}

/** One member as the Fleet shard holds it. */
export interface FleetMember {
  view: PresenceView;
  profile: Profile;
}

export interface LogQuery {
  q: string | null;
  level: LogLevel | null;
  limit: number;
  /** Organizations the caller may see, or null for all. */
  organizations: string[] | null;
  /** Only lines that stand after this place; `total` counts all. */
  before?: Place | null;
}

export interface LogPage {
  lines: LogLine[];
  total: number;
}
