import { KEY_DIGEST_HEADER, KEY_ID_HEADER } from "../contract/credentials.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { Millis, Transition } from "../contract/presence.ts";
import { REFUSAL_HEADER, type RefusalReason } from "../contract/refusals.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { isConfigured } from "../platform/configured.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { reportIntent } from "./audit.ts";
import { tellConfig } from "./config-handler.ts";
import type { Core } from "./core.ts";
import { authenticate, wasValid } from "./credential-handlers.ts";
import { announceDuel, noteEvicted } from "./duel-handler.ts";
import { askAgain, confirmDelivered, receiveDecision, receiveMessage, replay } from "./message-handlers.ts";
import { controllerHeartbeat } from "./outbound.ts";
import { silenceOf } from "./presence.ts";
import { putOff, receive } from "./receive.ts";
import { refusalOf } from "./refusals.ts";
import { closeSocket, readSocket, sendFrame, writeSocket } from "./sockets.ts";
import { newSocket, nextPulse, socketDueAt } from "./state.ts";
import type { Clock, Effect, Step } from "./step.ts";
import { receiveUsage } from "./usage-handler.ts";

/** A smaller answer to a frame, such as that to a heartbeat, is not worth a write: the frame has set the count to 0. */
const COUNTED_BYTES = 1024;

/**
 * Accepts an upgrade. Whose it is was settled by the Worker, which hands over the credential to be checked here; the
 * session begins with a valid handshake.
 */
export async function acceptSocket(core: Core, request: Request): Promise<Response> {
  const [keyId, digest] = [request.headers.get(KEY_ID_HEADER), request.headers.get(KEY_DIGEST_HEADER)];
  const address = request.headers.get("CF-Connecting-IP")?.slice(0, 64) || null;
  if (keyId !== null && digest !== null) {
    const presented = { keyId, digest };
    if (!authenticate(core, presented)) {
      // To whoever has no former token it is as unknown as any other id.
      const isGone = core.record?.lifecycle === "deregistered" && wasValid(core, presented);
      return refuseUpgrade(401, isGone ? "deregistered" : "wrong_token");
    }
  } else if (!DEVELOPMENT_BUILD) return refuseUpgrade(401, "wrong_token");
  if (!core.admitUpgrade(Date.now())) {
    core.noteRefusal("rate_limited", { address }, Date.now());
    core.ctx.waitUntil(core.tellRefusals());
    return refuseUpgrade(429, "rate_limited");
  }
  const { 0: client, 1: server } = new WebSocketPair();
  core.ctx.acceptWebSocket(server);
  writeSocket(server, newSocket(crypto.randomUUID(), Date.now(), keyId ?? undefined, address ?? undefined));
  await core.schedule();
  return new Response(null, { status: 101, webSocket: client });
}

/**
 * Refuses an upgrade. The Worker reads from the header what to tell the caller. It also has a wrong token counted here, by
 * `refused`, unless too many come from that address: whoever makes tokens up must not have a row written for each.
 */
function refuseUpgrade(status: 401 | 429, told: RefusalReason): Response {
  return new Response(null, { status, headers: { [REFUSAL_HEADER]: told } });
}

const FULL = {
  code: "rate_limited",
  message: "The database is away and too much waits for it already. Keep this, and send it again later.",
  ref: null,
} as const;

const UNCONFIGURED = {
  code: "config_error",
  message: "The controller is not configured correctly. Keep this, and send it again later.",
  ref: null,
} as const;

/** What an orchestrator sends to be kept. */
function isForPostgres({ kind }: Effect): boolean {
  return kind === "message" || kind === "decision" || kind === "usage";
}

/** One frame of one socket. A failure of ours ends that socket with 1011; the runtime would leave it open. */
export async function handleFrame(core: Core, ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
  const socket = readSocket(ws);
  if (!socket) return;
  if (!isConfigured(core.env)) {
    sendFrame(ws, errorFrame(UNCONFIGURED, false, Date.now()));
    return;
  }
  const clock = core.clock();
  try {
    const open = core.openSocket();
    const previous = open && open.state.id !== socket.id ? open.state : null;
    const incoming = { record: core.record, socket, previous, ownId: core.ownId, contest: core.contest.current };
    const step = receive(incoming, raw, clock);
    if (step.effects.some(isForPostgres) && core.outbox.isFull) {
      sendFrame(ws, errorFrame(FULL, false, clock.now));
      await apply(core, ws, putOff(step, socket), clock);
    } else await apply(core, ws, step, clock);
    const refusal = refusalOf(socket, step);
    if (!refusal) return;
    core.noteRefusal(refusal, { address: socket.address ?? null }, clock.now);
    await core.tellRefusals();
  } catch (error) {
    writeLog(core.env, "ERROR", `A frame of ${core.ownId} could not be handled`, errorFields(error));
    const failure = { code: "internal_error", message: "The controller failed on this frame.", ref: null } as const;
    sendFrame(ws, errorFrame(failure, true, clock.now));
    closeSocket(ws, CLOSE.bug, "internal_error");
  }
}

/** What sockets wait for: the end of one whose handshake did not come, and a sign of life for one that asked for it. */
export function seeToSockets(core: Core, now: Millis): void {
  for (const ws of core.ctx.getWebSockets()) {
    const state = readSocket(ws);
    const dueAt = state && socketDueAt(state);
    if (!state || dueAt === null || dueAt > now) continue;
    if (state.phase === "pending") {
      core.dismiss(ws, CLOSE.handshakeTimeout, "handshake_timeout", "No handshake came within 10 seconds.");
      core.noteRefusal("bad_handshake", { address: state.address ?? null }, now);
    } else if (core.record && state.pulse) {
      writeSocket(ws, { ...state, pulse: nextPulse(state.pulse.everyMs, now) });
      core.push(controllerHeartbeat(core.record, now));
    }
  }
}

/** Closes the session's socket when nothing came from it for too long. True: the caller reports. */
export function closeSilent(core: Core, now: Millis): boolean {
  const open = core.openSocket();
  if (!open || now < silenceOf(open.state, now, core.clock().ttlMs).closesAt) return false;
  core.dismiss(open.ws, CLOSE.silent, "silent", "No frame came for too long. Connect again.");
  core.finishSession(open.state, "silent", now);
  return true;
}

/** A socket is gone. Only the socket of the current session changes presence. */
export async function handleClose(core: Core, ws: WebSocket, code: number): Promise<void> {
  const state = readSocket(ws);
  if (!state) return;
  const now = Date.now();
  if (noteEvicted(core, state, code, now)) {
    announceDuel(core, state, now);
    core.noteRefusal("duplicate_identity", { address: state.address ?? null }, now);
    await core.report(null);
    await core.tellRefusals();
  }
  if (core.record?.session?.id !== state.id) return;
  core.finishSession(state, `close ${code}`, Date.now());
  await core.report("disconnected");
  await core.schedule();
}

/** Carries out a step: everything ordered before the first await, because handlers interleave there. */
async function apply(core: Core, ws: WebSocket, step: Step, clock: Clock): Promise<void> {
  if (step.record && step.record !== core.record) core.save(step.record);
  writeSocket(ws, step.socket);
  let transition: Transition | null = null;
  let report = false;
  let sight = false;
  let queued = false;
  let armed = false;
  let sentBytes = 0;
  for (const effect of step.effects) {
    switch (effect.kind) {
      case "send":
        sentBytes += sendFrame(ws, effect.frame);
        break;
      case "close":
        closeSocket(ws, effect.code, effect.reason);
        break;
      case "contest":
        core.contest.keep(effect.contest, clock.now, effect.isRefusal);
        break;
      case "duel":
        announceDuel(core, step.socket, clock.now);
        report = true;
        break;
      case "evict":
        evict(core, effect.socketId);
        break;
      case "log":
        core.reporter.log(effect.level, effect.message, clock.now);
        break;
      case "trace":
        writeLog(core.env, "DEBUG", effect.message);
        break;
      case "activity":
        core.activity(effect.type, effect.data, clock.now);
        break;
      case "report":
        report = true;
        transition = effect.transition;
        break;
      case "sight":
        sight = true;
        break;
      case "message": {
        const { answer, queued: isNew } = receiveMessage(core, effect, clock.now);
        sentBytes += sendFrame(ws, answer);
        queued ||= isNew;
        break;
      }
      case "decision":
        receiveDecision(core, effect.decision, clock.now);
        queued = true;
        break;
      case "usage": {
        const { answer, queued: isNew } = receiveUsage(core, effect.usage, clock.now);
        sentBytes += sendFrame(ws, answer);
        queued ||= isNew;
        break;
      }
      case "snapshot":
        core.store.saveSnapshot(effect.data, clock.now);
        break;
      case "replay":
        countSent(ws, sentBytes);
        sentBytes = 0;
        replay(core, clock.now);
        break;
      case "tell":
        countSent(ws, sentBytes);
        sentBytes = 0;
        if (!tellConfig(core, { isAnswer: true })) break;
        report = true;
        transition ??= "config";
        break;
      case "confirm":
        queued = confirmDelivered(core, step.socket.id, clock.now) || queued;
        break;
      case "register": {
        if (!step.record) break;
        const intent = reportIntent(step.record, effect.cause, effect.before, clock.now);
        if (effect.urgent) core.outbox.enqueue(intent, clock.now);
        else core.outbox.enqueueProfile(intent, clock.now);
        queued ||= effect.urgent;
        armed ||= !effect.urgent;
        break;
      }
    }
  }
  if (sentBytes >= COUNTED_BYTES) countSent(ws, sentBytes);
  if (step.socket.phase === "closed" && core.record?.session?.id === step.socket.id) {
    core.finishSession(step.socket, "refused", clock.now);
    report = true;
    transition = "disconnected";
  }
  // Before anything is awaited that may take its time: a reset in between must mend itself.
  if (queued || armed) await core.schedule();
  if (report) await core.report(transition);
  else await core.sendLogs();
  if (sight) await core.reporter.sendSight(core.view());
  if (queued) await core.deliver();
  if (report || queued || armed) await core.schedule();
  if (core.messageQuota.isStale(clock.now)) await askAgain(core, clock.now);
}

function countSent(ws: WebSocket, bytes: number): void {
  const state = readSocket(ws);
  if (state) writeSocket(ws, { ...state, sentBytes: (state.sentBytes ?? 0) + bytes });
}

/** The session that a newer one replaced: its later close must not touch the newer one. */
function evict(core: Core, socketId: string): void {
  for (const ws of core.ctx.getWebSockets()) {
    const state = readSocket(ws);
    if (state?.id !== socketId) continue;
    writeSocket(ws, { ...state, phase: "closed" });
    closeSocket(ws, CLOSE.replaced, "replaced");
  }
}
