import type { BeatHistory, OrchestratorDetail } from "../contract/orchestrator.ts";
import {
  type FleetMember,
  isNewer,
  later,
  type PresenceView,
  toWire,
  type WirePresence,
} from "../contract/presence.ts";
import { isoMoment } from "../contract/rest/common.ts";
import type {
  Heartbeats,
  LiveOrchestrator,
  Orchestrator,
  OrchestratorDetailView,
  RegisteredOrchestrator,
} from "../contract/rest/orchestrators.ts";
import type { InstanceRow } from "../db/instances.ts";
import { fromRow } from "../db/presence.ts";

/** Whether the view of the Fleet is as new as the row of Postgres, or newer. */
export function isCurrent(
  row: Pick<InstanceRow, "generation" | "presenceEpoch" | "presenceSeq">,
  view: PresenceView,
): boolean {
  return !isNewer({ generation: row.generation, epoch: row.presenceEpoch, seq: row.presenceSeq }, view);
}

/**
 * The presence to show: the view, unless it is older. An older view of the same session still decides `connected`,
 * because Postgres does not store sockets. `last_seen` never goes back.
 */
function overlay(row: InstanceRow, view: PresenceView | undefined): WirePresence<string | null> {
  if (!view || view.generation < row.generation) return storedPresence(row);
  const lastSeen = lastSeenOf(row, view);
  if (isCurrent(row, view)) return { ...toWire(view, isoMoment), last_seen: lastSeen };
  const connected = view.epoch === row.presenceEpoch && view.connected;
  return { ...storedPresence(row), connected, silent: connected && (view.silent ?? false), last_seen: lastSeen };
}

function lastSeenOf(row: InstanceRow, view: PresenceView): string | null {
  return isoMoment(later(view.lastSeenAt, row.lastSeen?.getTime() ?? null));
}

/** A row of Postgres with the presence of the Fleet, unless the row is newer. */
export function toOrchestrator(row: InstanceRow, view: PresenceView | undefined): Orchestrator {
  const presence = overlay(row, view);
  return {
    orchestrator_id: row.orchestratorId,
    organization_id: row.organizationId,
    organization_name: row.organizationName,
    name: row.name,
    location: row.location,
    reported_name: row.reportedName,
    reported_location: row.reportedLocation,
    ...presence,
    monitoring_enabled: row.monitoringEnabled,
    features: row.features,
    metadata: row.metadata,
    session_config: row.sessionConfig,
    internal_url: row.internalUrl,
    phoenix_endpoint: row.phoenixEndpoint,
    website: row.website,
    container_id: row.containerId,
    image_name: row.imageName,
    admin_email: row.adminEmail,
    support_email: row.supportEmail,
    database_url_set: row.databaseUrlSet,
    redis_url_set: row.redisUrlSet,
    environment_variable_names: row.environmentVariableNames,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** The same in short. */
export function toRegistered(row: InstanceRow, view: PresenceView | undefined): RegisteredOrchestrator {
  return {
    orchestrator_id: row.orchestratorId,
    organization_id: row.organizationId,
    name: row.name,
    ...overlay(row, view),
    internal_url: row.internalUrl,
    registered_at: row.createdAt.toISOString(),
  };
}

/** The row that Postgres will hold of an accepted registration that is still in the outbox. */
export function rowToBe({ view, profile, generation, registeredAt }: OrchestratorDetail): InstanceRow {
  const at = new Date(registeredAt);
  return {
    ...view,
    organizationName: null,
    ...profile,
    reportedName: profile.reportedName ?? null,
    reportedLocation: profile.reportedLocation ?? null,
    nameSet: false,
    locationSet: false,
    monitoringEnabled: true,
    lastSeen: null,
    lastActivity: null,
    sessionConfig: {},
    internalUrl: null,
    databaseUrlSet: false,
    redisUrlSet: false,
    environmentVariableNames: [],
    containerId: null,
    imageName: null,
    phoenixEndpoint: null,
    adminEmail: null,
    supportEmail: null,
    website: null,
    configSince: view.configSince == null ? null : new Date(view.configSince),
    configRunning: view.configRunning ?? null,
    generation,
    registrationAt: 0,
    presenceEpoch: 0,
    presenceSeq: 0,
    createdAt: at,
    updatedAt: at,
  };
}

/** The Durable Object is asked last, so its answer is the current one. */
export function toOrchestratorDetail(
  row: InstanceRow,
  detail: OrchestratorDetail,
): Omit<OrchestratorDetailView, "heartbeat_interval_sec"> {
  const { view, profile, session, metrics, dropped, beats, configSnapshot, configDifference } = detail;
  return {
    ...toOrchestrator(row, undefined),
    ...toWire(view, isoMoment),
    last_seen: row.generation === view.generation ? lastSeenOf(row, view) : isoMoment(view.lastSeenAt),
    name: profile.name ?? row.name,
    location: profile.location ?? row.location,
    reported_name: profile.reportedName ?? row.reportedName,
    reported_location: profile.reportedLocation ?? row.reportedLocation,
    features: profile.features,
    metadata: profile.metadata,
    connected_at: isoMoment(view.connectedAt),
    session: session && {
      epoch: session.epoch,
      id: session.id,
      opened_at: new Date(session.openedAt).toISOString(),
      dialect: session.dialect,
    },
    metrics,
    dropped: dropped
      ? {
          count: dropped.count,
          fields: dropped.fields,
          reason: dropped.reason,
          last_at: new Date(dropped.lastAt).toISOString(),
        }
      : null,
    clock_offset_ms: detail.clockOffsetMs ?? null,
    config_snapshot: configSnapshot
      ? { received_at: new Date(configSnapshot.at).toISOString(), data: configSnapshot.data }
      : null,
    config_difference: configDifference?.items ?? [],
    config_reported_at: isoMoment(configDifference?.at ?? null),
    beats: beatsOf(beats),
    registered_at: new Date(detail.registeredAt).toISOString(),
  };
}

/** The heartbeats of one object. */
export function toHeartbeats({ view, registeredAt, beats }: OrchestratorDetail): Heartbeats["orchestrators"][number] {
  return {
    orchestrator_id: view.orchestratorId,
    organization_id: view.organizationId,
    status: view.status,
    connected: view.connected,
    connected_at: isoMoment(view.connectedAt),
    is_independent: view.isIndependent,
    registered_at: new Date(registeredAt).toISOString(),
    last_seen: isoMoment(view.lastSeenAt),
    ...beatsOf(beats),
  };
}

function beatsOf({ minutes, recent }: BeatHistory) {
  return {
    minutes: minutes.map(({ minute, processed, ignored }) => ({
      minute: new Date(minute * 60_000).toISOString(),
      processed,
      ignored,
    })),
    recent: recent.map(({ at, ignored }) => ({ timestamp: new Date(at).toISOString(), ignored })),
  };
}

export function toLive({ view, profile }: FleetMember): LiveOrchestrator {
  return {
    orchestrator_id: view.orchestratorId,
    organization_id: view.organizationId,
    name: profile.name ?? view.orchestratorId,
    location: profile.location,
    reported_name: profile.reportedName ?? null,
    reported_location: profile.reportedLocation ?? null,
    ...toWire(view, isoMoment),
    status: "connected",
    connected: true,
    connected_at: isoMoment(view.connectedAt),
    features: profile.features,
    metadata: { ...profile.metadata, features: profile.features },
  };
}

function storedPresence(row: InstanceRow): WirePresence<string | null> {
  return { ...toWire(fromRow(row), isoMoment), presence_version: null };
}
