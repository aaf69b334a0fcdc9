import type { FrameErrorCode, OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { ActivityEntry, AuditContext } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { LogLevel, Millis, PresenceView, Transition } from "../contract/presence.ts";
import type { RefusalReason } from "../contract/refusals.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { MAX_UNREAD_BYTES, SMALL_FRAME_BYTES, SMALL_FRAMES_RESERVE_BYTES } from "../contract/values/limits.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import type { Bucket } from "../platform/token-bucket.ts";
import { auditOf, type Intent } from "./intents.ts";
import { endSession, silenceOf, viewOf } from "./presence.ts";
import {
  type Clock,
  type Credential,
  type MessageQuota,
  nextSeq,
  type OrchestratorRecord,
  type SocketState,
} from "./state.ts";
import { type Contest, isContested, NO_CONTEST } from "./takeover.ts";
import {
  type Effect,
  type Queue,
  type Refusal,
  type Reply,
  type Rows,
  type State,
  UNAVAILABLE,
  UNREGISTERED,
} from "./turn.ts";

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}

/**
 * A turn while it is decided: the state as it will be, and the effects so far. Rules change the draft and nothing else, so
 * that `decide`, which makes it and gives away the finished turn alone, is a pure function.
 */
export class Draft {
  readonly clock: Clock;
  readonly rows: Rows;
  readonly outbox: Queue;
  readonly ownId: string;
  readonly effects: Effect[] = [];
  /** What the world has replied to this very input. */
  reply: Reply | null = null;
  record: OrchestratorRecord | null;
  contest: Contest;
  messageQuota: MessageQuota;
  upgrades: Bucket;
  sockets: readonly Readonly<SocketState>[];
  #credentials: Credential[] | null = null;

  constructor(state: State, clock: Clock) {
    this.clock = clock;
    this.rows = state.rows;
    this.outbox = state.outbox;
    this.ownId = state.ownId;
    this.record = state.record;
    this.contest = state.contest;
    this.messageQuota = state.messageQuota;
    this.upgrades = state.upgrades;
    this.sockets = state.sockets;
  }

  get now(): Millis {
    return this.clock.now;
  }

  get state(): State {
    const { ownId, record, sockets, contest, messageQuota, upgrades, rows, outbox } = this;
    return { ownId, record, sockets, contest, messageQuota, upgrades, rows, outbox };
  }

  get registered(): OrchestratorRecord | null {
    return this.record?.lifecycle === "registered" ? this.record : null;
  }

  /** Why there is no registered orchestrator. */
  get unknown(): Refusal {
    return this.reply?.to === "registration" && this.reply.found === "unavailable" ? UNAVAILABLE : UNREGISTERED;
  }

  add(...effects: Effect[]): void {
    this.effects.push(...effects);
  }

  /** The record as it is from now on, in its row too. */
  save(record: OrchestratorRecord): void {
    this.record = record;
    if (!this.effects.some(({ kind }) => kind === "save")) this.add({ kind: "save" });
  }

  // --- Sockets ----------------------------------------------------------------------------------------------------

  socket(id: string): Readonly<SocketState> | null {
    return this.sockets.find((socket) => socket.id === id) ?? null;
  }

  /** The socket of the open session. */
  get open(): Readonly<SocketState> | null {
    const socket = this.record?.session ? this.socket(this.record.session.id) : null;
    return socket?.phase === "open" ? socket : null;
  }

  /** The open session's socket, unless it has been silent for a TTL: what is sent to a silent one may reach nobody. */
  get listening(): Readonly<SocketState> | null {
    return this.open && silenceOf(this.open, this.now, this.clock.ttlMs).silent ? null : this.open;
  }

  /** Why a frame that is stored nowhere cannot be sent, or null: a socket that may be dead must not count as success. */
  get unreachable(): Refusal | null {
    if (this.listening) return null;
    const message = this.open
      ? "This orchestrator is connected but silent: nothing has come from it for too long. Try again when it is heard."
      : "This orchestrator is not connected.";
    return { ok: false, code: "not_connected", message };
  }

  put(socket: Readonly<SocketState>): void {
    this.sockets = this.sockets.map((each) => (each.id === socket.id ? socket : each));
  }

  /** Changes what the attachment of the open session's socket holds, if there is one. */
  mark(marks: Partial<SocketState>): void {
    if (this.open) this.put({ ...this.open, ...marks });
  }

  /** Answers a frame of this socket, whatever the size of the answer. */
  answer(to: string, ...frames: OutboundFrame[]): void {
    const socket = this.socket(to);
    const bytes = frames.reduce((sum, frame) => sum + byteLength(JSON.stringify(frame)), 0);
    if (socket) this.put({ ...socket, sentBytes: (socket.sentBytes ?? 0) + bytes });
    this.add(...frames.map((frame): Effect => ({ kind: "send", to, frame })));
  }

  /**
   * Sends frames that the client did not ask for, all of them or none: what it was sent since its last frame stays within
   * {@link MAX_UNREAD_BYTES}, because nothing else bounds what the runtime holds for it. False: there is no room, or no
   * session. The caller keeps what must not be lost for the client's next frame, or its next session.
   */
  push(...frames: OutboundFrame[]): boolean {
    const { open } = this;
    if (!open) return false;
    const bytes = frames.reduce((sum, frame) => sum + byteLength(JSON.stringify(frame)), 0);
    // So that a client that is behind with reading still gets its independence.
    const reserve = bytes <= SMALL_FRAME_BYTES ? SMALL_FRAMES_RESERVE_BYTES : 0;
    if ((open.sentBytes ?? 0) + bytes > MAX_UNREAD_BYTES + reserve) return false;
    this.answer(open.id, ...frames);
    return true;
  }

  close(socket: Readonly<SocketState>, code: number, reason: string): void {
    this.put({ ...socket, phase: "closed" });
    this.add({ kind: "close", to: socket.id, code, reason });
  }

  /** Closes a socket and sends the reason before. */
  dismiss(socket: Readonly<SocketState>, close: number, code: FrameErrorCode, message: string): void {
    const frame = errorFrame({ code, message, ref: null }, true, this.now);
    this.add({ kind: "send", to: socket.id, frame });
    this.close(socket, close, code);
  }

  dismissAll(): void {
    for (const socket of this.sockets) {
      if (socket.phase === "closed") continue;
      this.dismiss(socket, CLOSE.deregistered, "deregistered", "This orchestrator was deregistered.");
    }
  }

  // --- Presence ---------------------------------------------------------------------------------------------------

  /** Raises `seq` where it lives. */
  raise(): void {
    const { open, record } = this;
    const seq = nextSeq(record, open);
    if (open) this.put({ ...open, seq });
    else if (record) this.save({ ...record, seq });
  }

  view(): PresenceView {
    if (!this.record) throw new Error("no record");
    const view = viewOf(this.record, this.open, this.now, this.clock.ttlMs);
    return isContested(this.contest, this.now) ? { ...view, contested: true } : view;
  }

  /** One report for the turn. Of several transitions the first counts, but the end of the session above all. */
  report(transition: Transition | null, after?: "delivery"): void {
    const index = this.effects.findIndex(({ kind }) => kind === "report");
    const known = this.effects[index];
    if (known?.kind !== "report") this.add({ kind: "report", transition, ...(after && { after }) });
    else if (known.transition === null || transition === "disconnected") this.effects[index] = { ...known, transition };
  }

  /** Ends the session of this socket; the caller reports. */
  finish(socket: Readonly<SocketState>, reason: string): void {
    if (!this.record) return;
    this.add({ kind: "beats", counts: socket.unreported });
    this.save(endSession(this.record, socket, this.now));
    this.activity("disconnect", { reason });
    this.log("INFO", `[C-OCS] Orchestrator ${this.ownId} disconnected`);
  }

  // --- What is written down ---------------------------------------------------------------------------------------

  activity(type: string, data: JsonObject): void {
    this.add({ kind: "activity", type, data });
  }

  log(level: LogLevel, message: string): void {
    this.add({ kind: "log", level, message });
  }

  queue(intent: Intent): void {
    this.add({ kind: "queue", intent });
  }

  audit(
    action: string,
    context: AuditContext,
    change?: { before: JsonObject | null; after: JsonObject | null },
  ): AuditEntry {
    if (!this.record) throw new Error("no record");
    return auditOf(this.record, action, context, this.clock, change);
  }

  /** The newest activity, as it will be. */
  lastActivity(): Pick<ActivityEntry, "type" | "data"> | undefined {
    return this.effects.findLast((effect) => effect.kind === "activity") ?? this.rows.lastActivity();
  }

  get credentials(): Credential[] {
    this.#credentials ??= this.rows.credentials();
    return this.#credentials;
  }

  saveCredentials(changed: Credential[]): void {
    const kept = this.credentials.map((each) => changed.find(({ keyId }) => keyId === each.keyId) ?? each);
    const fresh = changed.filter(({ keyId }) => !kept.some((each) => each.keyId === keyId));
    this.#credentials = [...kept, ...fresh];
    this.add({ kind: "credentials", changed });
  }

  /** Deletes everything that belongs to one registration, except what still waits for Postgres. */
  clear({ withCredentials }: { withCredentials: boolean }): void {
    this.contest = NO_CONTEST;
    if (withCredentials) this.#credentials = [];
    this.add({ kind: "clear", withCredentials }, { kind: "contest", isRefusal: false });
  }

  /** Counts a refused connection of this id, for the Fleet shard. */
  refuse(reason: RefusalReason, { address }: { address?: string | null | undefined }): void {
    const { record } = this;
    const isGone = reason === "wrong_token" && record?.lifecycle === "deregistered";
    const organizationId = record?.organizationId ?? null;
    this.add({ kind: "refusal", reason: isGone ? "deregistered" : reason, address: address ?? null, organizationId });
  }
}
