import type { FrameErrorCode, InboundFrame } from "../contract/frames.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import { fitsFrame } from "./bounds.ts";
import { confirmConfig } from "./config.ts";
import { beat } from "./heartbeat.ts";
import { configFrames, statusFrame } from "./outbound.ts";
import { mergeProfile } from "./profile.ts";
import { isPrivate, type OrchestratorRecord, type SocketState, viewOf } from "./state.ts";
import { type Clock, type Effect, iso, type Step } from "./step.ts";
import { usageStep } from "./usage.ts";

/** One valid frame of an open session. */
export function dispatch(record: OrchestratorRecord, socket: SocketState, frame: InboundFrame, clock: Clock): Step {
  if (frame.type === "i_am_alive" || frame.type === "keepalive") return beat(record, socket, frame, clock);
  const active = { ...socket, lastActivityAt: clock.now };
  const refused = (code: FrameErrorCode, message: string): Step => ({
    record,
    socket: seen,
    effects: [{ kind: "send", frame: errorFrame({ code, message, ref: frame.type }, false, clock.now) }],
  });
  const seen = record.isIndependent ? active : { ...active, lastSeenAt: clock.now };
  switch (frame.type) {
    case "request_status": {
      const view = viewOf(record, seen, clock.now, clock.ttlMs);
      return { record, socket: seen, effects: [{ kind: "send", frame: statusFrame(view, socket.id, clock.now) }] };
    }
    case "provisioning_request": {
      const dialect = record.session?.dialect ?? "handshake";
      const frames = configFrames(record, dialect, "connect", clock.now);
      return {
        record,
        socket: seen,
        effects: [
          ...frames.map((out): Effect => ({ kind: "send", frame: out })),
          { kind: "activity", type: "provision", data: { revision: record.config.revision, requested: true } },
        ],
      };
    }
    case "update_metadata": {
      if (isPrivate(record)) return { record, socket: seen, effects: [] };
      const metadata = frame.metadata ?? frame.data?.metadata ?? {};
      const profile = mergeProfile(record.profile, record.owned, metadata);
      if (!fitsFrame(profile))
        return refused("invalid_frame", "The metadata of this orchestrator would grow too large.");
      const told = { ...seen, ...(metadata.features && { featuresAt: clock.now, allFeaturesAt: clock.now }) };
      if (JSON.stringify(profile) === JSON.stringify(record.profile)) return { record, socket: told, effects: [] };
      const bumped = { ...told, seq: Math.max(record.seq, seen.seq) + 1 };
      return {
        record: { ...record, profile, seq: bumped.seq },
        socket: bumped,
        effects: [
          { kind: "activity", type: "metadata", data: {} },
          { kind: "register", urgent: false, cause: "update_metadata", before: record.profile },
          { kind: "report", transition: "profile" },
        ],
      };
    }
    case "independence_ack": {
      if (!record.awaitsIndependenceAck) return { record, socket: seen, effects: [] };
      const value = (frame.is_independent ?? record.isIndependent) ? "True" : "False";
      const message = `Independence setting written to environment files for ${record.orchestratorId}: ${value}`;
      return {
        record: { ...record, awaitsIndependenceAck: false },
        socket: seen,
        effects: [
          { kind: "activity", type: "independence_ack", data: { is_independent: value === "True" } },
          { kind: "log", level: "INFO", message },
        ],
      };
    }
    case "monitoring_report":
    case "monitoring":
    case "recommendation": {
      const type = frame.type === "recommendation" ? "recommendation" : "monitoring";
      if (record.isIndependent) return refused("independent", "Messages are not taken while independent.");
      if (type === "monitoring" && !record.monitoringEnabled) {
        return refused("monitoring_disabled", "Monitoring is switched off for this orchestrator.");
      }
      const { id, content, metadata } = frame.data;
      return { record, socket: seen, effects: [{ kind: "message", type, clientId: id ?? null, content, metadata }] };
    }
    case "message_status": {
      if (record.isIndependent) return refused("independent", "Messages are not taken while independent.");
      const messageId = frame.data?.message_id ?? frame.message_id;
      const status = frame.data?.status ?? frame.status;
      if (!messageId || !status) return { record, socket: seen, effects: [] };
      return { record, socket: seen, effects: [{ kind: "decision", decision: { messageId, status } }] };
    }
    case "config_status": {
      const confirmed = confirmConfig(record, frame, clock.now);
      if (!confirmed) return { record, socket: seen, effects: [] };
      const bumped = { ...seen, seq: Math.max(record.seq, seen.seq) + 1 };
      return {
        record: { ...confirmed, seq: bumped.seq },
        socket: bumped,
        effects: [
          {
            kind: "activity",
            type: "config_status",
            data: { revision: frame.revision ?? record.toldConfig.revision, status: frame.status },
          },
          { kind: "report", transition: "config" },
        ],
      };
    }
    case "usage_report":
      return usageStep(record, seen, frame, clock.now);
    case "o_config_snapshot": {
      const ack: Effect = {
        kind: "send",
        frame: { type: "o_config_snapshot_ack", orchestrator_id: record.orchestratorId, ts: iso(clock.now) },
      };
      return {
        record,
        socket: seen,
        effects: isPrivate(record) ? [ack] : [{ kind: "snapshot", data: frame.data }, ack],
      };
    }
    default:
      return { record, socket: seen, effects: [] };
  }
}
