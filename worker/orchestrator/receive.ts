import { CLOSE, type InboundFrame } from "../contract/frames.ts";
import { FRAME_BURST, FRAMES_PER_SEC, MAX_STRIKES, STRIKE_WINDOW_MS } from "../contract/limits.ts";
import { errorFrame, type FrameError, parseFrame } from "../contract/parse-frame.ts";
import { recordBeat } from "./beats.ts";
import { helloOf, mergeProfile, openSession, profileFields } from "./handshake.ts";
import { configFrames, keepaliveAck, statusFrame } from "./outbound.ts";
import { type OrchestratorRecord, type SocketState, viewOf } from "./state.ts";
import type { Clock, Effect, Step } from "./step.ts";

export interface Incoming {
  record: OrchestratorRecord | null;
  socket: SocketState;
  previous: SocketState | null;
  ownId: string;
}

/** One frame from outside, from bytes to effects. Pure: the clock is an argument and nothing is awaited. */
export function receive(incoming: Incoming, raw: string | ArrayBuffer, clock: Clock): Step {
  const { record, ownId } = incoming;
  if (incoming.socket.phase === "closed") return { record, socket: incoming.socket, effects: [] };
  const socket = takeToken(incoming.socket, clock.now);
  if (socket.tokens < 0) {
    const message = `At most ${FRAMES_PER_SEC} frames a second, in bursts of ${FRAME_BURST}.`;
    const error: FrameError = { code: "rate_limited", message, ref: null, strike: true, close: null };
    return strike(record, { ...socket, tokens: 0 }, error, CLOSE.tooManyFrames, clock);
  }
  const parsed = parseFrame(raw);
  if (!parsed.ok) {
    const handshakeFirst = socket.phase === "pending" && parsed.error.code === "unknown_type";
    return strike(
      record,
      socket,
      handshakeFirst ? handshakeRequired(parsed.error.ref) : parsed.error,
      CLOSE.badFrames,
      clock,
    );
  }
  const { frame } = parsed;
  const hello = helloOf(frame);
  if (socket.phase === "pending") {
    if (!hello) return strike(record, socket, handshakeRequired(frame.type), CLOSE.badFrames, clock);
    return openSession({ ...incoming, socket }, hello, clock);
  }
  if (!record) return { record, socket, effects: [] };
  const named = hello?.orchestratorId ?? ("orchestrator_id" in frame ? frame.orchestrator_id : undefined);
  if (named !== undefined && named !== ownId) {
    const message = "The id of the frame is not the id of this session.";
    const error: FrameError = {
      code: "identity_mismatch",
      message,
      ref: frame.type,
      strike: true,
      close: CLOSE.identityMismatch,
    };
    return strike(record, socket, error, CLOSE.badFrames, clock);
  }
  if (hello) {
    const error: FrameError = {
      code: "invalid_frame",
      message: "This session is open already.",
      ref: frame.type,
      strike: true,
      close: null,
    };
    return strike(record, socket, error, CLOSE.badFrames, clock);
  }
  return dispatch(record, { ...socket, lastFrameAt: clock.now }, frame, clock);
}

function handshakeRequired(ref: string | null): FrameError {
  return {
    code: "handshake_required",
    message: "The first frame must be a handshake or register.",
    ref,
    strike: true,
    close: null,
  };
}

function takeToken(socket: SocketState, now: number): SocketState {
  const refill = (Math.max(0, now - socket.tokensAt) / 1000) * FRAMES_PER_SEC;
  return { ...socket, tokens: Math.min(FRAME_BURST, socket.tokens + refill) - 1, tokensAt: now };
}

/** Answers a refused frame; the sixth strike within the window closes the socket with `closeCode`. */
function strike(
  record: OrchestratorRecord | null,
  socket: SocketState,
  error: FrameError,
  closeCode: number,
  clock: Clock,
): Step {
  const recent = socket.strikes.filter((at) => clock.now - at < STRIKE_WINDOW_MS);
  const strikes = error.strike ? [...recent, clock.now] : recent;
  const close = error.close ?? (strikes.length > MAX_STRIKES ? closeCode : null);
  const effects: Effect[] = [{ kind: "send", frame: errorFrame(error, close !== null, clock.now) }];
  if (close === null) return { record, socket: { ...socket, strikes }, effects };
  effects.push({ kind: "close", code: close, reason: error.code });
  return { record, socket: { ...socket, strikes, phase: "closed" }, effects };
}

function dispatch(record: OrchestratorRecord, socket: SocketState, frame: InboundFrame, clock: Clock): Step {
  if (frame.type === "i_am_alive" || frame.type === "keepalive") return beat(record, socket, frame, clock);
  const active = { ...socket, lastActivityAt: clock.now };
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
      const profile = mergeProfile(record.profile, frame.metadata ?? frame.data?.metadata ?? {});
      if (JSON.stringify(profile) === JSON.stringify(record.profile)) return { record, socket: seen, effects: [] };
      const bumped = { ...seen, seq: Math.max(record.seq, seen.seq) + 1 };
      return {
        record: { ...record, profile, seq: bumped.seq },
        socket: bumped,
        effects: [
          { kind: "activity", type: "metadata", data: {} },
          { kind: "register", fields: profileFields(profile) },
          { kind: "report", transition: "profile" },
        ],
      };
    }
    case "independence_ack": {
      const value = (frame.is_independent ?? record.isIndependent) ? "True" : "False";
      const message = `Independence setting written to environment files for ${record.orchestratorId}: ${value}`;
      return {
        record,
        socket: seen,
        effects: [
          { kind: "activity", type: "independence_ack", data: { is_independent: value === "True" } },
          { kind: "log", level: "INFO", message },
        ],
      };
    }
    default:
      return { record, socket: seen, effects: [] };
  }
}

type Beat = Extract<InboundFrame, { type: "i_am_alive" | "keepalive" }>;

/** A heartbeat touches memory and the attachment; it writes a row only when health or features change. */
function beat(record: OrchestratorRecord, socket: SocketState, frame: Beat, clock: Clock): Step {
  const ignored = record.isIndependent;
  const ack: Effect = { kind: "send", frame: keepaliveAck(record, clock.now) };
  const text = ignored ? "Ignoring heartbeat from independent" : "Processing heartbeat from";
  const trace: Effect = { kind: "trace", message: `[C-OCS] ${text} orchestrator ${record.orchestratorId}` };
  const counted: SocketState = {
    ...socket,
    beatSeen: true,
    lastSeenAt: ignored ? socket.lastSeenAt : clock.now,
    beats: recordBeat(socket.beats, clock.now, ignored),
    unreported: {
      processed: socket.unreported.processed + (ignored ? 0 : 1),
      ignored: socket.unreported.ignored + (ignored ? 1 : 0),
    },
    metrics: ignored ? socket.metrics : (frame.metrics ?? socket.metrics),
  };
  const health = ignored ? record.healthStatus : (frame.health_status ?? "healthy");
  const features = ignored ? record.profile.features : { ...record.profile.features, ...frame.features };
  const healthChanged = health !== record.healthStatus;
  const featuresChanged = JSON.stringify(features) !== JSON.stringify(record.profile.features);
  const first = !socket.beatSeen;
  const due = clock.now - socket.lastReportAt >= clock.reportIntervalMs;
  if (!(healthChanged || featuresChanged || first || due)) return { record, socket: counted, effects: [ack, trace] };

  const reported = { ...counted, seq: Math.max(record.seq, counted.seq) + 1, lastReportAt: clock.now };
  const profile = { ...record.profile, features };
  const changed = healthChanged || featuresChanged;
  const effects: Effect[] = [ack, trace];
  if (healthChanged) effects.push({ kind: "activity", type: "health", data: { health_status: health } });
  if (featuresChanged) effects.push({ kind: "register", fields: profileFields(profile) });
  const transition = healthChanged ? "health" : featuresChanged ? "profile" : first ? "first_beat" : null;
  effects.push({ kind: "report", transition });
  return {
    record: changed ? { ...record, healthStatus: health, profile, seq: reported.seq } : record,
    socket: reported,
    effects,
  };
}
