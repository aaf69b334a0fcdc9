import { isSignOfLife } from "../contract/frames.ts";
import { errorFrame, type FrameError, type ParsedFrame, parseFrame } from "../contract/parse-frame.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { FRAME_RATE, MAX_STRIKES, STRIKE_WINDOW_MS } from "../contract/values/limits.ts";
import { withClock } from "./agent-clock.ts";
import { isOwed } from "./config.ts";
import { dispatch } from "./dispatch.ts";
import { withDropped } from "./dropped.ts";
import { helloOf, openSession } from "./handshake.ts";
import { pace } from "./pace.ts";
import type { OrchestratorRecord, SocketState } from "./state.ts";
import type { Clock, Effect, Step } from "./step.ts";
import type { Contest } from "./takeover.ts";

export interface Incoming {
  record: OrchestratorRecord | null;
  socket: SocketState;
  previous: SocketState | null;
  ownId: string;
  contest?: Contest;
}

/** One frame from outside, from bytes to effects. Pure: the clock is an argument and nothing is awaited. */
export function receive(incoming: Incoming, raw: string | ArrayBuffer, clock: Clock): Step {
  const { phase, awaiting } = incoming.socket;
  const step = decide(incoming, raw, clock);
  if (phase !== "open") return step;
  // Whatever it says, also what is refused: somebody is there, and has what was sent before.
  const socket = { ...step.socket, heardAt: clock.now };
  if (!awaiting) return { ...step, socket };
  return { ...step, socket: { ...socket, awaiting: false }, effects: [{ kind: "confirm" }, ...step.effects] };
}

/**
 * What is left of a step whose frame cannot be kept now: that its sender is there, and what waited for that. What the
 * frame brought is noted when it is sent again, and what was sent before is confirmed by the next one.
 */
export function putOff({ record, socket, effects }: Step, before: SocketState): Step {
  const { dropped: _dropped, clock: _clock, awaiting: _awaiting, ...rest } = socket;
  const { dropped, clock, awaiting } = before;
  return {
    record,
    socket: { ...rest, ...(dropped && { dropped }), ...(clock && { clock }), ...(awaiting && { awaiting }) },
    effects: effects.filter(({ kind }) => kind === "report" || kind === "tell" || kind === "replay"),
  };
}

function decide(incoming: Incoming, raw: string | ArrayBuffer, clock: Clock): Step {
  const { record, ownId } = incoming;
  if (incoming.socket.phase === "closed") return { record, socket: incoming.socket, effects: [] };
  const parsed = parseFrame(raw);
  const { socket, wait } = pace({ ...incoming.socket, sentBytes: 0 }, clock.now);
  if (wait === "never") return strike(record, socket, tooManyFrames(parsed, null), CLOSE.tooManyFrames, clock);
  // Over the rate, what proves life still does.
  if (wait !== null && !(parsed.ok && isSignOfLife(parsed.frame.type))) {
    return strike(record, socket, tooManyFrames(parsed, wait), CLOSE.tooManyFrames, clock);
  }
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
  const { frame, dropped } = parsed;
  const hello = helloOf(frame, ownId);
  if (socket.phase === "pending") {
    if (!hello) return strike(record, socket, handshakeRequired(frame.type), CLOSE.badFrames, clock);
    const opened = withClock(openSession({ ...incoming, socket }, hello, clock), frame, clock.now);
    return withDropped(opened, "handshake", dropped, clock.now);
  }
  if (!record) return { record, socket, effects: [] };
  const named = hello?.orchestratorId ?? ("orchestrator_id" in frame ? frame.orchestrator_id : undefined);
  if (named !== undefined && named !== ownId) {
    const message = "The id of the frame is not the id of this session.";
    const error: FrameError = {
      code: "id_conflict",
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
  const lapsed = clock.now - socket.lastFrameAt >= clock.ttlMs;
  const dispatched = dispatch(record, { ...socket, lastFrameAt: clock.now }, frame, clock);
  const timed = withClock(dispatched, frame, clock.now);
  const told = withDropped(timed, isSignOfLife(frame.type) ? "heartbeat" : "frame", dropped, clock.now);
  const step = withWhatWaited(told);
  return lapsed ? revived(step, clock) : step;
}

function tooManyFrames(parsed: ParsedFrame, waitMs: number | null): FrameError {
  const rate = `At most ${FRAME_RATE.perSec} frames a second, in bursts of ${FRAME_RATE.burst}.`;
  const { ref, id } = parsed.ok ? { ref: parsed.frame.type, id: parsed.id } : parsed.error;
  return {
    code: "rate_limited",
    message: waitMs === null ? rate : `${rate} Send this one again after ${waitMs} ms.`,
    ref,
    strike: false,
    close: waitMs === null ? CLOSE.tooManyFrames : null,
    ...(id !== undefined && { id }),
    ...(waitMs !== null && { retryAfterMs: waitMs }),
  };
}

/** It has read what it was sent: what waited for that may follow. */
function withWhatWaited(step: Step): Step {
  const { record, socket } = step;
  if (!record || record.isIndependent) return step;
  const effects = [...step.effects];
  const owesConfig = socket.owesConfig || isOwed(record);
  if (owesConfig) effects.push({ kind: "tell" });
  if (socket.replaying) effects.push({ kind: "replay" });
  return { ...step, effects };
}

/** The first frame after a silence of one TTL makes it active again, which is told at once. */
function revived(step: Step, clock: Clock): Step {
  if (step.effects.some(({ kind }) => kind === "report")) return step;
  const seq = Math.max(step.record?.seq ?? 0, step.socket.seq) + 1;
  return {
    ...step,
    socket: { ...step.socket, seq, lastReportAt: clock.now },
    effects: [...step.effects, { kind: "report", transition: null }],
  };
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
