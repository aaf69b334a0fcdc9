import type { Dropped } from "./cleaning.ts";
import type { PresentedCredential } from "./credentials.ts";
import type { Accepted, ErrorDetail } from "./errors.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Decision, MessageType } from "./messages.ts";
import type { BeatCounts, HealthStatus, Millis, PresenceView, Profile } from "./presence.ts";
import type { RefusalSource } from "./refusals.ts";

/** Who asked for a change; stored with its audit row. */
export interface AuditContext {
  actor: string;
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}

/** What REST registration may set. Absent fields leave the stored value alone. */
export interface RegistrationFields {
  name?: string;
  location?: string;
  /** Never from outside: what the orchestrator itself calls them. */
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
  /** null: the orchestrator's own, or the 1:1 organization of the same id when it is new. */
  organizationId: string | null;
  fields: RegistrationFields;
  audit: AuditContext;
  /** What of the request could not be used. */
  dropped?: Dropped[];
  /** The orchestrator itself asks. It does not change a name or a location that somebody has set. */
  isOwn?: boolean;
  /** Becomes valid when this call creates the registration. */
  credential?: PresentedCredential;
  /**
   * Registered before, it gets the credential all the same: `vacant` if it has no valid one, `any` if there is room for
   * one more. Refused otherwise, and then nothing is changed.
   */
  join?: "vacant" | "any";
  /**
   * Of one that was deregistered: the tokens that it had count again, and none is made. Only in the organization that it was
   * deregistered from (which null means as well), and only if one of them is valid; otherwise as without this.
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
  /** What its clock said. */
  claimedAt?: Millis;
  source?: RefusalSource;
  healthStatus?: HealthStatus;
  features?: JsonObject;
  metrics?: JsonObject;
  /** What of it could not be used. */
  dropped?: Dropped[];
}

export interface NewMessage {
  type: MessageType;
  content: string;
  metadata: JsonObject;
  audit: AuditContext;
}

/** A message is decided: the orchestrator is told, now or at its next handshake. */
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
  /** The credential that came with the call is valid now. */
  credentialIssued?: boolean;
  /** What else of the request was not used, beside what came with it as dropped. */
  dropped?: Dropped[];
}

/** What costs more, and so is told only to who asks for it. */
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
  /** Of the open session, or of the last one. Absent: told by older code. */
  dropped?: DroppedSummary | null;
  /** By how much its clock was ahead when it last told the time. Absent from older code. */
  clockOffsetMs?: number | null;
  beats: BeatHistory;
  /** What it last said of its configuration (`o_config_snapshot`). Absent when nobody asked for it. */
  configSnapshot?: { at: Millis; data: JsonObject } | null;
  /** What it reports beside what was published. Null: nothing since it was told that. Absent when nobody asked for it. */
  configDifference?: ConfigDifferenceReport | null;
  /** Entries that `activity` can tell. Absent when nobody asked for it, and from older code. */
  activityCount?: number;
}

/** What one session said and could not be used as it came. */
export interface DroppedSummary {
  count: number;
  /** The first few fields it was, each once. */
  fields: string[];
  /** Why the last one of them could not be used. */
  reason: string;
  lastAt: Millis;
}

/** One place where what an orchestrator reports is not what was published; the side that has nothing there is absent. */
export interface ConfigDifference {
  path: string;
  published?: JsonValue;
  reported?: JsonValue;
}

export interface ConfigDifferenceReport {
  /** When it reported what is compared. */
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
  /** How many it stands for, when it repeats over and over; absent: 1. */
  count?: number;
  /** When the first of them happened. */
  firstAt?: Millis;
  /** With `at` its {@link Place}. Absent from older code. */
  n?: number;
}
