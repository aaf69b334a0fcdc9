import { createHash } from "node:crypto";
import type { OutboundFrame } from "../contract/frames.ts";
import { canonicalJson } from "../contract/json.ts";
import type { Message } from "../contract/messages.ts";
import type { CommandResult, MessageDecision } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import { type QuotaKind, type QuotaLimits, quotaMessage } from "../contract/quotas.ts";
import { REPLAY_PORTION_BYTES } from "../contract/values/limits.ts";
import type { MessageTotals } from "../db/messages-write.ts";
import type { Draft } from "./draft.ts";
import { decisionFrame, messageFrame } from "./outbound.ts";
import { iso, isPrivate } from "./state.ts";
import { type Answer, afterDelivery, DONE, FULL, type InputOf, now, type Refusal } from "./turn.ts";

/** Messages that one orchestrator may not have confirmed. */
const MAX_UNDELIVERED = 1_000;

const INDEPENDENT: Refusal = {
  ok: false,
  code: "independent",
  message: "This orchestrator operates independently. End its independence before you send to it.",
};

/** Stores a message for the orchestrator, and sends it at once when it is connected. */
export function createMessage(
  draft: Draft,
  input: InputOf<"create_message">,
): Answer<CommandResult<{ message: Message; pushed: boolean }>> {
  const record = draft.registered;
  if (!record) return now(draft.unknown);
  if (record.isIndependent) return now(INDEPENDENT);
  if (draft.outbox.isFull) return now(FULL);
  if (draft.rows.undeliveredMessages() >= MAX_UNDELIVERED) {
    const message = `${MAX_UNDELIVERED} messages wait for this orchestrator already. Try again when it has been heard.`;
    return now({ ok: false, code: "rate_limited", message });
  }
  const refusal = refuseByQuota(draft);
  if (refusal !== null) {
    const isAnswered = draft.reply?.to === "message_totals";
    if (isAnswered || !isQuotaStale(draft)) return now({ ok: false, code: "quota_exceeded", message: refusal });
    return askQuota(draft, input);
  }
  const { type, content, metadata } = input;
  const message = newMessage(draft, { type, direction: "outbound", content, metadata });
  const pushed = sendOrKeep(draft, message.id, messageFrame(message, draft.now));
  const audit = draft.audit("message.create", input.audit, {
    before: null,
    after: { message_id: message.id, message_type: type },
  });
  draft.queue({ kind: "message", message: { ...message, deliveredAt: null }, audit: [audit] });
  if (pushed) draft.activity("message_sent", { message_id: message.id });
  draft.log("INFO", `Message ${message.id} created for ${draft.ownId} (type: ${type})`);
  return afterDelivery({ ok: true, value: { message, pushed } });
}

function newMessage(
  { ownId, now, clock }: Draft,
  given: Pick<Message, "type" | "direction" | "content" | "metadata">,
): Message {
  return { id: `msg_${clock.newId()}`, orchestratorId: ownId, ...given, createdAt: now };
}

/** Sends the orchestrator a decision that Postgres has stored, now or at its next handshake. */
export function announceDecision(draft: Draft, { messageId, status }: MessageDecision): Answer<null> {
  const record = draft.registered;
  if (!record) return DONE;
  // However many messages wait: a message is decided once, and nobody can ask for the decision again.
  sendOrKeep(draft, null, decisionFrame({ messageId, status }, draft.now));
  draft.log("INFO", `Message ${messageId} status updated to '${status}'`);
  if (!isPrivate(record)) {
    const { organizationId } = record;
    draft.add({ kind: "announce", event: { type: "message_decided", organizationId, detail: status } });
  }
  return DONE;
}

/** A free frame to a connected orchestrator. */
export function send(draft: Draft, { frame, audit }: InputOf<"send">): Answer<CommandResult<null>> {
  const record = draft.registered;
  if (!record) return now(draft.unknown);
  if (record.isIndependent) return now(INDEPENDENT);
  if (draft.unreachable) return now(draft.unreachable);
  if (!draft.push(frame)) {
    const message = "This orchestrator has not read what it was sent. Try again after its next heartbeat.";
    return now({ ok: false, code: "rate_limited", message });
  }
  draft.activity("message_sent", { type: frame.type });
  const entry = draft.audit("orchestrator.send", audit, { before: null, after: { type: frame.type } });
  draft.queue({ kind: "audit", audit: [entry] });
  draft.log("INFO", `Sent message to orchestrator ${draft.ownId} (type: ${frame.type})`);
  draft.add({ kind: "deliver" });
  return now({ ok: true, value: null });
}

/**
 * Sends a frame now if it may, and keeps it until the session has confirmed it with a later frame of its own. True: sent,
 * which is not delivered yet. False: it waits for the orchestrator's next frame or session, behind those that wait.
 */
function sendOrKeep(draft: Draft, messageId: string | null, frame: OutboundFrame): boolean {
  const open = draft.record?.isIndependent ? null : draft.listening;
  const pushed = open !== null && !open.replaying && draft.push(frame);
  draft.add({ kind: "keep", messageId, frame, sentIn: pushed ? open.id : null });
  draft.mark(pushed ? { awaiting: true } : { replaying: true });
  return pushed;
}

/**
 * Sends what this session was not sent yet, in order: a portion at a time, and the next one when the client has sent a
 * frame, because a client that does not read must not be sent everything.
 */
export function replay(draft: Draft): void {
  const { open } = draft;
  if (!open) return;
  const { frames, isCut } = draft.rows.unsent(open.id, REPLAY_PORTION_BYTES - (open.sentBytes ?? 0));
  const ids: number[] = [];
  for (const { id, frame } of frames) {
    if (!draft.push(frame)) break;
    ids.push(id);
  }
  const sent = ids.length > 0;
  draft.mark({ replaying: isCut || ids.length < frames.length, ...(sent && { awaiting: true }) });
  if (!sent) return;
  draft.add({ kind: "mark_sent", ids, sessionId: open.id });
  draft.activity("message_sent", { replayed: ids.length });
}

/** A frame came after messages were sent in this session: they are delivered. */
export function confirmDelivered(draft: Draft, sessionId: string): void {
  const messageIds = draft.rows.sentIn(sessionId);
  draft.add({ kind: "confirmed", sessionId });
  if (messageIds.length === 0) return;
  draft.activity("message_delivered", { count: messageIds.length });
  draft.queue({ kind: "delivered", messageIds, at: draft.now });
  draft.add({ kind: "deliver" });
}

/** A message from the orchestrator: stored once for each of its ids. Returns the answer. */
export function receiveMessage(
  draft: Draft,
  { type, clientId, content, metadata }: Pick<Message, "type" | "content" | "metadata"> & { clientId: string | null },
): OutboundFrame {
  const digest = createHash("sha256")
    .update(canonicalJson([type, content, metadata]))
    .digest("hex");
  const known = clientId === null ? null : draft.rows.received(clientId);
  if (known && known.digest !== digest) {
    const message = "Another message was received under this id.";
    return errorFrame({ code: "id_conflict", message, ref: clientId }, false, draft.now);
  }
  const refusal = known ? null : refuseByQuota(draft);
  if (refusal !== null) {
    noteQuota(draft, refusal);
    const about = { ref: type, ...(clientId !== null && { id: clientId }) };
    return errorFrame({ code: "quota_exceeded", message: refusal, ...about }, false, draft.now);
  }
  const messageId = known?.messageId ?? storeReceived(draft, { type, content, metadata });
  if (clientId !== null && !known) draft.add({ kind: "received", clientId, messageId, digest });
  const duplicate = known ? { duplicate: true } : {};
  return { type: "message_ack", id: clientId, message_id: messageId, ...duplicate, ts: iso(draft.now) };
}

function storeReceived(draft: Draft, given: Pick<Message, "type" | "content" | "metadata">): string {
  const message = newMessage(draft, { ...given, direction: "inbound" });
  draft.queue({ kind: "message", message: { ...message, deliveredAt: draft.now }, audit: [] });
  draft.add({ kind: "deliver" });
  draft.activity("message_received", { message_id: message.id, message_type: message.type });
  draft.log("INFO", `Message ${message.id} created for ${draft.ownId} (type: ${message.type})`);
  return message.id;
}

/** A decision of the orchestrator about one of its messages. */
export function receiveDecision(draft: Draft, decision: MessageDecision): void {
  const actor = `agent:${draft.ownId}`;
  const context = { actor, ip: null, userAgent: null, requestId: draft.record?.session?.id ?? "" };
  const audit = draft.audit("message.decide", context, {
    before: null,
    after: { message_id: decision.messageId, status: decision.status },
  });
  draft.queue({ kind: "decision", decision, actor, audit: [audit] });
  draft.add({ kind: "deliver" });
  draft.log("INFO", `Message ${decision.messageId} status updated to '${decision.status}'`);
}

// --- The quota of messages ----------------------------------------------------------------------------------------

const BYTES_PER_MIB = 1024 * 1024;
/** Over the quota no message is stored whose answer would say when there is room again, so Postgres is asked. */
const ASK_EVERY_MS = 60_000;

/** Which quota of messages an organization has reached, if any. */
function reachedBy({ bytes, pending }: MessageTotals, limits: QuotaLimits): QuotaKind | null {
  if (bytes >= limits.message_mib_per_organization * BYTES_PER_MIB) return "message_mib_per_organization";
  return pending >= limits.pending_messages_per_organization ? "pending_messages_per_organization" : null;
}

/**
 * Takes what Postgres answers with the last messages that it stored. The row is written when the quota is reached or not
 * any more, because an object that nobody calls for some seconds forgets what is in memory.
 */
export function learnTotals(draft: Draft, totals: MessageTotals): void {
  const reached = reachedBy(totals, draft.clock.quotas);
  const isNews = reached !== draft.messageQuota.reached;
  draft.messageQuota = { ...draft.messageQuota, reached, knownAt: draft.now };
  if (isNews) draft.add({ kind: "quota" });
}

/** Why another message is refused, in a sentence, or null. */
function refuseByQuota(draft: Draft): string | null {
  const { reached } = draft.messageQuota;
  if (reached === null) return null;
  draft.messageQuota = { ...draft.messageQuota, isAsked: true };
  return quotaMessage(reached, draft.clock.quotas[reached]);
}

/** A message was refused since Postgres was asked last, and its answer is so old that it should be asked again. */
export function isQuotaStale({ messageQuota, now }: Draft): boolean {
  return messageQuota.isAsked && now - messageQuota.knownAt >= ASK_EVERY_MS;
}

/** Asks Postgres whether there is room again. The row says that it was asked, so that nobody else asks meanwhile. */
export function askQuota(draft: Draft, next: InputOf<"create_message"> | null): Answer<never> {
  draft.messageQuota = { ...draft.messageQuota, isAsked: false, knownAt: draft.now };
  draft.add({ kind: "quota" });
  return { is: "asked", question: "message_totals", next };
}

/** One entry until something else happens: a client that goes on sending must not push everything else out. */
function noteQuota(draft: Draft, reason: string): void {
  if (draft.lastActivity()?.type === "message_refused") return;
  draft.activity("message_refused", { reason: "quota_exceeded" });
  draft.log("WARNING", `Messages of ${draft.ownId} are refused. ${reason}`);
}
