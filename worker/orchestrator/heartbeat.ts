import type { InboundFrame } from "../contract/frames.ts";
import { recordBeat } from "./beats.ts";
import { mergeFeatures, NO_ROOM } from "./bounds.ts";
import { withDropped } from "./dropped.ts";
import { keepaliveAck } from "./outbound.ts";
import { healthAfter, isPrivate, type OrchestratorRecord, type SocketState } from "./state.ts";
import type { Clock, Effect, Step } from "./step.ts";

/** Those who watch hear of beats at most this often. */
const SIGHT_INTERVAL_MS = 1_000;

type Beat = Extract<InboundFrame, { type: "i_am_alive" | "keepalive" }>;

/** A heartbeat, and a word about its features when what is known leaves no room for them. */
export function beat(record: OrchestratorRecord, socket: SocketState, frame: Beat, clock: Clock): Step {
  const step = count(record, socket, frame, clock);
  const isFull = frame.features !== undefined && mergeFeatures(record.profile.features, frame.features) === null;
  return isFull ? withDropped(step, "heartbeat", [NO_ROOM], clock.now) : step;
}

/** A heartbeat touches memory and the attachment; it writes a row only when health or features change. */
function count(record: OrchestratorRecord, socket: SocketState, frame: Beat, clock: Clock): Step {
  const ignored = record.isIndependent;
  const ack: Effect = { kind: "send", frame: keepaliveAck(record, clock.now) };
  const text = ignored ? "Ignoring heartbeat from independent" : "Processing heartbeat from";
  const trace: Effect = { kind: "trace", message: `[C-OCS] ${text} orchestrator ${record.orchestratorId}` };
  const counted: SocketState = {
    ...socket,
    beatSeen: true,
    ...(!ignored && frame.features && { featuresAt: clock.now }),
    lastSeenAt: ignored ? socket.lastSeenAt : clock.now,
    beats: recordBeat(socket.beats, clock.now, ignored),
    unreported: {
      processed: socket.unreported.processed + (ignored ? 0 : 1),
      ignored: socket.unreported.ignored + (ignored ? 1 : 0),
    },
    metrics: isPrivate(record)
      ? null
      : ignored
        ? socket.metrics
        : frame.metrics
          ? JSON.stringify(frame.metrics)
          : socket.metrics,
  };
  const { healthStatus: health, healthSaid } = ignored ? record : healthAfter(record, frame.health_status);
  const known = record.profile.features;
  const features = ignored ? known : (mergeFeatures(known, frame.features) ?? known);
  const healthChanged = health !== record.healthStatus;
  const featuresChanged = JSON.stringify(features) !== JSON.stringify(record.profile.features);
  const first = !socket.beatSeen;
  const due = clock.now - socket.lastReportAt >= clock.reportIntervalMs;
  // Also when it says for the first time what was assumed of it.
  const changed = healthChanged || featuresChanged || healthSaid !== record.healthSaid;
  if (!(changed || first || due)) {
    const { watch } = counted;
    const watched = watch && clock.now < watch.untilMs && clock.now - watch.sightAt >= SIGHT_INTERVAL_MS;
    if (!watched) return { record, socket: counted, effects: [ack, trace] };
    const seen = { ...counted, seq: Math.max(record.seq, counted.seq) + 1, watch: { ...watch, sightAt: clock.now } };
    return { record, socket: seen, effects: [ack, trace, { kind: "sight" }] };
  }

  const reported = { ...counted, seq: Math.max(record.seq, counted.seq) + 1, lastReportAt: clock.now };
  const profile = { ...record.profile, features };
  const effects: Effect[] = [ack, trace];
  if (healthChanged) effects.push({ kind: "activity", type: "health", data: { health_status: health } });
  if (featuresChanged) effects.push({ kind: "register", urgent: false, cause: "heartbeat", before: record.profile });
  const transition = healthChanged ? "health" : featuresChanged ? "profile" : first ? "first_beat" : null;
  effects.push({ kind: "report", transition });
  return {
    record: changed ? { ...record, healthStatus: health, healthSaid, profile, seq: reported.seq } : record,
    socket: reported,
    effects,
  };
}
