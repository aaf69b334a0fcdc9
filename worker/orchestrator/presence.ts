import type { OrganizationConfig } from "../contract/config.ts";
import type { InboundFrame } from "../contract/frames.ts";
import {
  type ConfigState,
  type HealthStatus,
  later,
  type Millis,
  type PresenceView,
  type Status,
} from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
import { isPrivate, nextSeq, type OrchestratorRecord, type SocketState, seqOf } from "./state.ts";

export interface PresenceFacts {
  isIndependent: boolean;
  /** open: a socket is connected. lost: our own reset took it without a close event. none: closed, or never had one. */
  session: "open" | "lost" | "none";
  /** The last frame or REST heartbeat since the last close; null when there was none. */
  lastSignalAt: Millis | null;
  lostAt: Millis | null;
}

export interface Presence {
  status: Status;
  connected: boolean;
  /** When the signal that keeps it active runs out, or null when nothing runs. */
  expiresAt: Millis | null;
}

/** A socket without a frame for so many TTLs is closed: its other end is gone, or the network between is. */
const SILENT_TTLS = 2;

/**
 * What the silence of an open socket means. After one TTL it is shown as silent, though it may send frames again; at
 * `closesAt` it is closed.
 */
export function silenceOf(
  { lastFrameAt, heardAt = lastFrameAt }: { lastFrameAt: Millis; heardAt?: Millis },
  now: Millis,
  ttlMs: number,
): { silent: boolean; closesAt: Millis } {
  const lastAt = Math.max(lastFrameAt, heardAt);
  return { silent: now - lastAt >= ttlMs, closesAt: lastAt + SILENT_TTLS * ttlMs };
}

/**
 * The only place that decides presence. A lost session counts as open until `lostAt` + TTL, so that
 * our own restart marks nobody inactive before one full TTL.
 */
export function presenceOf(facts: PresenceFacts, now: Millis, ttlMs: number): Presence {
  const lostAt = facts.session === "lost" ? facts.lostAt : null;
  const lastSign = later(facts.lastSignalAt, lostAt);
  const expiresAt = lastSign === null ? null : lastSign + ttlMs;
  const alive = expiresAt !== null && now < expiresAt;
  return {
    status: facts.isIndependent ? "independent" : alive ? "active" : "inactive",
    connected: facts.session === "open",
    expiresAt: alive ? expiresAt : null,
  };
}

/** The record joined with the attachment of its open socket: the current truth about one orchestrator. */
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
    seq: seqOf(record, socket),
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
 * The health after a sign of life that reports `said`, or nothing. The last reported health stays, through reconnects as
 * well, until another one is reported: a client that reports only changes would flip to healthy with every beat between.
 */
export function healthAfter(
  { healthStatus, healthSaid }: OrchestratorRecord,
  said: HealthStatus | undefined,
): Pick<OrchestratorRecord, "healthStatus" | "healthSaid"> {
  if (said !== undefined) return { healthStatus: said, healthSaid: true };
  return { healthStatus: healthStatus === "unknown" && !healthSaid ? "healthy" : healthStatus, healthSaid };
}

/** The session is over: nothing keeps the orchestrator active any more, and the attachment moves into the record. */
export function endSession(record: OrchestratorRecord, socket: SocketState | null, now: Millis): OrchestratorRecord {
  return {
    ...forgetSession(record, now),
    session: null,
    lostAt: null,
    seq: nextSeq(record, socket),
    lastSeenAt: later(record.lastSeenAt, socket?.lastSeenAt ?? null),
    lastSignalAt: null,
    lastActivityAt: later(record.lastActivityAt, socket?.lastActivityAt ?? null),
    featuresAt: later(record.featuresAt, socket?.featuresAt ?? null),
    allFeaturesAt: later(record.allFeaturesAt, socket?.allFeaturesAt ?? null),
    beats: socket?.beats ?? record.beats,
    metrics: socket?.metrics ?? record.metrics,
    dropped: socket ? (socket.dropped ?? null) : record.dropped,
    clockOffsetMs: socket ? (socket.clock?.offsetMs ?? null) : record.clockOffsetMs,
  };
}

// --- The state of the configuration ----------------------------------------------------------------------------------

/** What of the record says how far the configuration has come. */
type Facts = Pick<
  OrchestratorRecord,
  | "config"
  | "toldConfig"
  | "toldAt"
  | "publishedFeatures"
  | "configState"
  | "configError"
  | "configSince"
  | "runningRevision"
>;

/** Features that are remembered after they were withdrawn. */
const MAX_PUBLISHED_FEATURES = 512;

/** The record in this state, since when it has been in it, and without the error of another one. */
function enter<T extends Facts>(record: T, state: ConfigState, now: Millis, changes: Partial<Facts> = {}): T {
  const configSince = state === record.configState ? record.configSince : now;
  return { ...record, configState: state, configError: null, configSince, ...changes };
}

/** A newer configuration, which is to be told; null when it is not newer. */
export function receiveConfig<T extends Facts>(record: T, config: OrganizationConfig, now: Millis): T | null {
  if (config.revision <= record.config.revision) return null;
  return enter(record, "queued", now, { config });
}

/** The desired configuration is to be told once more, whatever was said of it; null when nothing was published. */
export function queueAgain<T extends Facts>(record: T, now: Millis): T | null {
  return record.config.revision === 0 ? null : enter(record, "queued", now);
}

/** Whether the desired configuration is yet to be told: it was not told at all, or was published again since. */
export function isOwed({ config, toldConfig, configState }: Facts): boolean {
  return toldConfig.revision !== config.revision || configState === "queued";
}

/** It is told the desired configuration. */
export function tell<T extends Facts>(record: T, now: Millis): T {
  const { config, toldConfig } = record;
  if (config.revision === 0 || !isOwed(record)) return { ...record, toldConfig: config };
  const isNew = config.revision !== toldConfig.revision;
  return enter(record, "sent", now, { toldConfig: config, ...(isNew && toldNow(record, now)) });
}

function toldNow(record: Facts, now: Millis): Pick<Facts, "toldAt" | "publishedFeatures"> {
  const { config, toldConfig, publishedFeatures } = record;
  // At revision 0 those are the features it was registered with.
  const before = toldConfig.revision > 0 ? Object.keys(toldConfig.features) : [];
  const names = new Set([...Object.keys(config.features), ...before, ...publishedFeatures]);
  return { toldAt: now, publishedFeatures: [...names].slice(0, MAX_PUBLISHED_FEATURES) };
}

/**
 * The session is over, or another one begins. What an orchestrator said of its success holds for the session in which
 * it said so: a process that starts anew may have lost it. That it failed or runs something else stays, until it says
 * otherwise.
 */
export function forgetSession<T extends Facts>(record: T, now: Millis): T {
  const claimsSuccess = record.configState === "applied" || record.configState === "applying";
  return claimsSuccess ? enter(record, "unconfirmed", now) : record;
}

type ConfigStatus = Extract<InboundFrame, { type: "config_status" }>;

/** What the orchestrator says of a configuration; null when that is nothing new. */
export function confirmConfig(record: OrchestratorRecord, frame: ConfigStatus, now: Millis): OrchestratorRecord | null {
  const { revision, hash } = record.toldConfig;
  if (revision === 0) return null;
  const isTold = (frame.revision ?? revision) === revision && (frame.hash ?? hash) === hash;
  const next = isTold ? heardOfTold(record, frame, now) : heardOfOther(record, frame, now);
  const isNews =
    next.configState !== record.configState ||
    next.configError !== record.configError ||
    next.runningRevision !== record.runningRevision;
  return isNews ? next : null;
}

/** It speaks of what it was told last. */
function heardOfTold(record: OrchestratorRecord, frame: ConfigStatus, now: Millis): OrchestratorRecord {
  const { configState } = record;
  const runningRevision = frame.status === "applied" ? record.toldConfig.revision : record.runningRevision;
  // A newer one, or this one again, waits to be told: whatever it says of this one, that is where it stands.
  if (configState === "queued") return { ...record, runningRevision };
  switch (frame.status) {
    case "applied":
      return enter(record, "applied", now, { runningRevision });
    case "failed": {
      const reason = isPrivate(record) ? undefined : frame.error;
      return enter(record, "failed", now, { configError: redact(reason ?? "The orchestrator gave no reason.") });
    }
    case "applying":
      // It may come late: what has ended in this session is not taken back by it.
      return configState === "applied" || configState === "failed" ? record : enter(record, "applying", now);
  }
}

/** It speaks of another one: only that it runs it says anything about the one that it should run. */
function heardOfOther(record: OrchestratorRecord, frame: ConfigStatus, now: Millis): OrchestratorRecord {
  if (frame.status !== "applied") return record;
  const runningRevision = frame.revision ?? null;
  const { configState } = record;
  // Why it could not apply the newer one says more than that it went back to an older one.
  if (configState === "queued" || configState === "failed") return { ...record, runningRevision };
  return enter(record, "drifted", now, { runningRevision });
}
