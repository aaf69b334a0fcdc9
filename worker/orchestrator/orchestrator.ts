import { DurableObject } from "cloudflare:workers";
import { settingsOf } from "../config.ts";
import { errorFields, writeLog } from "../console.ts";
import { CLOSE } from "../contract/frames.ts";
import { HANDSHAKE_TIMEOUT_MS } from "../contract/limits.ts";
import type {
  ActivityEntry,
  AuditContext,
  CommandResult,
  HeartbeatInput,
  IndependenceInput,
  OrchestratorDetail,
  RegisterInput,
  RegisterValue,
} from "../contract/orchestrator.ts";
import { answerableCloseCode, errorFrame } from "../contract/parse-frame.ts";
import type { PresenceReport, PresenceView, Transition } from "../contract/presence.ts";
import type { OrchestratorRpc } from "../contract/rpc.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import { auditOf, deregisterIntent, presenceIntent, registerIntent } from "./audit.ts";
import { buryRecord, endSession, loseSession, registerRecord, restBeat, toggleIndependence } from "./commands.ts";
import { profileFields } from "./handshake.ts";
import type { Intent } from "./intents.ts";
import { independenceFrames } from "./outbound.ts";
import { Outbox } from "./outbox.ts";
import { receive } from "./receive.ts";
import { Reporter } from "./reporter.ts";
import { closeSocket, findSocket, type OpenSocket, readSocket, sendFrame, writeSocket } from "./sockets.ts";
import { newSocket, type OrchestratorRecord, type SocketState, viewOf } from "./state.ts";
import type { Clock, Step } from "./step.ts";
import { OrchestratorStore, type PendingIntent } from "./store.ts";

const UNREGISTERED = { ok: false, code: "not_found", message: "No such orchestrator." } as const;
const ACCEPTED = "The change is accepted and will be finished as soon as the database answers again.";

/** One orchestrator: its socket, session, presence and what Postgres has yet to hear of it (DESIGN §1). */
export class Orchestrator extends DurableObject<Env> implements OrchestratorRpc {
  readonly #store: OrchestratorStore;
  readonly #outbox: Outbox;
  readonly #reporter: Reporter;
  readonly #ownId: string;
  #record: OrchestratorRecord | null;
  #conflicts = new Set<number>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new OrchestratorStore(ctx.storage.sql);
    this.#record = this.#store.load();
    this.#ownId = ctx.id.name ?? this.#record?.orchestratorId ?? "";
    this.#reporter = new Reporter(env, this.#ownId);
    this.#outbox = new Outbox(this.#store, env, {
      orchestratorId: this.#ownId,
      settled: (pending, outcome) => this.#settle(pending, outcome),
      failed: (pending, error) =>
        writeLog(env, "ERROR", `Postgres refused a ${pending.intent.kind} of ${this.#ownId}`, errorFields(error)),
    });
    const record = this.#record;
    if (record?.session && record.lostAt === null && !findSocket(ctx.getWebSockets(), record.session.id)) {
      this.#save(loseSession(record, Date.now()));
    }
  }

  // --- Socket -----------------------------------------------------------------------------------------------------

  /** The upgrade. Who is calling was settled by the Worker; the session begins with a valid handshake. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 426 });
    const { 0: client, 1: server } = new WebSocketPair();
    const now = Date.now();
    const state = newSocket(crypto.randomUUID(), now);
    this.ctx.acceptWebSocket(server);
    writeSocket(server, state);
    await this.#schedule();
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    const socket = readSocket(ws);
    if (!socket) return;
    const clock = this.#clock();
    try {
      const open = this.#openSocket();
      const previous = open && open.state.id !== socket.id ? open.state : null;
      await this.#apply(ws, receive({ record: this.#record, socket, previous, ownId: this.#ownId }, raw, clock), clock);
    } catch (error) {
      writeLog(this.env, "ERROR", `A frame of ${this.#ownId} could not be handled`, errorFields(error));
      const failure = { code: "internal_error", message: "The controller failed on this frame.", ref: null } as const;
      sendFrame(ws, errorFrame(failure, true, clock.now));
      closeSocket(ws, CLOSE.bug, "internal_error");
    }
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    closeSocket(ws, answerableCloseCode(code), "");
    await this.#closed(ws, code);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await this.#closed(ws, 1006);
  }

  // --- Commands (RPC) ---------------------------------------------------------------------------------------------

  async register(input: RegisterInput): Promise<CommandResult<RegisterValue>> {
    const known = this.#record;
    if (known?.lifecycle === "registered" && input.organizationId && input.organizationId !== known.organizationId) {
      return { ok: false, code: "already_exists", message: "This orchestrator belongs to another organization." };
    }
    const now = Date.now();
    const { record, created } = registerRecord(known, this.#ownId, input, this.#seq());
    this.#save(record);
    const audit = auditOf(record, created ? "orchestrator.register" : "orchestrator.update", input.audit, now);
    const id = this.#store.enqueue(registerIntent(record, "rest", input.fields, [audit]), now);
    if (created) this.#reporter.log("INFO", `Orchestrator instance ${this.#ownId} created successfully`, now);
    const stored = await this.#outbox.drain(id);
    const conflict = this.#conflicts.delete(id);
    await this.#report(created ? "registered" : "profile");
    await this.#schedule();
    if (conflict) {
      return { ok: false, code: "already_exists", message: "This orchestrator belongs to another organization." };
    }
    if (!stored) return { ok: false, code: "database_unavailable", message: ACCEPTED };
    return { ok: true, value: { organizationId: this.#record?.organizationId ?? record.organizationId, created } };
  }

  async deregister(context: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
    const known = this.#record;
    if (!known || known.lifecycle === "deregistered") return UNREGISTERED;
    const now = Date.now();
    const buried = buryRecord(known, this.#seq());
    this.#save(buried);
    this.#store.clearActivity();
    const id = this.#store.enqueue(
      deregisterIntent(known, [auditOf(known, "orchestrator.deregister", context, now)]),
      now,
    );
    this.#dismissAll();
    this.#reporter.log("INFO", `Orchestrator ${this.#ownId} disconnected`, now);
    this.#reporter.log("INFO", `Cleaned up connection for ${this.#ownId}`, now);
    const stored = await this.#outbox.drain(id);
    await this.#report("deregistered");
    await this.#schedule();
    if (!stored) return { ok: false, code: "database_unavailable", message: ACCEPTED };
    return { ok: true, value: { organizationId: known.organizationId } };
  }

  async setIndependence(input: IndependenceInput): Promise<CommandResult<PresenceView>> {
    const known = this.#registered();
    if (!known) return UNREGISTERED;
    const { now } = this.#clock();
    const next = toggleIndependence(known, this.#view(), input);
    if (next === null) return { ok: true, value: this.#view() };
    const open = this.#openSocket();
    if (open) writeSocket(open.ws, { ...open.state, seq: next.seq, lastSeenAt: next.lastSeenAt });
    this.#save(next);
    const audit = auditOf(known, "orchestrator.independence", input.audit, now, {
      before: { is_independent: known.isIndependent, privacy_mode: known.privacyMode },
      after: { is_independent: next.isIndependent, privacy_mode: next.privacyMode },
    });
    const id = this.#store.enqueue(presenceIntent(this.#view(), [audit]), now);
    const word = next.isIndependent ? "enabled" : "disabled";
    this.#activity("independence", { is_independent: next.isIndependent, privacy_mode: next.privacyMode }, now);
    this.#reporter.log("INFO", `Independence mode ${word} for ${this.#ownId}`, now);
    if (open) {
      for (const frame of independenceFrames(next, now)) sendFrame(open.ws, frame);
      this.#reporter.log("INFO", `Independence setting sent to ${this.#ownId}`, now);
    }
    await this.#report("independence");
    const stored = await this.#outbox.drain(id);
    await this.#schedule();
    if (!stored) return { ok: false, code: "database_unavailable", message: ACCEPTED };
    return { ok: true, value: this.#view() };
  }

  /** A heartbeat over REST; writes at most one row in the report interval, or in half a TTL if that is shorter. */
  async heartbeat(input: HeartbeatInput): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>> {
    const known = this.#registered();
    if (!known) return UNREGISTERED;
    const { now, ttlMs, reportIntervalMs } = this.#clock();
    const next = restBeat(known, input, now);
    this.#reporter.countBeat(known.isIndependent);
    const changed = next.healthStatus !== known.healthStatus;
    if (changed || now - known.restSavedAt >= Math.min(reportIntervalMs, ttlMs / 2)) {
      this.#save({ ...next, restSavedAt: now, seq: this.#seq() + 1 });
      await this.#report(changed ? "health" : null);
      await this.#schedule();
    } else {
      this.#record = next;
    }
    return { ok: true, value: { view: this.#view(), ignored: known.isIndependent } };
  }

  // --- Questions (RPC) --------------------------------------------------------------------------------------------

  async describe(): Promise<OrchestratorDetail | null> {
    const record = this.#registered();
    if (!record) return null;
    const open = this.#openSocket();
    const { session } = record;
    return {
      view: this.#view(),
      profile: record.profile,
      generation: record.generation,
      session:
        open && session
          ? { epoch: record.epoch, id: session.id, openedAt: session.openedAt, dialect: session.dialect }
          : null,
      metrics: open?.state.metrics ?? null,
      beats: open?.state.beats ?? record.beats,
    };
  }

  /** Newest first: stored events joined with the beats that are still held. Null when not registered. */
  async activity(limit: number): Promise<ActivityEntry[] | null> {
    const record = this.#registered();
    if (!record) return null;
    const beats = this.#openSocket()?.state.beats ?? record.beats;
    const kept = beats.recent.map(({ at, ignored }) => ({ at, type: "keepalive", data: { ignored } }));
    return [...this.#store.activity(limit), ...kept.reverse()].sort((a, b) => b.at - a.at).slice(0, limit);
  }

  /** The Fleet asks before it declares anyone gone. Null when there is nobody to declare. */
  async presence(): Promise<PresenceReport | null> {
    const record = this.#registered();
    if (!record) return null;
    const { now, ttlMs } = this.#clock();
    const open = this.#openSocket();
    const over = record.lostAt !== null && viewOf(record, null, now, ttlMs).expiresAt === null;
    if (over) this.#activity("disconnect", { reason: "lost" }, now);
    if (open) writeSocket(open.ws, { ...open.state, seq: this.#seq() + 1 });
    else this.#save(over ? endSession(record, null) : { ...record, seq: record.seq + 1 });
    return this.#reporter.take(this.#view(), null, record.profile, this.#openSocket());
  }

  /** Postgres has no row for this orchestrator: register it there again. */
  async reassert(): Promise<void> {
    const record = this.#registered();
    if (!record || this.#store.nextIntent()) return;
    this.#store.enqueue(registerIntent(record, "handshake", profileFields(record.profile), []), Date.now());
    await this.#deliver();
    await this.#schedule();
  }

  // --- Alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    const now = Date.now();
    try {
      for (const ws of this.ctx.getWebSockets()) {
        const state = readSocket(ws);
        if (state?.phase !== "pending" || now - state.acceptedAt < HANDSHAKE_TIMEOUT_MS) continue;
        this.#dismiss(ws, CLOSE.handshakeTimeout, "handshake_timeout", "No handshake came within 10 seconds.");
      }
      if (this.#outbox.dueAt !== null && this.#outbox.dueAt <= now) await this.#deliver();
      if (this.#reporter.dueAt !== null && this.#reporter.dueAt <= now) await this.#report(this.#reporter.missed);
    } catch (error) {
      writeLog(this.env, "ERROR", `The alarm of ${this.#ownId} failed`, errorFields(error));
    }
    await this.#schedule();
  }

  /** The only caller of setAlarm: handshake deadlines, deliveries and reports that are due. */
  async #schedule(): Promise<void> {
    const deadlines = this.ctx.getWebSockets().flatMap((ws) => {
      const state = readSocket(ws);
      return state?.phase === "pending" ? [state.acceptedAt + HANDSHAKE_TIMEOUT_MS] : [];
    });
    for (const due of [this.#outbox.dueAt, this.#reporter.dueAt]) if (due !== null) deadlines.push(due);
    if (deadlines.length === 0) return;
    const next = Math.min(...deadlines);
    const armed = await this.ctx.storage.getAlarm();
    if (armed === null || armed > next) await this.ctx.storage.setAlarm(next);
  }

  // --- Inside -----------------------------------------------------------------------------------------------------

  #clock(): Clock {
    const { ttlMs, reportIntervalMs } = settingsOf(this.env);
    return { now: Date.now(), ttlMs, reportIntervalMs };
  }

  #registered(): OrchestratorRecord | null {
    return this.#record?.lifecycle === "registered" ? this.#record : null;
  }

  #save(record: OrchestratorRecord): void {
    this.#record = record;
    this.#store.save(record);
  }

  #openSocket(): OpenSocket | null {
    const session = this.#record?.session;
    return session ? findSocket(this.ctx.getWebSockets(), session.id) : null;
  }

  #seq(): number {
    return Math.max(this.#record?.seq ?? 0, this.#openSocket()?.state.seq ?? 0);
  }

  #view(): PresenceView {
    if (!this.#record) throw new Error("no record");
    const { now, ttlMs } = this.#clock();
    return viewOf(this.#record, this.#openSocket()?.state ?? null, now, ttlMs);
  }

  #activity(type: string, data: ActivityEntry["data"], at: number): void {
    this.#store.addActivity({ at, type, data });
  }

  /** Carries out a step: everything ordered before the first await, because handlers interleave there. */
  async #apply(ws: WebSocket, step: Step, clock: Clock): Promise<void> {
    if (step.record && step.record !== this.#record) this.#save(step.record);
    writeSocket(ws, step.socket);
    let transition: Transition | null = null;
    let report = false;
    let queued = false;
    for (const effect of step.effects) {
      if (effect.kind === "send") sendFrame(ws, effect.frame);
      else if (effect.kind === "close") closeSocket(ws, effect.code, effect.reason);
      else if (effect.kind === "trace") writeLog(this.env, "DEBUG", effect.message);
      else if (effect.kind === "evict") this.#evict(effect.socketId);
      else if (effect.kind === "log") this.#reporter.log(effect.level, effect.message, clock.now);
      else if (effect.kind === "activity") this.#activity(effect.type, effect.data, clock.now);
      else if (effect.kind === "report") [report, transition] = [true, effect.transition];
      else if (step.record) {
        this.#store.enqueue(registerIntent(step.record, "handshake", effect.fields, []), clock.now);
        queued = true;
      }
    }
    if (step.socket.phase === "closed" && this.#record?.session?.id === step.socket.id) {
      this.#finish(step.socket, "refused", clock.now);
      [report, transition] = [true, "disconnected"];
    }
    if (report) await this.#report(transition);
    else if (this.#reporter.hasLogs) await this.#reporter.sendLogs(this.#record?.organizationId ?? this.#ownId);
    if (queued) await this.#deliver();
    if (report || queued) await this.#schedule();
  }

  /** The session that a newer one replaced: its later close must not touch the newer one. */
  #evict(socketId: string): void {
    for (const ws of this.ctx.getWebSockets()) {
      const state = readSocket(ws);
      if (state?.id !== socketId) continue;
      writeSocket(ws, { ...state, phase: "closed" });
      closeSocket(ws, CLOSE.replaced, "replaced");
    }
  }

  #dismiss(ws: WebSocket, close: number, code: "deregistered" | "handshake_timeout", message: string): void {
    const state = readSocket(ws);
    if (state) writeSocket(ws, { ...state, phase: "closed" });
    sendFrame(ws, errorFrame({ code, message, ref: null }, true, Date.now()));
    closeSocket(ws, close, code);
  }

  #dismissAll(): void {
    for (const ws of this.ctx.getWebSockets()) {
      this.#dismiss(ws, CLOSE.deregistered, "deregistered", "This orchestrator was deregistered.");
    }
  }

  async #closed(ws: WebSocket, code: number): Promise<void> {
    const state = readSocket(ws);
    if (!state || this.#record?.session?.id !== state.id) return;
    this.#finish(state, `close ${code}`, Date.now());
    await this.#report("disconnected");
    await this.#schedule();
  }

  #finish(socket: SocketState, reason: string, now: number): void {
    if (!this.#record) return;
    this.#reporter.addBeats(socket.unreported);
    this.#save(endSession(this.#record, socket));
    this.#activity("disconnect", { reason }, now);
    this.#reporter.log("INFO", `[C-OCS] Orchestrator ${this.#ownId} disconnected`, now);
  }

  async #report(transition: Transition | null): Promise<void> {
    if (!this.#record) return;
    const profile = transition ? this.#record.profile : null;
    await this.#reporter.send(this.#view(), transition, profile, this.#openSocket());
  }

  /** Drains the outbox outside a command; Postgres now has the row, so the Fleet may write presence into it. */
  async #deliver(): Promise<void> {
    await this.#outbox.drain();
    if (this.#reporter.hasLogs) {
      const open = this.#openSocket();
      if (open) writeSocket(open.ws, { ...open.state, seq: this.#seq() + 1 });
      else if (this.#record) this.#save({ ...this.#record, seq: this.#record.seq + 1 });
      await this.#report(this.#record?.lifecycle === "deregistered" ? "deregistered" : null);
    }
  }

  /** Decides what Postgres' answer means; returns the intent to try instead, or null when it is done. */
  #settle({ id, intent }: PendingIntent, outcome: RegistrationOutcome): Intent | null {
    const now = Date.now();
    if (intent.kind === "presence" || !this.#record) return null;
    if (outcome.outcome === "applied") {
      const registered =
        intent.kind === "register" && intent.source === "handshake"
          ? `[C-OCS] DB: Registered ${this.#ownId} in both tables`
          : `DB registration successful for ${this.#ownId}`;
      const text = intent.kind === "register" ? registered : `Orchestrator ${this.#ownId} deregistered from database`;
      this.#reporter.log("INFO", text, now);
      return null;
    }
    // Postgres knows more than this object: its storage was lost. Adopt what it says.
    if (outcome.outcome === "conflict") {
      const organizationId = outcome.organization_id ?? this.#record.organizationId;
      this.#save({ ...this.#record, organizationId, generation: outcome.generation });
      if (intent.kind === "register" && intent.source === "handshake") {
        return { ...intent, organizationId, generation: outcome.generation };
      }
      this.#conflicts.add(id);
      return null;
    }
    if (outcome.outcome === "tombstoned" && intent.kind === "register" && intent.source === "handshake") {
      this.#save({ ...buryRecord(this.#record, this.#seq()), generation: outcome.generation });
      this.#dismissAll();
      return null;
    }
    const generation = outcome.outcome === "tombstoned" ? outcome.generation + 1 : outcome.generation;
    this.#save({ ...this.#record, generation });
    return { ...intent, generation };
  }
}
