import type {
  HeartbeatInput,
  IndependenceInput,
  Names,
  RegisterInput,
  RegistrationFields,
} from "../contract/orchestrator.ts";
import { later, type Millis, type PresenceView } from "../contract/presence.ts";
import { unmasked } from "../platform/redact.ts";
import { recordBeat } from "./beats.ts";
import { mergeFeatures } from "./bounds.ts";
import { forgetSession } from "./config.ts";
import type { Owned } from "./profile.ts";
import { healthAfter, isPrivate, newRecord, type OrchestratorRecord, reborn, type SocketState } from "./state.ts";

/** The session is over: nothing keeps it active any more, and what its socket carried moves into the record. */
export function endSession(record: OrchestratorRecord, socket: SocketState | null, now: Millis): OrchestratorRecord {
  return {
    ...forgetSession(record, now),
    session: null,
    lostAt: null,
    seq: Math.max(record.seq, socket?.seq ?? 0) + 1,
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

/** It said that it is going. The next beat counts at once, because nothing holds its row back. */
export function leaveRecord(record: OrchestratorRecord, now: Millis): OrchestratorRecord {
  return { ...endSession(record, null, now), restSavedAt: 0 };
}

/** A reset took the socket without a close event. The epoch rises, because the seq of its attachment is lost. */
export function loseSession(record: OrchestratorRecord, now: Millis): OrchestratorRecord {
  return { ...record, lostAt: now, epoch: record.epoch + 1, seq: 0 };
}

/**
 * What of a registration is kept. A mask that comes back leaves the secret behind it as it is; an independent and private
 * orchestrator tells nothing of itself that stays.
 */
export function keptFields(record: OrchestratorRecord | null, fields: RegistrationFields): RegistrationFields {
  if (!record) return fields;
  const { metadata, features, session_config, ...kept } = fields;
  const given = {
    ...kept,
    ...(session_config && { session_config: unmasked(session_config, record.sessionConfig) }),
  };
  if (isPrivate(record)) return given;
  return {
    ...given,
    ...(metadata && { metadata: unmasked(metadata, record.profile.metadata) }),
    ...(features && { features: unmasked(features, record.profile.features) }),
  };
}

/** Registration over REST. Never marks anyone active; absent fields keep their value. */
export function registerRecord(
  record: OrchestratorRecord | null,
  ownId: string,
  input: RegisterInput,
  currentSeq: number,
  now: Millis,
): { record: OrchestratorRecord; created: boolean } {
  const organizationId = input.organizationId ?? ownId;
  const created = record === null || record.lifecycle === "deregistered";
  const base =
    record === null
      ? newRecord(ownId, organizationId, now)
      : record.lifecycle === "deregistered"
        ? reborn(record, organizationId, now)
        : record;
  const { metadata, features, session_config, monitoring_enabled } = input.fields;
  const { profile, owned } = withNames(base, input);
  return {
    created,
    record: {
      ...base,
      seq: (created ? base.seq : currentSeq) + 1,
      profile: {
        ...profile,
        metadata: metadata ?? profile.metadata,
        features: features ?? profile.features,
      },
      owned,
      registeredMetadata: metadata ?? base.registeredMetadata,
      // These are the operator's words, not its own.
      ...(features && { featuresAt: null, allFeaturesAt: null }),
      sessionConfig: session_config ?? base.sessionConfig,
      monitoringEnabled: monitoring_enabled ?? base.monitoringEnabled,
      // Until its organization publishes one, it is told the features it was registered with.
      ...(created && features
        ? { config: { ...base.config, features }, toldConfig: { ...base.config, features } }
        : {}),
    },
  };
}

/** Which of name and location a registration changes. The orchestrator's own does not change what somebody has set. */
export function namesSetBy(record: OrchestratorRecord | null, input: RegisterInput): Owned {
  const mayset = (field: keyof Owned) => input.fields[field] !== undefined && !(input.isOwn && record?.owned[field]);
  return { name: mayset("name"), location: mayset("location") };
}

function withNames(base: OrchestratorRecord, input: RegisterInput): Pick<OrchestratorRecord, "profile" | "owned"> {
  const { name = null, location = null } = input.fields;
  const sets = namesSetBy(base, input);
  return {
    profile: {
      ...base.profile,
      ...(sets.name && { name }),
      ...(sets.location && { location }),
      ...(input.isOwn && name !== null && { reportedName: name }),
      ...(input.isOwn && location !== null && { reportedLocation: location }),
    },
    owned: { name: base.owned.name || sets.name, location: base.owned.location || sets.location },
  };
}

/** Somebody has named it, or the organization that it shares its name with. */
export function renamed(record: OrchestratorRecord, { name, location }: Names): OrchestratorRecord {
  const { profile, owned } = record;
  return {
    ...record,
    profile: { ...profile, name: name ?? profile.name, location: location === undefined ? profile.location : location },
    owned: { name: owned.name || name !== undefined, location: owned.location || location !== undefined },
  };
}

/** Deregistered is final until REST registers the id again: only what must keep rising is kept. */
export function buryRecord(record: OrchestratorRecord, currentSeq: number): OrchestratorRecord {
  const { orchestratorId, organizationId, generation, epoch, registeredAt } = record;
  const seq = currentSeq + 1;
  return {
    ...newRecord(orchestratorId, organizationId, registeredAt),
    lifecycle: "deregistered",
    generation,
    epoch,
    seq,
  };
}

/** Switches independence and freezes `lastSeenAt` where it stands. */
export function toggleIndependence(
  record: OrchestratorRecord,
  view: PresenceView,
  input: IndependenceInput,
): OrchestratorRecord | null {
  const privacyMode = input.privacyMode ?? record.privacyMode;
  if (record.isIndependent === input.isIndependent && record.privacyMode === privacyMode) return null;
  return { ...record, isIndependent: input.isIndependent, privacyMode, lastSeenAt: view.lastSeenAt, seq: view.seq + 1 };
}

/** A heartbeat over REST; the caller decides whether the result is written or only kept in memory. */
export function restBeat(record: OrchestratorRecord, input: HeartbeatInput, now: Millis): OrchestratorRecord {
  const ignored = record.isIndependent;
  const beaten = { ...record, lastSignalAt: now, beats: recordBeat(record.beats, now, ignored) };
  if (ignored) return beaten;
  return {
    ...beaten,
    ...(input.features && { featuresAt: now }),
    lastSeenAt: now,
    ...healthAfter(record, input.healthStatus),
    metrics: input.metrics ? JSON.stringify(input.metrics) : record.metrics,
    profile: input.features
      ? {
          ...record.profile,
          features: mergeFeatures(record.profile.features, input.features) ?? record.profile.features,
        }
      : record.profile,
  };
}
