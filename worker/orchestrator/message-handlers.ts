import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { OutboundFrame } from "../contract/frames.ts";
import { canonicalJson } from "../contract/json.ts";
import type { Message } from "../contract/messages.ts";
import type { AuditContext, CommandResult, MessageDecision, NewMessage } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { Millis } from "../contract/presence.ts";
import { REPLAY_PORTION_BYTES } from "../contract/values/limits.ts";
import { withDatabase } from "../db/client.ts";
import { readMessageTotals } from "../db/messages-write.ts";
import { settingsOf } from "../platform/settings.ts";
import { ACCEPTED, FULL, UNREGISTERED, unreachable } from "./answers.ts";
import { auditOf } from "./audit.ts";
import type { Core } from "./core.ts";
import { decisionFrame, messageFrame } from "./outbound.ts";
import { isPrivate } from "./state.ts";
import { type Effect, iso } from "./step.ts";

/** Messages that one orchestrator may not have confirmed. */
const MAX_UNDELIVERED = 1_000;

const INDEPENDENT = {
  ok: false,
  code: "independent",
  message: "This orchestrator operates independently. End its independence before you send to it.",
} as const;

function newMessageId(): string {
  return `msg_${uuidv7()}`;
}

/** Stores a message for the orchestrator and pushes it at once when it is connected. */
export async function createMessage(
  core: Core,
  input: NewMessage,
): Promise<CommandResult<{ message: Message; pushed: boolean }>> {
  const record = core.registered();
  if (!record) return UNREGISTERED;
  if (record.isIndependent) return INDEPENDENT;
  if (core.outbox.isFull) return FULL;
  if (core.store.undeliveredMessages() >= MAX_UNDELIVERED) {
    const message = `${MAX_UNDELIVERED} messages wait for this orchestrator already. Try again when it has been heard.`;
    return { ok: false, code: "rate_limited", message };
  }
  const refusal = messageRefusal(core) && (await askAgain(core, Date.now()));
  if (refusal) return { ok: false, code: "quota_exceeded", message: refusal };
  const now = Date.now();
  const { type, content, metadata } = input;
  const message: Message = {
    id: newMessageId(),
    orchestratorId: core.ownId,
    type,
    direction: "outbound",
    content,
    metadata,
    createdAt: now,
  };
  const pushed = sendOrKeep(core, message.id, messageFrame(message, now));
  const audit = auditOf(record, "message.create", input.audit, now, {
    before: null,
    after: { message_id: message.id, message_type: type },
  });
  const id = core.outbox.enqueue({ kind: "message", message: { ...message, deliveredAt: null }, audit: [audit] }, now);
  if (pushed) core.activity("message_sent", { message_id: message.id }, now);
  core.reporter.log("INFO", `Message ${message.id} created for ${core.ownId} (type: ${type})`, now);
  const stored = await core.commit(id);
  await core.sendLogs();
  if (!stored) await core.schedule();
  return stored ? { ok: true, value: { message, pushed } } : ACCEPTED;
}

/** Tells the orchestrator of a decision, now or at its next handshake. */
export async function announceDecision(core: Core, decision: MessageDecision): Promise<void> {
  const record = core.registered();
  if (!record) return;
  const now = Date.now();
  // However many messages wait: a message is decided once, and nobody can ask for this again.
  sendOrKeep(core, null, decisionFrame(decision, now));
  core.reporter.log("INFO", `Message ${decision.messageId} status updated to '${decision.status}'`, now);
  if (!isPrivate(record)) {
    const { organizationId } = record;
    core.reporter.announce({ type: "message_decided", organizationId, detail: decision.status });
  }
  await core.schedule();
  await core.sendLogs();
}

/** A free frame to a connected orchestrator. */
export async function send(core: Core, frame: OutboundFrame, context: AuditContext): Promise<CommandResult<null>> {
  const record = core.registered();
  if (!record) return UNREGISTERED;
  if (record.isIndependent) return INDEPENDENT;
  const refusal = unreachable(core);
  if (refusal) return refusal;
  if (!core.push(frame)) {
    const message = "This orchestrator has not read what it was sent. Try again after its next heartbeat.";
    return { ok: false, code: "rate_limited", message };
  }
  const now = Date.now();
  core.activity("message_sent", { type: frame.type }, now);
  const audit = auditOf(record, "orchestrator.send", context, now, { before: null, after: { type: frame.type } });
  core.outbox.enqueue({ kind: "audit", audit: [audit] }, now);
  core.reporter.log("INFO", `Sent message to orchestrator ${core.ownId} (type: ${frame.type})`, now);
  await core.deliver();
  await core.sendLogs();
  await core.schedule();
  return { ok: true, value: null };
}

/**
 * Sends a frame now if it may, and keeps it until the session has confirmed it with a later frame of its own. True: sent,
 * which is not delivered yet. False: it waits for the orchestrator's next frame or session, behind those that wait.
 */
function sendOrKeep(core: Core, messageId: string | null, frame: OutboundFrame): boolean {
  const open = core.record?.isIndependent ? null : core.listeningSocket();
  const pushed = open !== null && !open.state.replaying && core.push(frame);
  core.store.addUndelivered(messageId, frame, pushed ? open.state.id : null);
  core.markSocket(pushed ? { awaiting: true } : { replaying: true });
  return pushed;
}

/**
 * Sends what this session was not sent yet, in order: a portion at a time, and the next one when the client has sent a
 * frame, because one that does not read must not be sent everything. Synchronous: nothing may come in between.
 */
export function replay(core: Core, now: Millis): void {
  const open = core.openSocket();
  if (!open) return;
  const { id: sessionId } = open.state;
  let sent = 0;
  for (const { id, frame } of core.store.unsent(sessionId, REPLAY_PORTION_BYTES - (open.state.sentBytes ?? 0))) {
    if (!core.push(frame)) break;
    core.store.markSent(id, sessionId);
    sent++;
  }
  core.markSocket({ replaying: core.store.hasUnsent(sessionId), ...(sent > 0 && { awaiting: true }) });
  if (sent > 0) core.activity("message_sent", { replayed: sent }, now);
}

/** A frame came after messages were sent in this session: they are delivered. True: Postgres has to hear of it. */
export function confirmDelivered(core: Core, sessionId: string, now: Millis): boolean {
  const messageIds = core.store.takeSent(sessionId);
  if (messageIds.length === 0) return false;
  core.activity("message_delivered", { count: messageIds.length }, now);
  core.outbox.enqueue({ kind: "delivered", messageIds, at: now }, now);
  return true;
}

/** A message from the orchestrator: its answer, and whether there is something to deliver to Postgres. */
export function receiveMessage(
  core: Core,
  { type, clientId, content, metadata }: Extract<Effect, { kind: "message" }>,
  now: Millis,
): { answer: OutboundFrame; queued: boolean } {
  const digest = digestOf(canonicalJson([type, content, metadata]));
  const known = clientId === null ? null : core.store.received(clientId);
  // Older code remembered the digest of the text as it was written.
  const isSame = known?.digest === digest || known?.digest === digestOf(JSON.stringify([type, content, metadata]));
  if (known && !isSame) {
    const message = "Another message was received under this id.";
    return { answer: errorFrame({ code: "id_conflict", message, ref: clientId }, false, now), queued: false };
  }
  const messageId = known?.messageId ?? newMessageId();
  const answer = {
    type: "message_ack",
    id: clientId,
    message_id: messageId,
    ...(known ? { duplicate: true } : {}),
    ts: iso(now),
  };
  if (known) return { answer, queued: false };
  const refusal = messageRefusal(core);
  if (refusal !== null) {
    noteRefusal(core, refusal, now);
    const error = {
      code: "quota_exceeded",
      message: refusal,
      ref: type,
      ...(clientId !== null && { id: clientId }),
    } as const;
    return { answer: errorFrame(error, false, now), queued: false };
  }
  if (clientId !== null) core.store.addReceived(clientId, messageId, digest);
  const message: Message = {
    id: messageId,
    orchestratorId: core.ownId,
    type,
    direction: "inbound",
    content,
    metadata,
    createdAt: now,
  };
  core.outbox.enqueue({ kind: "message", message: { ...message, deliveredAt: now }, audit: [] }, now);
  core.activity("message_received", { message_id: messageId, message_type: type }, now);
  core.reporter.log("INFO", `Message ${messageId} created for ${core.ownId} (type: ${type})`, now);
  return { answer, queued: true };
}

function messageRefusal(core: Core): string | null {
  return core.messageQuota.refuse(settingsOf(core.env).quotas);
}

/** Asks Postgres whether the organization has room for messages again, when nobody did so lately; why not, or null. */
export async function askAgain(core: Core, now: Millis): Promise<string | null> {
  const { messageQuota, env, ownId } = core;
  if (messageQuota.isStale(now)) {
    messageQuota.asking(now);
    const totals = await withDatabase(env, (db) => readMessageTotals(db, ownId)).catch(() => null);
    if (totals) messageQuota.learn(totals, settingsOf(env).quotas, now);
  }
  return messageQuota.reason(settingsOf(env).quotas);
}

/** Said once, because a client that goes on sending must not push out all else that happened. */
function noteRefusal(core: Core, reason: string, now: Millis): void {
  const [last] = core.store.activity(1);
  if (last?.type === "message_refused") return;
  core.activity("message_refused", { reason: "quota_exceeded" }, now);
  core.reporter.log("WARNING", `Messages of ${core.ownId} are refused. ${reason}`, now);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A decision of the orchestrator about one of its messages. */
export function receiveDecision(core: Core, decision: MessageDecision, now: Millis): void {
  if (!core.record) return;
  const actor = `agent:${core.ownId}`;
  const context = { actor, ip: null, userAgent: null, requestId: core.record.session?.id ?? "" };
  const audit = auditOf(core.record, "message.decide", context, now, {
    before: null,
    after: { message_id: decision.messageId, status: decision.status },
  });
  core.outbox.enqueue({ kind: "decision", decision, actor, audit: [audit] }, now);
  core.reporter.log("INFO", `Message ${decision.messageId} status updated to '${decision.status}'`, now);
}
