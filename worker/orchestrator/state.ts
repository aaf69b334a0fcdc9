import type { OrganizationConfig } from "../contract/config.ts";
import type { CredentialView } from "../contract/credentials.ts";
import type { JsonObject } from "../contract/json.ts";
import type { BeatHistory, Dialect, DroppedSummary } from "../contract/orchestrator.ts";
import type { BeatCounts, ConfigState, HealthStatus, Millis, Profile } from "../contract/presence.ts";
import type { QuotaKind, QuotaLimits } from "../contract/quotas.ts";
import { FRAME_RATE, HANDSHAKE_TIMEOUT_MS } from "../contract/values/limits.ts";

/** What a decision may know beside the state: the moment, the settings, and a source of new ids. */
export interface Clock {
  now: Millis;
  ttlMs: number;
  reportIntervalMs: number;
  quotas: QuotaLimits;
  /** False while a setting cannot be used; the others are then without a limit. */
  isConfigured: boolean;
  newId(): string;
}

export const iso = (at: Millis): string => new Date(at).toISOString();

export interface Session {
  id: string;
  openedAt: Millis;
  dialect: Dialect;
  /** Tells machines apart without storing their names. */
  machine: string;
  machineSeenAt: Millis;
}

/** Whether a person or a registration has set the field. A value that the orchestrator reports then stands beside it. */
export interface Owned {
  name: boolean;
  location: boolean;
}

/** The row of one orchestrator. It is written on transitions only, never on a heartbeat. */
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
  /** Given by registrations; the metadata of a handshake is merged over it. */
  registeredMetadata: JsonObject;
  /** When somebody last named it or its organization. An answer of Postgres to an earlier question does not count. */
  namedAt: Millis;
  sessionConfig: JsonObject;
  /** The desired configuration: what its organization published last. */
  config: OrganizationConfig;
  /** The configuration that was last sent; it differs while the orchestrator is offline or independent. */
  toldConfig: OrganizationConfig;
  configState: ConfigState;
  configError: string | null;
  /** Since when it has been in that state. */
  configSince: Millis | null;
  /** The revision that the orchestrator last reported as applied. */
  runningRevision: number | null;
  /** When the told revision was first sent. */
  toldAt: Millis | null;
  /** Names of all features that were ever sent, so that a withdrawn one is recognized if it is still reported. */
  publishedFeatures: string[];
  /** When it last reported features, and when it last reported all of them, which replaces what was known. */
  featuresAt: Millis | null;
  allFeaturesAt: Millis | null;
  monitoringEnabled: boolean;
  /** A change of independence was sent and is not confirmed yet. */
  awaitsIndependenceAck: boolean;
  isIndependent: boolean;
  privacyMode: boolean;
  healthStatus: HealthStatus;
  /** It has reported its health at least once; until then it counts as healthy while it lives. */
  healthSaid: boolean;
  session: Session | null;
  /** When the object found that a reset had taken the socket of the open session. */
  lostAt: Millis | null;
  lastSeenAt: Millis | null;
  lastSignalAt: Millis | null;
  lastActivityAt: Millis | null;
  beats: BeatHistory;
  /** The last metrics of a heartbeat; those of an open session are in its socket. */
  metrics: string | null;
  /** What could not be used of its last session, or of its heartbeats over REST. */
  dropped: DroppedSummary | null;
  /** By how much its clock was ahead when a frame last carried the time. */
  clockOffsetMs: number | null;
  /** When a REST heartbeat last wrote the row. */
  restSavedAt: Millis;
  /** Its registration was accepted while Postgres was away: the answer to the next registration carries its token. */
  owesCredential: boolean;
}

interface Pulse {
  everyMs: number;
  dueAt: Millis;
}

export function nextPulse(everyMs: number, now: Millis): Pulse {
  return { everyMs, dueAt: now + everyMs };
}

/** What the attachment of a socket holds (at most 16,384 bytes). It survives hibernation and costs no row. */
export interface SocketState {
  id: string;
  phase: "pending" | "open" | "closed";
  acceptedAt: Millis;
  tokens: number;
  tokensAt: Millis;
  strikes: Millis[];
  seq: number;
  /** The last frame that could be used; any other frame proves only that somebody is there. */
  lastFrameAt: Millis;
  /** The last frame of any kind, including refused ones. */
  heardAt?: Millis;
  lastSeenAt: Millis | null;
  lastActivityAt: Millis | null;
  lastReportAt: Millis;
  /** It has sent a heartbeat since it connected or its independence was switched: the first one is reported at once. */
  beatSeen: boolean;
  /** Somebody watches: until when, and when the last sight was sent. */
  watch?: { untilMs: Millis; sightAt: Millis };
  unreported: BeatCounts;
  beats: BeatHistory;
  /** As JSON text: numbers would take more room than their digits. */
  metrics: string | null;
  /** The key id of the agent token that it came with; absent where none is required. */
  keyId?: string;
  /** The address that it connects from, if known. */
  address?: string;
  /** Bytes that were sent to it since its last frame. */
  sentBytes?: number;
  /** Its handshake asked for `controller_heartbeat`. */
  pulse?: Pulse;
  /** What could not be used of this session. */
  dropped?: DroppedSummary;
  /** By how much its clock is ahead, and whether the operator was told in this session. */
  clock?: { offsetMs: number; isTold: boolean };
  /** Frames over the rate: since when they are counted, how many, and how many of them without a pause. */
  flood?: { sinceAt: Millis; frames: number; inARow: number };
  /** Messages wait for its next frame, because enough was sent at a time. */
  replaying?: boolean;
  /** Messages were sent to it; its next frame confirms them. */
  awaiting?: boolean;
  /** When it reported features in this session, and all of them. */
  featuresAt?: Millis;
  allFeaturesAt?: Millis;
  /** Its configuration is to be sent once more with its next frame. */
  owesConfig?: boolean;
}

export const NO_BEATS: BeatHistory = { minutes: [], recent: [] };

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

/** When the alarm has to act on this socket: its handshake is missing, or it asked for a `controller_heartbeat`. */
export function socketDueAt(socket: Readonly<SocketState>): Millis | null {
  if (socket.phase === "pending") return socket.acceptedAt + HANDSHAKE_TIMEOUT_MS;
  return socket.phase === "open" ? (socket.pulse?.dueAt ?? null) : null;
}

/** An agent token as the object stores it. */
export interface Credential extends Omit<CredentialView, "valid" | "connected"> {
  /** SHA-256 of the token, in hex. */
  digest: string;
  /** The lifetime that it was made with, which its successor inherits; null: without an end. */
  lifetimeMs: number | null;
  firstUsedAt: Millis | null;
}

/** Which quota of messages the organization has reached, as Postgres answered last. */
export interface MessageQuota {
  reached: QuotaKind | null;
  knownAt: Millis;
  /** A message was refused since Postgres was asked last. In memory alone. */
  isAsked: boolean;
}

const EMPTY_CONFIG: OrganizationConfig = { revision: 0, hash: "", features: {}, settings: {}, policies: {} };

const NO_PROFILE: Profile = {
  name: null,
  location: null,
  reportedName: null,
  reportedLocation: null,
  metadata: {},
  features: {},
};

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
    owned: { name: false, location: false },
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

/** The record of an id that is registered again: everything is new except what must keep rising. */
export function reborn(dead: OrchestratorRecord, organizationId: string, now: Millis): OrchestratorRecord {
  return {
    ...newRecord(dead.orchestratorId, organizationId, now),
    generation: dead.generation + 1,
    epoch: dead.epoch + 1,
  };
}

/** Independent and private: nothing that this orchestrator reports about itself is kept. */
export function isPrivate(record: OrchestratorRecord): boolean {
  return record.isIndependent && record.privacyMode;
}

type Numbered = { seq: number } | null;

/** With an open session `seq` rises in the attachment, which costs no row, so that the higher of the two counts. */
export function seqOf(record: Numbered, socket: Numbered): number {
  return Math.max(record?.seq ?? 0, socket?.seq ?? 0);
}

/** The number of the next report within the epoch. This is the only place that raises `seq`. */
export function nextSeq(record: Numbered, socket: Numbered): number {
  return seqOf(record, socket) + 1;
}
