import type { AuditContext } from "./actor.ts";
import type { Dropped } from "./cleaning.ts";
import type { PresentedCredential } from "./credentials.ts";
import type { Accepted, ErrorDetail } from "./errors.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Decision, MessageType } from "./messages.ts";
import type { BeatCounts, HealthStatus, Millis, PresenceView, Profile } from "./presence.ts";
import type { RefusalSource } from "./refusals.ts";

export type { AuditContext };

/** The fields that a registration may set. Absent fields leave the stored value unchanged. */
export interface RegistrationFields {
  name?: string;
  location?: string;
  /** Set by the object alone: the orchestrator's own values. */
  reported_name?: string;
  reported_location?: string;
  metadata?: JsonObject;
  features?: JsonObject;
  internal_url?: string;
  /** That it is set. Older code stored what it is, encrypted, as it did with the next and the environment variables. */
  database_url?: string;
  redis_url?: string;
  container_id?: string;
  image_name?: string;
  environment_variables?: Record<string, string>;
  phoenix_endpoint?: string;
  admin_email?: string;
  support_email?: string;
  website?: string;
  session_config?: JsonObject;
  monitoring_enabled?: boolean;
}

export interface RegisterInput {
  /** null: its present organization, or one with the same id when it is new. */
  organizationId: string | null;
  fields: RegistrationFields;
  audit: AuditContext;
  /** The values of the request that could not be used. */
  dropped?: Dropped[];
  /** Whether the orchestrator itself asks. It does not change a name or location that somebody has set. */
  isOwn?: boolean;
  /** The credential that becomes valid when this call creates the registration. */
  credential?: PresentedCredential;
  /**
   * An existing registration receives the credential as well: with `vacant` if it has no valid one, with `any` if
   * there is room for one more. Otherwise the call is refused and changes nothing.
   */
  join?: "vacant" | "any";
  /**
   * Makes the old tokens of a deregistered orchestrator count again, and creates none. Only in its former
   * organization (also meant by null), and only if one of them is valid.
   */
  readmit?: boolean;
}

export interface IndependenceInput {
  isIndependent: boolean;
  /** undefined leaves it unchanged. */
  privacyMode?: boolean;
  audit: AuditContext;
}

/** Absent: unchanged. */
export interface Names {
  name?: string;
  location?: string | null;
}

export interface HeartbeatInput {
  /** The time by its own clock. */
  claimedAt?: Millis;
  source?: RefusalSource;
  healthStatus?: HealthStatus;
  features?: JsonObject;
  metrics?: JsonObject;
  /** The values that could not be used. */
  dropped?: Dropped[];
}

export interface NewMessage {
  type: MessageType;
  content: string;
  metadata: JsonObject;
  audit: AuditContext;
}

/** A decision about a message, sent to the orchestrator now or at its next handshake. */
export interface MessageDecision {
  messageId: string;
  status: Decision;
}

export type CommandErrorCode =
  | "not_found"
  | "already_exists"
  | "independent"
  | "not_connected"
  | "rate_limited"
  | "quota_exceeded"
  | "validation_failed";

/** A refused command has changed nothing. Without the database it may be kept all the same: see {@link Accepted}. */
export type CommandResult<T> =
  | { ok: true; value: T }
  | { ok: false; code: CommandErrorCode; message: string; details?: ErrorDetail[] }
  | { ok: false; code: "database_unavailable"; message: string; accepted: Accepted };

export interface RegisterValue {
  organizationId: string;
  created: boolean;
  /** Whether the credential of the call is valid now. */
  credentialIssued?: boolean;
  /** Further values of the request that were not used. */
  dropped?: Dropped[];
}

/** Parts that cost more, and so are returned only on request. */
export interface DescribeOptions {
  withSnapshot?: boolean;
  withActivityCount?: boolean;
}

export interface OrchestratorDetail {
  view: PresenceView;
  profile: Profile;
  generation: number;
  registeredAt: Millis;
  session: { epoch: number; id: string; openedAt: Millis; dialect: Dialect } | null;
  metrics: JsonObject | null;
  /** Of the open session, or of the last one. */
  dropped?: DroppedSummary | null;
  /** By how much its clock was ahead at its last timestamp. */
  clockOffsetMs?: number | null;
  beats: BeatHistory;
  /** Its last `o_config_snapshot`. Absent when not requested. */
  configSnapshot?: { at: Millis; data: JsonObject } | null;
  /** Differences between reports and publication. Null: no report since it was sent. Absent when not requested. */
  configDifference?: ConfigDifferenceReport | null;
  /** Entries that `activity` can tell. Absent when nobody asked for it, and from older code. */
  activityCount?: number;
}

/** The values of one session that could not be used as received. */
export interface DroppedSummary {
  count: number;
  /** The first few fields, each once. */
  fields: string[];
  /** Why the last of them could not be used. */
  reason: string;
  lastAt: Millis;
}

/** A difference between report and publication; the side without a value is absent. */
export interface ConfigDifference {
  path: string;
  published?: JsonValue;
  reported?: JsonValue;
}

export interface ConfigDifferenceReport {
  /** When the compared values were reported. */
  at: Millis;
  items: ConfigDifference[];
}

export type Dialect = "handshake" | "register";

/** Heartbeats of the last hour by minute, oldest first, and the last 20 with their time. */
export interface BeatHistory {
  minutes: ({ minute: number } & BeatCounts)[];
  recent: { at: Millis; ignored: boolean }[];
}

export interface ActivityEntry {
  at: Millis;
  type: string;
  data: JsonObject;
  /** How many events it stands for; absent: 1. */
  count?: number;
  /** When the first of them happened. */
  firstAt?: Millis;
  /** With `at` its {@link Place}. Absent from older code. */
  n?: number;
}
