import type { OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Message } from "../contract/messages.ts";
import type { Dialect, MessageDecision } from "../contract/orchestrator.ts";
import type { Millis, PresenceView } from "../contract/presence.ts";
import { SESSION_TIMEOUT_SETTING } from "../contract/values/config.ts";
import { FRAME_RATE } from "../contract/values/limits.ts";
import { heartbeatIntervalSec } from "../platform/settings.ts";
import { type Clock, iso, type OrchestratorRecord } from "./state.ts";

export function handshakeAck(record: OrchestratorRecord, sessionId: string, clock: Clock): OutboundFrame {
  return {
    type: "handshake_ack",
    success: true,
    orch_id: record.orchestratorId,
    orchestrator_id: record.orchestratorId,
    session: { epoch: record.epoch, id: sessionId },
    pacing: {
      heartbeat_interval_sec: heartbeatIntervalSec(clock.ttlMs),
      heartbeat_ttl_sec: clock.ttlMs / 1000,
      frames: { per_sec: FRAME_RATE.perSec, burst: FRAME_RATE.burst },
      reconnect: { min_ms: 1_000, max_ms: 30_000, jitter: true },
    },
    ts: iso(clock.now),
    timestamp: iso(clock.now),
  };
}

/**
 * The told configuration in the words of the session's dialect. `provisioning` must repeat the orchestrator's
 * own id: the Python client renames itself to whatever stands there.
 */
export function configFrames(
  record: OrchestratorRecord,
  dialect: Dialect,
  occasion: "connect" | "change",
  now: Millis,
): OutboundFrame[] {
  const { features, settings, policies, revision, hash } = record.toldConfig;
  if (dialect === "register") {
    const config = { features, settings, policies };
    const type = occasion === "connect" ? "provisioning" : "config_update";
    return [{ type, orchestrator_id: record.orchestratorId, config, revision, hash, timestamp: iso(now) }];
  }
  return [
    provisioning(record, now),
    { type: "provision_config", data: { features, settings, policies }, revision, hash, timestamp: iso(now) },
  ];
}

function provisioning(record: OrchestratorRecord, now: Millis): OutboundFrame {
  const { features, revision } = record.toldConfig;
  const { name, location, metadata } = record.profile;
  const names = { ...(name !== null && { name }), ...(location !== null && { location }) };
  return {
    type: "provisioning",
    data: {
      orchestrator_id: record.orchestratorId,
      features,
      // The Python client merges features unless this is set, and would keep what was removed. Before anything is
      // published it must not be set, or the site's own features would go.
      ...(revision > 0 && { replace_features: true }),
      // What it reported may hold its own name, which must not contradict the one beside it.
      metadata: { ...metadata, ...names },
      session: sessionOf(record),
      ...names,
    },
    timestamp: iso(now),
  };
}

/**
 * What the Python client reads instead of `settings`. Registration gives the defaults; a timeout that was published for
 * the organization overrides it, under its own name and under the one that the client reads.
 */
function sessionOf({ sessionConfig, toldConfig }: OrchestratorRecord): JsonObject {
  const { [SESSION_TIMEOUT_SETTING]: minutes } = toldConfig.settings;
  if (typeof minutes !== "number") return sessionConfig;
  return { ...sessionConfig, [SESSION_TIMEOUT_SETTING]: minutes, timeout_seconds: minutes * 60 };
}

export function keepaliveAck(record: OrchestratorRecord, now: Millis): OutboundFrame {
  return {
    type: "keepalive_ack",
    orchestrator_id: record.orchestratorId,
    ts: iso(now),
    independent: record.isIndependent,
  };
}

export function controllerHeartbeat({ orchestratorId }: OrchestratorRecord, now: Millis): OutboundFrame {
  return { type: "controller_heartbeat", orch_id: orchestratorId, orchestrator_id: orchestratorId, ts: iso(now) };
}

export function statusFrame(view: PresenceView, sessionId: string, now: Millis): OutboundFrame {
  return {
    type: "status",
    orchestrator_id: view.orchestratorId,
    organization_id: view.organizationId,
    status: view.status,
    connected: view.connected,
    health_status: view.healthStatus,
    is_independent: view.isIndependent,
    privacy_mode: view.privacyMode,
    last_seen: view.lastSeenAt === null ? null : iso(view.lastSeenAt),
    session: { epoch: view.epoch, id: sessionId },
    ts: iso(now),
    timestamp: iso(now),
  };
}

/** Sent when independence changes; `stop_monitoring` follows when it is switched on. */
export function independenceFrames(record: OrchestratorRecord, now: Millis): OutboundFrame[] {
  const update = {
    type: "independence_update",
    orchestrator_id: record.orchestratorId,
    is_independent: record.isIndependent,
    privacy_mode: record.privacyMode,
    timestamp: iso(now),
  };
  if (!record.isIndependent) return [update];
  return [update, { type: "stop_monitoring", orchestrator_id: record.orchestratorId, timestamp: iso(now) }];
}

export function messageFrame(message: Message, now: Millis): OutboundFrame {
  return {
    type: "message",
    orchestrator_id: message.orchestratorId,
    data: {
      id: message.id,
      message_id: message.id,
      message_type: message.type,
      content: message.content,
      metadata: message.metadata,
      created_at: iso(message.createdAt),
    },
    timestamp: iso(now),
  };
}

export function decisionFrame({ messageId, status }: MessageDecision, now: Millis): OutboundFrame {
  const data = { message_id: messageId, status };
  return { type: "message_status", ...data, data, timestamp: iso(now) };
}
