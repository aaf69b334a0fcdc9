import type { FrameErrorCode, HandshakeMetadata, InboundFrame } from "../contract/frames.ts";
import type { Dialect } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import { later, type PresenceReport, type PresenceView, type Profile } from "../contract/presence.ts";
import type { RefusalReason } from "../contract/refusals.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { UPGRADE_RATE } from "../contract/values/limits.ts";
import { takeToken } from "../platform/token-bucket.ts";
import { authenticate, endSocketsWithout, findPresented } from "./credentials.ts";
import type { Draft } from "./draft.ts";
import { reportIntent } from "./intents.ts";
import { replay } from "./messages.ts";
import { configFrames, controllerHeartbeat, handshakeAck } from "./outbound.ts";
import { endSession, forgetSession, healthAfter, silenceOf, tell } from "./presence.ts";
import { mergeProfile } from "./profile.ts";
import {
  isPrivate,
  newRecord,
  newSocket,
  nextPulse,
  type OrchestratorRecord,
  type SocketState,
  socketDueAt,
} from "./state.ts";
import { type Holder, judgeTakeover, machineOf, noteAnswer, type Verdict } from "./takeover.ts";
import { type Answer, DONE, type InputOf, now, type Upgrade } from "./turn.ts";

/** A reset took the socket without a close event. The epoch rises, because the `seq` of its attachment is lost. */
export function woke(draft: Draft): Answer<null> {
  const { record } = draft;
  if (record?.session && record.lostAt === null && !draft.open) {
    draft.save({ ...record, lostAt: draft.now, epoch: record.epoch + 1, seq: 0 });
  }
  return DONE;
}

/** Accepts a socket, or refuses it. The Worker hands over the credential; a session begins with a valid handshake. */
export function upgrade(draft: Draft, { socketId, credential, address, isOpen }: InputOf<"upgrade">): Answer<Upgrade> {
  if (credential && !authenticate(draft, credential)) {
    // Only a caller with a former token learns that the id was deregistered; to others it is as unknown as any id.
    const isGone =
      draft.record?.lifecycle === "deregistered" && findPresented(draft.credentials, credential, draft.now);
    // The Worker counts this one by a call of its own, because anybody can make tokens up.
    return now({ status: 401, reason: isGone ? "deregistered" : "wrong_token" });
  }
  if (!credential && !isOpen) return now({ status: 401, reason: "wrong_token" });
  const bucket = takeToken(draft.upgrades, UPGRADE_RATE, draft.now);
  draft.upgrades = { ...bucket, tokens: Math.max(0, bucket.tokens) };
  if (bucket.tokens < 0) {
    draft.refuse("rate_limited", { address });
    return now({ status: 429, reason: "rate_limited" });
  }
  const socket = newSocket(socketId, draft.now, credential?.keyId, address ?? undefined);
  draft.sockets = [...draft.sockets, socket];
  draft.add({ kind: "accept", socketId });
  return now(null);
}

/** A socket is gone. Only the socket of the current session changes presence. */
export function closed(draft: Draft, { socket, code }: InputOf<"closed">): Answer<null> {
  draft.sockets = draft.sockets.filter(({ id }) => id !== socket.id);
  if (socket.phase === "closed" && code === CLOSE.replaced) noteEvicted(draft, socket);
  if (draft.record?.session?.id !== socket.id) return DONE;
  draft.finish(socket, `close ${code}`);
  draft.report("disconnected");
  return DONE;
}

/** A socket that lost its session was closed by its client: whoever had it still runs, which may be news. */
function noteEvicted(draft: Draft, socket: Readonly<SocketState>): void {
  const noted = noteAnswer(draft.contest, socket.id, draft.record?.session?.machine ?? null, draft.now);
  if (!noted) return;
  draft.contest = noted.contest;
  draft.add({ kind: "contest", isRefusal: false });
  if (!noted.isNews) return;
  announceDuel(draft, socket);
}

/**
 * Two live machines use this id: one entry of its activity, and a mark on its presence. The Fleet shard writes the log line
 * and the audit row from the refusal.
 */
export function announceDuel(draft: Draft, socket: Readonly<SocketState>): void {
  draft.activity("duplicate_identity", { address: socket.address ?? null });
  draft.raise();
  draft.refuse("duplicate_identity", socket);
  draft.report(null);
}

/** Everything with a deadline: sockets, credentials, refusals, the outbox, and a report that the shard did not take. */
export function alarm(draft: Draft, { missed }: InputOf<"alarm">): Answer<null> {
  for (const socket of draft.sockets) {
    const dueAt = socketDueAt(socket);
    if (dueAt === null || dueAt > draft.now) continue;
    if (socket.phase === "pending") {
      draft.dismiss(socket, CLOSE.handshakeTimeout, "handshake_timeout", "No handshake came within 10 seconds.");
      draft.refuse("bad_handshake", socket);
    } else if (draft.record && socket.pulse) {
      draft.put({ ...socket, pulse: nextPulse(socket.pulse.everyMs, draft.now) });
      draft.push(controllerHeartbeat(draft.record, draft.now));
    }
  }
  endSocketsWithout(draft);
  draft.add({ kind: "report_refusals" });
  if (missed) draft.report(missed.transition);
  if (draft.outbox.dueAt !== null && draft.outbox.dueAt <= draft.now) draft.add({ kind: "deliver" });
  return DONE;
}

/** The Fleet asks for the present state of an orchestrator before it declares it gone. */
export function sweep(draft: Draft): Answer<PresenceReport | null> {
  const record = draft.registered;
  if (!record) return now(null);
  if (record.lostAt !== null && draft.view().expiresAt === null) {
    draft.activity("disconnect", { reason: "lost" });
    draft.save(endSession(record, null, draft.now));
  } else if (!closeSilent(draft)) draft.raise();
  draft.mark({ lastReportAt: draft.now });
  return { is: "report" };
}

/** Closes the session's socket when nothing came from it for too long. */
function closeSilent(draft: Draft): boolean {
  const { open } = draft;
  if (!open || draft.now < silenceOf(open, draft.now, draft.clock.ttlMs).closesAt) return false;
  draft.dismiss(open, CLOSE.silent, "silent", "No frame came for too long. Connect again.");
  draft.finish(open, "silent");
  return true;
}

/** A dashboard looks at the orchestrator: until then every beat is reported, so that ages are exact to the second. */
export function watch(draft: Draft, { untilMs }: InputOf<"watch">): Answer<PresenceView | null> {
  if (!draft.registered || !draft.open) return now(null);
  draft.raise();
  draft.mark({ watch: { untilMs, sightAt: draft.now } });
  return now(draft.view());
}

// --- The handshake ---------------------------------------------------------------------------------------------------

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
    const { orchestrator_id: id, metadata, controller_heartbeat_sec: heartbeatSec } = frame;
    return { orchestratorId: id ?? ownId, dialect: "register", metadata, heartbeatSec };
  }
  return null;
}

/** Decides one handshake: identity, tombstone, take-over, then the new session. False: it is refused. */
export function openSession(draft: Draft, socket: Readonly<SocketState>, hello: Hello): boolean {
  const { record, clock } = draft;
  if (hello.orchestratorId !== draft.ownId) {
    const message = "The id of the handshake is not the id of this connection.";
    return refuse(draft, socket, "id_conflict", CLOSE.identityMismatch, message, "wrong_id");
  }
  if (record?.lifecycle === "deregistered") {
    const message = "This orchestrator was deregistered. Register it again before it connects.";
    return refuse(draft, socket, "deregistered", CLOSE.deregistered, message, "deregistered");
  }
  const { hostname, ip } = hello.metadata;
  const machine = machineOf(socket.keyId, hostname, ip);
  const previous = draft.open;
  const verdict = judgeTakeover(draft.contest, holderOf(record, previous), machine, clock);
  draft.contest = verdict.contest;
  draft.add({ kind: "contest", isRefusal: verdict.isRefused });
  if (verdict.isRefused) return refuseDuplicate(draft, socket, verdict);

  const known = record ?? newRecord(draft.ownId, draft.ownId, clock.now);
  const profile = isPrivate(known) ? known.profile : introduce(known, hello.metadata);
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
    lastSeenAt: later(known.lastSeenAt, known.isIndependent ? null : clock.now),
    lastSignalAt: clock.now,
    lastActivityAt: clock.now,
    beats: previous?.beats ?? known.beats,
  };
  draft.save(next);
  draft.put({
    ...socket,
    phase: "open",
    seq: 1,
    lastFrameAt: clock.now,
    lastSeenAt: next.lastSeenAt,
    lastActivityAt: clock.now,
    beats: next.beats,
    ...(hello.metadata.features && { featuresAt: clock.now, allFeaturesAt: clock.now }),
    ...(hello.heartbeatSec !== undefined && { pulse: nextPulse(hello.heartbeatSec * 1000, clock.now) }),
  });
  draft.answer(
    socket.id,
    handshakeAck(next, socket.id, clock),
    ...configFrames(next, hello.dialect, "connect", clock.now),
  );
  // The late close of the session that was replaced must not touch the new one.
  if (previous) draft.close(previous, CLOSE.replaced, "replaced");
  draft.activity("handshake", { epoch: next.epoch, dialect: hello.dialect, replaced: previous !== null });
  draft.activity("provision", { revision: next.config.revision });
  draft.log("INFO", "[C-OCS] WebSocket connection accepted");
  draft.log("INFO", `[C-OCS] Orchestrator ${draft.ownId} connected`);
  draft.log("INFO", `[C-OCS] handshake_ack sent to ${draft.ownId}`);
  draft.log("INFO", `[C-OCS] Initial provisioning sent to ${draft.ownId}`);
  if (verdict.isNews) announceDuel(draft, socket);
  if (record === null || JSON.stringify(profile) !== JSON.stringify(known.profile)) {
    draft.queue(reportIntent(next, "handshake", record && known.profile, clock));
    draft.add({ kind: "deliver" });
  }
  if (!known.isIndependent) replay(draft);
  draft.report("connected");
  return true;
}

function holderOf(record: OrchestratorRecord | null, previous: Readonly<SocketState> | null): Holder | null {
  const session = record?.session;
  if (!session || !previous) return null;
  const { machine, machineSeenAt } = session;
  return { machine, firstSeenAt: machineSeenAt, socketId: previous.id, lastFrameAt: previous.lastFrameAt };
}

/**
 * A handshake reports everything: its metadata replaces that of an earlier one, and is merged over that of the
 * registration. An absent name or location changes nothing.
 */
function introduce({ profile, owned, registeredMetadata }: OrchestratorRecord, metadata: HandshakeMetadata): Profile {
  return mergeProfile({ ...profile, metadata: registeredMetadata }, owned, metadata);
}

function refuse(
  draft: Draft,
  socket: Readonly<SocketState>,
  code: FrameErrorCode,
  close: number,
  message: string,
  reason: RefusalReason | null,
  retryAfterMs?: number,
): false {
  draft.answer(socket.id, errorFrame({ code, message, ref: "handshake", retryAfterMs }, true, draft.now));
  draft.close(socket, close, code);
  if (reason) draft.refuse(reason, socket);
  return false;
}

const DUPLICATE =
  "Another machine that came later is connected under this id. Wait, then try again; if both are to run, give each an id of its own.";

function refuseDuplicate(
  draft: Draft,
  socket: Readonly<SocketState>,
  { contest, isNews, retryAfterMs }: Extract<Verdict, { isRefused: true }>,
): false {
  if (isNews) announceDuel(draft, socket);
  // The old process of a rolling restart is refused as well, which nobody has to see.
  const reason = contest.duel && !isNews ? "duplicate_identity" : null;
  return refuse(draft, socket, "duplicate_identity", CLOSE.replaced, DUPLICATE, reason, retryAfterMs);
}
