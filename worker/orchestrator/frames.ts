import { type FrameErrorCode, type InboundFrame, isSignOfLife, type OutboundFrame } from "../contract/frames.ts";
import { errorFrame, type FrameError, type ParsedFrame, parseFrame } from "../contract/parse-frame.ts";
import type { Millis } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import {
  FLOOD_WINDOW_MS,
  FRAME_RATE,
  MAX_FRAMES_OVER_RATE,
  MAX_STRIKES,
  STRIKE_WINDOW_MS,
} from "../contract/values/limits.ts";
import { takeToken } from "../platform/token-bucket.ts";
import type { Draft } from "./draft.ts";
import { beat, noteClock, noteDropped, queueReport } from "./heartbeat.ts";
import { tellConfig } from "./lifecycle.ts";
import { askQuota, confirmDelivered, isQuotaStale, receiveDecision, receiveMessage, replay } from "./messages.ts";
import { configFrames, statusFrame } from "./outbound.ts";
import { confirmConfig, isOwed, viewOf } from "./presence.ts";
import { fitsFrame, mergeProfile } from "./profile.ts";
import { helloOf, openSession } from "./session.ts";
import { iso, isPrivate, type OrchestratorRecord, type SocketState } from "./state.ts";
import { type Answer, DONE, type InputOf } from "./turn.ts";
import { receiveUsage } from "./usage.ts";

const UNCONFIGURED = {
  code: "config_error",
  message: "The controller is not configured correctly. Keep this, and send it again later.",
  ref: null,
} as const;

const FULL = {
  code: "rate_limited",
  message: "The database is not available, and too much is waiting for it already. Keep this, and send it again later.",
  ref: null,
} as const;

/** What an orchestrator sends to be kept. */
const KEPT: ReadonlySet<string> = new Set([
  "monitoring_report",
  "monitoring",
  "recommendation",
  "message_status",
  "usage_report",
]);

/** One frame of one socket, from bytes to effects. */
export function receive(draft: Draft, { socketId, raw }: InputOf<"frame">): Answer<null> {
  const socket = draft.socket(socketId);
  if (!socket || socket.phase === "closed") return DONE;
  if (!draft.clock.isConfigured) {
    draft.answer(socketId, errorFrame(UNCONFIGURED, false, draft.now));
    return DONE;
  }
  handle(draft, socket, raw);
  const after = draft.socket(socketId);
  if (after?.phase === "closed" && draft.record?.session?.id === socketId) {
    draft.finish(after, "refused");
    draft.report("disconnected");
  }
  return isQuotaStale(draft) ? askQuota(draft, null) : DONE;
}

function handle(draft: Draft, before: Readonly<SocketState>, raw: string | ArrayBuffer): void {
  const parsed = parseFrame(raw);
  const { socket, wait } = pace({ ...before, sentBytes: 0 }, draft.now);
  const isOpen = socket.phase === "open";
  // While the outbox is full, the orchestrator keeps the frame; what it confirms is confirmed by the next one.
  const isFull = parsed.ok && KEPT.has(parsed.frame.type) && draft.outbox.isFull;
  const confirms = isOpen && socket.awaiting && !isFull;
  // A refused frame as well proves that somebody is there, who has what was sent before.
  draft.put({ ...socket, ...(isOpen && { heardAt: draft.now }), ...(confirms && { awaiting: false }) });
  if (confirms) confirmDelivered(draft, socket.id);
  const error = objectionTo(parsed, wait, isOpen, draft.ownId);
  if (error) strike(draft, socket.id, error);
  if (error || !parsed.ok) return;
  const { frame, dropped } = parsed;
  const hello = helloOf(frame, draft.ownId);
  if (!isOpen && hello && openSession(draft, draft.socket(socket.id) ?? socket, hello)) {
    noteClock(draft, frame);
    noteDropped(draft, "handshake", dropped);
  }
  if (!isOpen || !draft.record) return;
  draft.put({ ...(draft.socket(socket.id) ?? socket), lastFrameAt: draft.now });
  dispatch(draft, draft.record, socket.id, frame, isFull);
  if (!isFull) {
    noteClock(draft, frame);
    noteDropped(draft, isSignOfLife(frame.type) ? "heartbeat" : "frame", dropped);
  }
  sendWhatWaited(draft);
  // The first frame after a silence of one TTL makes it active again, which is reported at once.
  if (draft.now - socket.lastFrameAt < draft.clock.ttlMs || draft.effects.some(({ kind }) => kind === "report")) return;
  draft.raise();
  draft.mark({ lastReportAt: draft.now });
  draft.report(null);
}

/** Why a frame is refused, or null. */
function objectionTo(
  parsed: ParsedFrame,
  wait: number | "never" | null,
  isOpen: boolean,
  ownId: string,
): FrameError | null {
  if (wait === "never") return tooManyFrames(parsed, null);
  // Over the rate, a sign of life still counts.
  if (wait !== null && !(parsed.ok && isSignOfLife(parsed.frame.type))) return tooManyFrames(parsed, wait);
  if (!parsed.ok) {
    return !isOpen && parsed.error.code === "unknown_type" ? handshakeRequired(parsed.error.ref) : parsed.error;
  }
  const { frame } = parsed;
  const hello = helloOf(frame, ownId);
  if (!isOpen) return hello ? null : handshakeRequired(frame.type);
  const named = hello?.orchestratorId ?? ("orchestrator_id" in frame ? frame.orchestrator_id : undefined);
  const about = { ref: frame.type, strike: true };
  if (named !== undefined && named !== ownId) {
    const message = "The id of the frame is not the id of this session.";
    return { code: "id_conflict", message, ...about, close: CLOSE.identityMismatch };
  }
  return hello && { code: "invalid_frame", message: "This session is open already.", ...about, close: null };
}

/** One valid frame of an open session. */
function dispatch(
  draft: Draft,
  record: OrchestratorRecord,
  socketId: string,
  frame: InboundFrame,
  isFull: boolean,
): void {
  const { now } = draft;
  const answer = (...frames: OutboundFrame[]) => draft.answer(socketId, ...frames);
  const refuse = (code: FrameErrorCode, message: string) =>
    answer(errorFrame({ code, message, ref: frame.type }, false, now));
  const isBeat = frame.type === "i_am_alive" || frame.type === "keepalive";
  if (!isBeat) draft.mark({ lastActivityAt: now, ...(!record.isIndependent && { lastSeenAt: now }) });
  switch (frame.type) {
    case "i_am_alive":
    case "keepalive":
      beat(draft, record, socketId, frame);
      break;
    case "request_status":
      answer(statusFrame(viewOf(record, draft.open, now, draft.clock.ttlMs), socketId, now));
      break;
    case "provisioning_request":
      answer(...configFrames(record, record.session?.dialect ?? "handshake", "connect", now));
      draft.activity("provision", { revision: record.config.revision, requested: true });
      break;
    case "update_metadata": {
      if (isPrivate(record)) break;
      const metadata = frame.metadata ?? frame.data?.metadata ?? {};
      const profile = mergeProfile(record.profile, record.owned, metadata);
      if (!fitsFrame(profile)) {
        refuse("invalid_frame", "The metadata of this orchestrator would grow too large.");
        break;
      }
      if (metadata.features) draft.mark({ featuresAt: now, allFeaturesAt: now });
      if (JSON.stringify(profile) === JSON.stringify(record.profile)) break;
      draft.save({ ...record, profile });
      draft.raise();
      draft.activity("metadata", {});
      queueReport(draft, "update_metadata", record);
      draft.report("profile");
      break;
    }
    case "independence_ack": {
      if (!record.awaitsIndependenceAck) break;
      const isIndependent = frame.is_independent ?? record.isIndependent;
      draft.save({ ...record, awaitsIndependenceAck: false });
      draft.activity("independence_ack", { is_independent: isIndependent });
      const value = isIndependent ? "True" : "False";
      draft.log("INFO", `Independence setting written to environment files for ${draft.ownId}: ${value}`);
      break;
    }
    case "monitoring_report":
    case "monitoring":
    case "recommendation": {
      const type = frame.type === "recommendation" ? "recommendation" : "monitoring";
      const { id: clientId = null, content, metadata } = frame.data;
      if (record.isIndependent) refuse("independent", "Messages are not taken while independent.");
      else if (type === "monitoring" && !record.monitoringEnabled) {
        refuse("monitoring_disabled", "Monitoring is switched off for this orchestrator.");
      } else if (isFull) answer(errorFrame(FULL, false, now));
      else answer(receiveMessage(draft, { type, clientId, content, metadata }));
      break;
    }
    case "message_status": {
      const messageId = frame.data?.message_id ?? frame.message_id;
      const status = frame.data?.status ?? frame.status;
      if (record.isIndependent) refuse("independent", "Messages are not taken while independent.");
      else if (messageId && status && isFull) answer(errorFrame(FULL, false, now));
      else if (messageId && status) receiveDecision(draft, { messageId, status });
      break;
    }
    case "config_status": {
      const confirmed = confirmConfig(record, frame, now);
      if (!confirmed) break;
      draft.save(confirmed);
      draft.raise();
      const revision = frame.revision ?? record.toldConfig.revision;
      draft.activity("config_status", { revision, status: frame.status });
      draft.report("config");
      break;
    }
    case "usage_report":
      answer(isFull ? errorFrame(FULL, false, now) : receiveUsage(draft, record, frame));
      break;
    case "o_config_snapshot":
      if (!isPrivate(record)) draft.add({ kind: "snapshot", data: frame.data });
      answer({ type: "o_config_snapshot_ack", orchestrator_id: record.orchestratorId, ts: iso(now) });
      break;
  }
}

/** The orchestrator has read what it was sent, so that what waited for that may follow. */
function sendWhatWaited(draft: Draft): void {
  const { record, open } = draft;
  if (!record || !open || record.isIndependent) return;
  if ((open.owesConfig || isOwed(record)) && tellConfig(draft, { isAnswer: true })) draft.report("config");
  if (open.replaying) replay(draft);
}

/**
 * Counts one frame. `wait` is null when it is within the rate; otherwise the milliseconds after which it may be sent again,
 * different for each of several frames, or "never" when so many came that this is no client in a hurry any more.
 */
function pace(socket: SocketState, now: Millis): { socket: SocketState; wait: number | "never" | null } {
  const bucket = takeToken(socket, FRAME_RATE, now);
  if (bucket.tokens >= 0) {
    const flood = socket.flood && { ...socket.flood, inARow: 0 };
    return { socket: { ...socket, ...bucket, ...(flood && { flood }) }, wait: null };
  }
  const isFresh = !socket.flood || now - socket.flood.sinceAt >= FLOOD_WINDOW_MS;
  const inARow = (socket.flood?.inARow ?? 0) + 1;
  const flood = isFresh
    ? { sinceAt: now, frames: 1, inARow }
    : { sinceAt: socket.flood?.sinceAt ?? now, frames: (socket.flood?.frames ?? 0) + 1, inARow };
  const wait = flood.frames > MAX_FRAMES_OVER_RATE ? "never" : Math.ceil((inARow * 1000) / FRAME_RATE.perSec);
  // A refused frame takes nothing from those that follow.
  return { socket: { ...socket, tokens: bucket.tokens + 1, tokensAt: now, flood }, wait };
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

function handshakeRequired(ref: string | null): FrameError {
  const message = "The first frame must be a handshake or register.";
  return { code: "handshake_required", message, ref, strike: true, close: null };
}

/** Answers a refused frame; the sixth strike within the window closes the socket. */
function strike(draft: Draft, socketId: string, error: FrameError): void {
  const socket = draft.socket(socketId);
  if (!socket) return;
  const recent = socket.strikes.filter((at) => draft.now - at < STRIKE_WINDOW_MS);
  const strikes = error.strike ? [...recent, draft.now] : recent;
  const close = error.close ?? (strikes.length > MAX_STRIKES ? CLOSE.badFrames : null);
  draft.put({ ...socket, strikes });
  draft.answer(socketId, errorFrame(error, close !== null, draft.now));
  if (close === null) return;
  draft.close({ ...socket, strikes }, close, error.code);
  if (error.code === "id_conflict") draft.refuse("wrong_id", socket);
  else if (socket.phase === "pending") draft.refuse("bad_handshake", socket);
}
