import type { FrameErrorCode, HandshakeMetadata, InboundFrame } from "../contract/frames.ts";
import type { Dialect } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import { later, type Profile } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { forgetSession, tell } from "./config.ts";
import { configFrames, handshakeAck } from "./outbound.ts";
import { mergeProfile } from "./profile.ts";
import { healthAfter, isPrivate, newRecord, nextPulse, type OrchestratorRecord, type SocketState } from "./state.ts";
import type { Clock, Effect, Step } from "./step.ts";
import { type Contest, type Holder, judgeTakeover, machineOf, NO_CONTEST } from "./takeover.ts";

export interface Hello {
  orchestratorId: string;
  dialect: Dialect;
  metadata: HandshakeMetadata;
  /** Seconds between the `controller_heartbeat` frames that it asks for. */
  heartbeatSec?: number | undefined;
}

/** The opening frame of either dialect, or null when the frame is not one. Without an id it is that of the address. */
export function helloOf(frame: InboundFrame, ownId: string): Hello | null {
  if (frame.type === "handshake") {
    const { orchestrator_id: id, metadata, controller_heartbeat_sec: heartbeatSec } = frame.data;
    return { orchestratorId: id ?? ownId, dialect: "handshake", metadata, heartbeatSec };
  }
  if (frame.type === "register") {
    const { orchestrator_id: orchestratorId, metadata, controller_heartbeat_sec: heartbeatSec } = frame;
    return { orchestratorId: orchestratorId ?? ownId, dialect: "register", metadata, heartbeatSec };
  }
  return null;
}

interface Opening {
  record: OrchestratorRecord | null;
  socket: SocketState;
  /** The open socket of the session that this handshake would replace. */
  previous: SocketState | null;
  /** The id that this object answers for: the one in the URL or in the first frame. */
  ownId: string;
  /** The machines that want this id. */
  contest?: Contest;
}

/** Decides one handshake: identity, tombstone, take-over, then the new session. */
export function openSession(opening: Opening, hello: Hello, clock: Clock): Step {
  const { record, socket, previous, ownId } = opening;
  if (hello.orchestratorId !== ownId) {
    return refuse(
      opening,
      "id_conflict",
      CLOSE.identityMismatch,
      "The id of the handshake is not the id of this connection.",
      clock,
    );
  }
  if (record?.lifecycle === "deregistered") {
    return refuse(
      opening,
      "deregistered",
      CLOSE.deregistered,
      "This orchestrator was deregistered. Register it again before it connects.",
      clock,
    );
  }
  const { hostname, ip } = hello.metadata;
  const machine = machineOf(socket.keyId, hostname, ip);
  const verdict = judgeTakeover(opening.contest ?? NO_CONTEST, holderOf(record, previous), machine, clock);
  if (verdict.isRefused) return refuseDuplicate(opening, verdict, clock);

  const known = record ?? newRecord(ownId, ownId, clock.now);
  const profile = isPrivate(known) ? known.profile : introduce(known, hello.metadata);
  const changed = record === null || JSON.stringify(profile) !== JSON.stringify(known.profile);
  const seenAt = known.isIndependent ? known.lastSeenAt : clock.now;
  const anew = forgetSession(known, clock.now);
  const next: OrchestratorRecord = {
    ...(known.isIndependent ? anew : tell(anew, clock.now)),
    epoch: known.epoch + 1,
    seq: 1,
    profile,
    ...(known.isIndependent ? {} : healthAfter(known, undefined)),
    session: {
      id: socket.id,
      openedAt: clock.now,
      dialect: hello.dialect,
      machine,
      machineSeenAt: verdict.firstSeenAt,
    },
    lostAt: null,
    lastSeenAt: later(known.lastSeenAt, seenAt),
    lastSignalAt: clock.now,
    lastActivityAt: clock.now,
    beats: previous?.beats ?? known.beats,
  };
  const id = next.orchestratorId;
  const effects: Effect[] = [
    { kind: "send", frame: handshakeAck(next, socket.id, clock) },
    ...configFrames(next, hello.dialect, "connect", clock.now).map((frame): Effect => ({ kind: "send", frame })),
  ];
  if (previous) effects.push({ kind: "evict", socketId: previous.id });
  effects.push(
    { kind: "contest", contest: verdict.contest, isRefusal: false },
    {
      kind: "activity",
      type: "handshake",
      data: { epoch: next.epoch, dialect: hello.dialect, replaced: previous !== null },
    },
    { kind: "activity", type: "provision", data: { revision: next.config.revision } },
    { kind: "log", level: "INFO", message: "[C-OCS] WebSocket connection accepted" },
    { kind: "log", level: "INFO", message: `[C-OCS] Orchestrator ${id} connected` },
    { kind: "log", level: "INFO", message: `[C-OCS] handshake_ack sent to ${id}` },
    { kind: "log", level: "INFO", message: `[C-OCS] Initial provisioning sent to ${id}` },
  );
  if (verdict.isNews) effects.push({ kind: "duel" });
  if (changed) {
    effects.push({ kind: "register", urgent: true, cause: "handshake", before: record && known.profile });
  }
  if (!known.isIndependent) effects.push({ kind: "replay" });
  effects.push({ kind: "report", transition: "connected" });
  return {
    record: next,
    socket: {
      ...socket,
      phase: "open",
      seq: 1,
      lastFrameAt: clock.now,
      lastSeenAt: next.lastSeenAt,
      lastActivityAt: clock.now,
      beats: next.beats,
      ...(hello.metadata.features && { featuresAt: clock.now, allFeaturesAt: clock.now }),
      ...(hello.heartbeatSec !== undefined && { pulse: nextPulse(hello.heartbeatSec * 1000, clock.now) }),
    },
    effects,
  };
}

function holderOf(record: OrchestratorRecord | null, previous: SocketState | null): Holder | null {
  const session = record?.session;
  if (!session || !previous) return null;
  const { machine, machineSeenAt = session.openedAt } = session;
  return { machine, firstSeenAt: machineSeenAt, socketId: previous.id, lastFrameAt: previous.lastFrameAt };
}

/**
 * A handshake tells all: its metadata replaces what an earlier one told, and stands over what the registration gave. An
 * absent name or location changes nothing.
 */
function introduce({ profile, owned, registeredMetadata }: OrchestratorRecord, metadata: HandshakeMetadata): Profile {
  return mergeProfile({ ...profile, metadata: registeredMetadata }, owned, metadata);
}

function refuse(
  { record, socket }: Opening,
  code: FrameErrorCode,
  close: number,
  message: string,
  clock: Clock,
  retryAfterMs?: number,
): Step {
  return {
    record,
    socket: { ...socket, phase: "closed" },
    effects: [
      { kind: "send", frame: errorFrame({ code, message, ref: "handshake", retryAfterMs }, true, clock.now) },
      { kind: "close", code: close, reason: code },
    ],
  };
}

const DUPLICATE =
  "Another machine that came later is connected under this id. Wait, then try again; if both are to run, give each an id of its own.";

function refuseDuplicate(
  opening: Opening,
  { contest, isNews, retryAfterMs }: { contest: Contest; isNews: boolean; retryAfterMs: number },
  clock: Clock,
): Step {
  const step = refuse(opening, "duplicate_identity", CLOSE.replaced, DUPLICATE, clock, retryAfterMs);
  const effects: Effect[] = [...step.effects, { kind: "contest", contest, isRefusal: true }];
  return { ...step, effects: isNews ? [...effects, { kind: "duel" }] : effects };
}
