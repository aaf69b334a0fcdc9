import type { FrameErrorCode, OutboundFrame } from "../contract/frames.ts";
import type { ActivityEntry } from "../contract/orchestrator.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { Millis, PresenceView, Transition } from "../contract/presence.ts";
import type { RefusalReason, RefusalSource } from "../contract/refusals.ts";
import { CLOSE } from "../contract/values/codes.ts";
import {
  MAX_UNREAD_BYTES,
  SMALL_FRAME_BYTES,
  SMALL_FRAMES_RESERVE_BYTES,
  UPGRADE_RATE,
} from "../contract/values/limits.ts";
import { AlarmClock } from "../platform/alarm-clock.ts";
import { isConfigured, UNCONFIGURED_PAUSE_MS } from "../platform/configured.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { settingsOf } from "../platform/settings.ts";
import { openStorage } from "../platform/storage-steps.ts";
import { type Bucket, takeToken } from "../platform/token-bucket.ts";
import { endSession, loseSession } from "./commands.ts";
import { ContestStore } from "./contest-store.ts";
import { nextExpiry } from "./credential-handlers.ts";
import { CredentialStore } from "./credential-store.ts";
import { MessageQuota } from "./message-quota.ts";
import { ModelStore } from "./model-store.ts";
import { Outbox, SAFETY_NET_MS } from "./outbox.ts";
import { silenceOf } from "./presence.ts";
import { Refusals } from "./refusals.ts";
import { Reporter } from "./reporter.ts";
import { settle } from "./settle.ts";
import {
  byteLength,
  closeSocket,
  findSocket,
  type OpenSocket,
  readSocket,
  sendFrame,
  sendText,
  writeSocket,
} from "./sockets.ts";
import { type OrchestratorRecord, type SocketState, socketDueAt, viewOf } from "./state.ts";
import type { Clock } from "./step.ts";
import { ORCHESTRATOR_STEPS } from "./storage.ts";
import { OrchestratorStore } from "./store.ts";
import { isContested } from "./takeover.ts";

const OVERDUE_MS = 30_000;

/** What the sessions and the commands of one orchestrator share: its record, sockets, outbox, reports and alarm. */
export class Core {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly ownId: string;
  readonly store: OrchestratorStore;
  readonly credentials: CredentialStore;
  readonly contest: ContestStore;
  readonly models: ModelStore;
  readonly outbox: Outbox;
  readonly reporter: Reporter;
  readonly refusals: Refusals;
  readonly messageQuota: MessageQuota;
  /** Registrations that Postgres refused, because the id belongs to another organization. */
  readonly conflicts = new Set<number>();
  record: OrchestratorRecord | null;
  /** In memory alone: while many come, the object does not hibernate. */
  #upgrades: Bucket = { tokens: UPGRADE_RATE.burst, tokensAt: 0 };
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
    openStorage(ctx.storage, ORCHESTRATOR_STEPS);
    this.store = new OrchestratorStore(ctx.storage.sql);
    this.credentials = new CredentialStore(ctx.storage.sql);
    this.contest = new ContestStore(ctx.storage.sql);
    this.models = new ModelStore(ctx.storage.sql);
    this.messageQuota = new MessageQuota(ctx.storage.sql);
    this.record = this.store.load();
    this.#alarm = new AlarmClock(ctx.storage, OVERDUE_MS);
    this.ownId = ctx.id.name ?? this.record?.orchestratorId ?? "";
    this.reporter = new Reporter(env, this.ownId, () => this.record?.organizationId ?? null);
    this.refusals = new Refusals(env, this.ownId, ctx.storage.sql);
    this.outbox = new Outbox(this.store, env, {
      orchestratorId: this.ownId,
      settled: (pending, outcome) => settle(this, pending, outcome),
      failed: (pending, error) =>
        writeLog(env, "ERROR", `Postgres refused a ${pending.intent.kind} of ${this.ownId}`, errorFields(error)),
    });
    const { record } = this;
    if (record?.session && record.lostAt === null && !findSocket(ctx.getWebSockets(), record.session.id)) {
      this.save(loseSession(record, Date.now()));
    }
    // A reset in the middle of a delivery may have left a change, or a refusal, without an alarm.
    if (this.outbox.dueAt !== null || this.refusals.dueAt !== null)
      void ctx.blockConcurrencyWhile(() => this.schedule());
  }

  clock(): Clock {
    const { ttlMs, reportIntervalMs } = settingsOf(this.env);
    return { now: Date.now(), ttlMs, reportIntervalMs };
  }

  /** Counts a connection; false when there were too many. */
  admitUpgrade(now: Millis): boolean {
    this.#upgrades = takeToken(this.#upgrades, UPGRADE_RATE, now);
    const isAdmitted = this.#upgrades.tokens >= 0;
    if (!isAdmitted) this.#upgrades.tokens = 0;
    return isAdmitted;
  }

  /** Counts a refused connection of this id. The caller has it told, by {@link tellRefusals}. */
  noteRefusal(reason: RefusalReason, source: RefusalSource, now: Millis): void {
    const { record } = this;
    const isGone = reason === "wrong_token" && record?.lifecycle === "deregistered";
    this.refusals.note(isGone ? "deregistered" : reason, source, record?.organizationId ?? null, now);
  }

  /** Now, or by the alarm when the last report was a moment ago. */
  async tellRefusals(): Promise<void> {
    if (this.refusals.dueAt === null || !isConfigured(this.env)) return;
    await this.refusals.tell(Date.now());
    await this.schedule();
  }

  registered(): OrchestratorRecord | null {
    return this.record?.lifecycle === "registered" ? this.record : null;
  }

  save(record: OrchestratorRecord): void {
    this.record = record;
    this.store.save(record);
  }

  openSocket(): OpenSocket | null {
    const session = this.record?.session;
    return session ? findSocket(this.ctx.getWebSockets(), session.id) : null;
  }

  seq(): number {
    return Math.max(this.record?.seq ?? 0, this.openSocket()?.state.seq ?? 0);
  }

  view(): PresenceView {
    if (!this.record) throw new Error("no record");
    const { now, ttlMs } = this.clock();
    const view = viewOf(this.record, this.openSocket()?.state ?? null, now, ttlMs);
    return isContested(this.contest.current, now) ? { ...view, contested: true } : view;
  }

  /** Raises seq where it lives: with an open socket in the attachment, which costs no row. */
  bumpSeq(): void {
    const open = this.openSocket();
    if (open) writeSocket(open.ws, { ...open.state, seq: this.seq() + 1 });
    else if (this.record) this.save({ ...this.record, seq: this.record.seq + 1 });
  }

  activity(type: string, data: ActivityEntry["data"], at: number): void {
    this.store.addActivity({ at, type, data });
  }

  async report(transition: Transition | null): Promise<void> {
    if (!this.record) return;
    if (!isConfigured(this.env)) return this.reporter.postpone(transition, Date.now() + UNCONFIGURED_PAUSE_MS);
    // Whatever the caller was about when it was deregistered: the shard must not take it for a member again.
    const told = this.record.lifecycle === "deregistered" ? "deregistered" : transition;
    await this.reporter.send(this.view(), told, this.record.profile, this.openSocket());
  }

  /** Delivers a change that was just queued inline. False: Postgres did not take it, and the alarm will finish it. */
  async commit(id: number): Promise<boolean> {
    await this.schedule(Date.now() + SAFETY_NET_MS);
    return await this.outbox.drain(id);
  }

  /** Drains the outbox outside a command; Postgres now has the row, so the Fleet may write presence into it. */
  async deliver(): Promise<void> {
    await this.schedule();
    await this.outbox.drain();
    if (!this.reporter.hasLogs) return await this.sendLogs();
    this.bumpSeq();
    await this.report(null);
  }

  /** Log lines that no report will carry, and events of the feed. */
  async sendLogs(): Promise<void> {
    if (isConfigured(this.env)) await this.reporter.sendLogs(this.record?.organizationId ?? this.ownId);
  }

  /** The open session's socket, unless it has been silent for a TTL: what is sent to that one may reach nobody. */
  listeningSocket(): OpenSocket | null {
    const open = this.openSocket();
    // Without usable settings nobody can say how long a silence may be.
    if (!open || !isConfigured(this.env)) return open;
    const { now, ttlMs } = this.clock();
    return silenceOf(open.state, now, ttlMs).silent ? null : open;
  }

  /** Changes what rides in the attachment of the open session's socket, if there is one. */
  markSocket(marks: Partial<SocketState>): void {
    const open = this.openSocket();
    if (open) writeSocket(open.ws, { ...open.state, ...marks });
  }

  finishSession(socket: SocketState, reason: string, now: number): void {
    if (!this.record) return;
    this.reporter.addBeats(socket.unreported);
    this.save(endSession(this.record, socket, now));
    this.activity("disconnect", { reason }, now);
    this.reporter.log("INFO", `[C-OCS] Orchestrator ${this.ownId} disconnected`, now);
  }

  /**
   * Sends frames that the client did not ask for, all of them or none: what it was sent since its last frame stays within
   * {@link MAX_UNREAD_BYTES}, because nothing else bounds what the runtime keeps for it. False: there is no room, or
   * nobody. The caller keeps what must not be lost for the client's next frame, or its next session.
   */
  push(...frames: OutboundFrame[]): boolean {
    const open = this.openSocket();
    if (!open) return false;
    const texts = frames.map((frame) => JSON.stringify(frame));
    const bytes = texts.reduce((sum, text) => sum + byteLength(text), 0);
    const sentBytes = (open.state.sentBytes ?? 0) + bytes;
    // So that a client that is behind is still told of its independence.
    const reserve = bytes <= SMALL_FRAME_BYTES ? SMALL_FRAMES_RESERVE_BYTES : 0;
    if (sentBytes > MAX_UNREAD_BYTES + reserve) return false;
    if (!texts.every((text) => sendText(open.ws, text))) return false;
    writeSocket(open.ws, { ...open.state, sentBytes });
    return true;
  }

  /** Sends frames behind the client's own, whatever their size, and counts them. */
  answer(...frames: OutboundFrame[]): void {
    const open = this.openSocket();
    if (!open) return;
    const bytes = frames.reduce((sum, frame) => sum + sendFrame(open.ws, frame), 0);
    writeSocket(open.ws, { ...open.state, sentBytes: (open.state.sentBytes ?? 0) + bytes });
  }

  dismissAll(): void {
    for (const ws of this.ctx.getWebSockets()) {
      this.dismiss(ws, CLOSE.deregistered, "deregistered", "This orchestrator was deregistered.");
    }
  }

  dismiss(ws: WebSocket, close: number, code: FrameErrorCode, message: string): void {
    const state = readSocket(ws);
    if (state) writeSocket(ws, { ...state, phase: "closed" });
    sendFrame(ws, errorFrame({ code, message, ref: null }, true, Date.now()));
    closeSocket(ws, close, code);
  }

  /** The alarm rings: what was armed is spent. */
  alarmRang(): void {
    this.#alarm.rang();
  }

  /**
   * Arms the alarm: what sockets wait for, credentials that expire, deliveries and reports that are due.
   * `newest` says that the only new deadline is that one: nothing is looked at while the alarm rings before it.
   */
  async schedule(newest?: Millis): Promise<void> {
    if (newest !== undefined && this.#alarm.ringsBy(newest)) return;
    const sockets = this.ctx.getWebSockets().map((ws) => readSocket(ws));
    const deadlines = [
      ...sockets.map((state) => state && socketDueAt(state)),
      nextExpiry(this),
      this.outbox.dueAt,
      this.reporter.dueAt,
      // Without usable settings nobody can be told of them.
      isConfigured(this.env) ? this.refusals.dueAt : null,
    ].filter((due) => due !== null);
    if (deadlines.length > 0) await this.#alarm.arm(Math.min(...deadlines), Date.now());
  }
}
