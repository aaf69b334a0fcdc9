import type { OrganizationConfig } from "../contract/config.ts";
import type { JsonObject } from "../contract/json.ts";
import type { BeatHistory, Dialect, DroppedSummary } from "../contract/orchestrator.ts";
import {
  type BeatCounts,
  type ConfigState,
  type HealthStatus,
  later,
  type Millis,
  type PresenceView,
  type Profile,
} from "../contract/presence.ts";
import { FRAME_RATE, HANDSHAKE_TIMEOUT_MS } from "../contract/values/limits.ts";
import { NO_BEATS } from "./beats.ts";
import { presenceOf, silenceOf } from "./presence.ts";
import { NO_PROFILE, type Owned, UNOWNED } from "./profile.ts";

export interface Session {
  id: string;
  openedAt: Millis;
  dialect: Dialect;
  /** Tells machines apart without keeping what they are called. */
  machine: string;
  /** Absent in rows of older code: when the session was opened. */
  machineSeenAt?: Millis;
}

/** What one orchestrator's object keeps in a row. Written on transitions only, never on a heartbeat. */
export interface OrchestratorRecord {
  orchestratorId: string;
  organizationId: string;
  lifecycle: "registered" | "deregistered";
  generation: number;
  registeredAt: Millis;
  epoch: number;
  seq: number;
  profile: Profile;
  owned: Owned;
  /** Given by registrations; a handshake tells its own over it. */
  registeredMetadata: JsonObject;
  /** When somebody last named it or its organization: an older answer of Postgres does not count then. */
  namedAt: Millis;
  sessionConfig: JsonObject;
  /** What its organization wants. */
  config: OrganizationConfig;
  /** What it was told last; differs while it is offline or independent. */
  toldConfig: OrganizationConfig;
  configState: ConfigState;
  configError: string | null;
  /** Since when it has been in that state. */
  configSince: Millis | null;
  /** The revision that it last said it had applied. */
  runningRevision: number | null;
  /** When it was first told the revision that it was told last. */
  toldAt: Millis | null;
  /** The features that it was ever told, so that those which were withdrawn are known if it still has them. */
  publishedFeatures: string[];
  /** When it last reported features, and when it last reported all of them, which only replaces what was known. */
  featuresAt: Millis | null;
  allFeaturesAt: Millis | null;
  monitoringEnabled: boolean;
  /** It was told of a change of independence and has not confirmed it. */
  awaitsIndependenceAck: boolean;
  isIndependent: boolean;
  privacyMode: boolean;
  healthStatus: HealthStatus;
  /** It has spoken of its health itself; until then it counts as healthy while it lives. */
  healthSaid: boolean;
  session: Session | null;
  /** When a reset was found to have taken the open session's socket. */
  lostAt: Millis | null;
  lastSeenAt: Millis | null;
  lastSignalAt: Millis | null;
  lastActivityAt: Millis | null;
  beats: BeatHistory;
  /** The last metrics of a heartbeat; those of an open session are in its socket. */
  metrics: string | null;
  /** What its last session, or its heartbeats over REST, said and could not be used. */
  dropped: DroppedSummary | null;
  /** By how much its clock was ahead when it last told the time. */
  clockOffsetMs: number | null;
  /** The last row that a REST heartbeat wrote. */
  restSavedAt: Millis;
  /** Its registration was accepted while Postgres was away: the answer to the next one carries its token. */
  owesCredential: boolean;
}

interface Pulse {
  everyMs: number;
  dueAt: Millis;
}

export function nextPulse(everyMs: number, now: Millis): Pulse {
  return { everyMs, dueAt: now + everyMs };
}

/** What rides in a socket's attachment (≤16,384 B) and so survives hibernation without a row. */
export interface SocketState {
  id: string;
  phase: "pending" | "open" | "closed";
  acceptedAt: Millis;
  tokens: number;
  tokensAt: Millis;
  strikes: Millis[];
  seq: number;
  /** The last frame that it could be used for; the others prove only that somebody is there. */
  lastFrameAt: Millis;
  /** The last frame of any kind, also one that was refused. */
  heardAt?: Millis;
  lastSeenAt: Millis | null;
  lastActivityAt: Millis | null;
  lastReportAt: Millis;
  /** Whether it has sent a heartbeat since it connected or its independence was switched: the first is reported at once. */
  beatSeen: boolean;
  /** Somebody watches: until when, and when the last sight was told. */
  watch?: { untilMs: Millis; sightAt: Millis };
  unreported: BeatCounts;
  beats: BeatHistory;
  /** As JSON text: numbers would take more room than their digits. */
  metrics: string | null;
  /** The key id of the agent token that it came with; absent where none is required. */
  keyId?: string;
  /** Where it connects from, as far as that is known. */
  address?: string;
  /** What it was sent since its last frame. */
  sentBytes?: number;
  /** Its handshake asked for `controller_heartbeat`. */
  pulse?: Pulse;
  /** What this session said and could not be used. */
  dropped?: DroppedSummary;
  /** By how much its clock is ahead, and whether that was a word to the operator in this session. */
  clock?: { offsetMs: number; isTold: boolean };
  /** Frames over the rate: since when they are counted, how many, and how many of them without a pause. */
  flood?: { sinceAt: Millis; frames: number; inARow: number };
  /** Messages wait for its next frame, because it was sent enough at a time. */
  replaying?: boolean;
  /** It was sent messages; its next frame confirms them. */
  awaiting?: boolean;
  /** When it reported features in this session, and all of them. */
  featuresAt?: Millis;
  allFeaturesAt?: Millis;
  /** It is to be told its configuration once more with its next frame. */
  owesConfig?: boolean;
}

export function newSocket(id: string, now: Millis, keyId?: string, address?: string): SocketState {
  return {
    id,
    phase: "pending",
    acceptedAt: now,
    tokens: FRAME_RATE.burst,
    tokensAt: now,
    strikes: [],
    seq: 0,
    lastFrameAt: now,
    lastSeenAt: null,
    lastActivityAt: null,
    lastReportAt: now,
    beatSeen: false,
    unreported: { processed: 0, ignored: 0 },
    beats: NO_BEATS,
    metrics: null,
    ...(keyId !== undefined && { keyId }),
    ...(address !== undefined && { address }),
  };
}

/** When the alarm has to see to this socket by itself: its handshake is missing, or it asked to be told of us. */
export function socketDueAt(socket: Readonly<SocketState>): Millis | null {
  if (socket.phase === "pending") return socket.acceptedAt + HANDSHAKE_TIMEOUT_MS;
  return socket.phase === "open" ? (socket.pulse?.dueAt ?? null) : null;
}

export const EMPTY_CONFIG: OrganizationConfig = { revision: 0, hash: "", features: {}, settings: {}, policies: {} };

export function newRecord(orchestratorId: string, organizationId: string, now: Millis): OrchestratorRecord {
  return {
    orchestratorId,
    organizationId,
    lifecycle: "registered",
    generation: 1,
    registeredAt: now,
    epoch: 0,
    seq: 0,
    profile: NO_PROFILE,
    owned: UNOWNED,
    registeredMetadata: {},
    namedAt: 0,
    sessionConfig: {},
    config: EMPTY_CONFIG,
    toldConfig: EMPTY_CONFIG,
    configState: "none",
    configError: null,
    configSince: null,
    runningRevision: null,
    toldAt: null,
    publishedFeatures: [],
    featuresAt: null,
    allFeaturesAt: null,
    monitoringEnabled: true,
    awaitsIndependenceAck: false,
    isIndependent: false,
    privacyMode: false,
    healthStatus: "unknown",
    healthSaid: false,
    session: null,
    lostAt: null,
    lastSeenAt: null,
    lastSignalAt: null,
    lastActivityAt: null,
    beats: NO_BEATS,
    metrics: null,
    dropped: null,
    clockOffsetMs: null,
    restSavedAt: 0,
    owesCredential: false,
  };
}

/**
 * A record as it was stored. What older code wrote lacks what was added since: there, an orchestrator's own name and
 * location stood among its metadata, and whatever differs from them was set.
 */
export function restoredRecord(stored: OrchestratorRecord): OrchestratorRecord {
  const record = { ...newRecord(stored.orchestratorId, stored.organizationId, 0), ...stored };
  if ("owned" in stored) return record;
  const { name, location, metadata } = record.profile;
  const owned = {
    name: name !== null && name !== metadata.name,
    location: location !== null && location !== metadata.location,
  };
  return { ...record, owned };
}

/** The record of an id that is registered again: everything new but what must keep rising. */
export function reborn(dead: OrchestratorRecord, organizationId: string, now: Millis): OrchestratorRecord {
  return {
    ...newRecord(dead.orchestratorId, organizationId, now),
    generation: dead.generation + 1,
    epoch: dead.epoch + 1,
  };
}

/** The stored record joined with what its open socket carries: the current truth about one orchestrator. */
export function viewOf(
  record: OrchestratorRecord,
  socket: SocketState | null,
  now: Millis,
  ttlMs: number,
): PresenceView {
  const presence = presenceOf(
    {
      isIndependent: record.isIndependent,
      session: socket ? "open" : record.lostAt !== null ? "lost" : "none",
      lastSignalAt: later(record.lastSignalAt, socket?.lastFrameAt ?? null),
      lostAt: record.lostAt,
    },
    now,
    ttlMs,
  );
  return {
    orchestratorId: record.orchestratorId,
    organizationId: record.organizationId,
    generation: record.generation,
    epoch: record.epoch,
    seq: Math.max(record.seq, socket?.seq ?? 0),
    ...presence,
    connectedAt: socket ? (record.session?.openedAt ?? null) : null,
    ...(socket && silenceOf(socket, now, ttlMs)),
    healthStatus: record.healthStatus,
    isIndependent: record.isIndependent,
    privacyMode: record.privacyMode,
    configRevision: record.config.revision,
    configState: record.configState,
    configError: record.configError,
    configSince: record.configSince,
    configRunning: record.runningRevision,
    lastSeenAt: later(record.lastSeenAt, socket?.lastSeenAt ?? null),
    lastActivityAt: later(record.lastActivityAt, socket?.lastActivityAt ?? null),
  };
}

/**
 * Its health after a sign of life that says `said` of it, or nothing. What it said last stands, through reconnects as well,
 * until it says otherwise: whoever reports only changes would flip to healthy with every beat in between.
 */
export function healthAfter(
  { healthStatus, healthSaid }: OrchestratorRecord,
  said: HealthStatus | undefined,
): Pick<OrchestratorRecord, "healthStatus" | "healthSaid"> {
  if (said !== undefined) return { healthStatus: said, healthSaid: true };
  return { healthStatus: healthStatus === "unknown" && !healthSaid ? "healthy" : healthStatus, healthSaid };
}

/** Independent and private: nothing that this orchestrator says of itself is kept. */
export function isPrivate(record: OrchestratorRecord): boolean {
  return record.isIndependent && record.privacyMode;
}
