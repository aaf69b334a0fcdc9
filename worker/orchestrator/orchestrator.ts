import { DurableObject } from "cloudflare:workers";
import type { OrganizationConfig } from "../contract/config.ts";
import {
  type CredentialView,
  type ExchangeInput,
  type IssueInput,
  KEY_ID_HEADER,
  type PresentedCredential,
} from "../contract/credentials.ts";
import type { OutboundFrame } from "../contract/frames.ts";
import type { Message } from "../contract/messages.ts";
import type {
  ActivityEntry,
  AuditContext,
  CommandResult,
  DescribeOptions,
  HeartbeatInput,
  IndependenceInput,
  MessageDecision,
  Names,
  NewMessage,
  OrchestratorDetail,
  RegisterInput,
  RegisterValue,
} from "../contract/orchestrator.ts";
import { answerableCloseCode } from "../contract/parse-frame.ts";
import type { Millis, PresenceReport, PresenceView } from "../contract/presence.ts";
import type { RefusalReason, RefusalSource } from "../contract/refusals.ts";
import type { OrchestratorRpc } from "../contract/rpc.ts";
import { type Place, placeOf } from "../contract/timeline.ts";
import { fleetNameOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { storageVersion } from "../platform/storage-steps.ts";
import { comparePlaces, isBefore } from "../platform/timeline.ts";
import { adopt, isInPostgres } from "./adopt.ts";
import { reassertIntent } from "./audit.ts";
import { beatEntries } from "./beats.ts";
import * as commands from "./command-handlers.ts";
import { endSession } from "./commands.ts";
import { differenceOf } from "./config-difference.ts";
import { configure, repeatConfig } from "./config-handler.ts";
import { Core } from "./core.ts";
import * as credentials from "./credential-handlers.ts";
import * as messages from "./message-handlers.ts";
import { sightOf } from "./reporter.ts";
import { acceptSocket, closeSilent, handleClose, handleFrame, seeToSockets } from "./session-handlers.ts";
import { shownActivity, shownMetrics, shownProfile, shownSnapshot } from "./shown.ts";
import { closeSocket, writeSocket } from "./sockets.ts";
import { viewOf } from "./state.ts";

/** One orchestrator: its socket, session, presence and what Postgres has yet to hear of it. */
export class Orchestrator extends DurableObject<Env> implements OrchestratorRpc {
  /** Null: nothing was ever stored here. It stays so when somebody only asks, so that guessed ids cost no storage. */
  #known: Core | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#known = storageVersion(ctx.storage) > 0 ? new Core(ctx, env) : null;
  }

  get #core(): Core {
    this.#known ??= new Core(this.ctx, this.env);
    return this.#known;
  }

  // --- Socket -----------------------------------------------------------------------------------------------------

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 426 });
    const isStranger = this.#known === null && request.headers.has(KEY_ID_HEADER);
    // Without a header that says why: nobody knows this id.
    return isStranger ? new Response(null, { status: 401 }) : await acceptSocket(this.#core, request);
  }

  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    await handleFrame(this.#core, ws, raw);
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    closeSocket(ws, answerableCloseCode(code), "");
    await handleClose(this.#core, ws, code);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await handleClose(this.#core, ws, 1006);
  }

  // --- Commands (RPC) ---------------------------------------------------------------------------------------------

  async register(input: RegisterInput): Promise<CommandResult<RegisterValue>> {
    return await commands.register(this.#core, input);
  }

  async deregister(context: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
    return await commands.deregister(this.#core, context);
  }

  async leave(context: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
    return await commands.leave(this.#core, context);
  }

  async setIndependence(input: IndependenceInput): Promise<CommandResult<PresenceView>> {
    return await commands.setIndependence(this.#core, input);
  }

  async createMessage(input: NewMessage): Promise<CommandResult<{ message: Message; pushed: boolean }>> {
    return await messages.createMessage(this.#core, input);
  }

  async announceDecision(decision: MessageDecision): Promise<void> {
    await messages.announceDecision(this.#core, decision);
  }

  async authenticate(presented: PresentedCredential): Promise<{ organizationId: string } | null> {
    const core = this.#known;
    const record = core && credentials.authenticate(core, presented) && core.record;
    return record && { organizationId: record.organizationId };
  }

  async refused(reason: RefusalReason, source: RefusalSource): Promise<boolean> {
    const core = this.#known;
    if (!core?.record) return false;
    core.noteRefusal(reason, source, Date.now());
    await core.tellRefusals();
    return true;
  }

  async issueCredential(input: IssueInput): Promise<CommandResult<CredentialView>> {
    return await credentials.issueCredential(this.#core, input);
  }

  async exchangeCredential(input: ExchangeInput): Promise<CommandResult<CredentialView>> {
    return await credentials.exchangeCredential(this.#core, input);
  }

  async revokeCredential(keyId: string, audit: AuditContext): Promise<CommandResult<CredentialView>> {
    return await credentials.revokeCredential(this.#core, keyId, audit);
  }

  async send(frame: OutboundFrame, audit: AuditContext): Promise<CommandResult<null>> {
    return await messages.send(this.#core, frame, audit);
  }

  async applyConfig(config: OrganizationConfig): Promise<void> {
    if (!configure(this.#core, config)) return;
    await this.#core.report("config");
    await this.#core.schedule();
  }

  async rename(names: Names): Promise<boolean> {
    return await commands.rename(this.#core, names);
  }

  async pushConfig(audit: AuditContext): Promise<CommandResult<PresenceView>> {
    return await repeatConfig(this.#core, audit);
  }

  async heartbeat(input: HeartbeatInput): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>> {
    return await commands.heartbeat(this.#core, input);
  }

  // --- Questions (RPC) --------------------------------------------------------------------------------------------

  async credentials(): Promise<CredentialView[] | null> {
    return this.#known?.registered() ? credentials.viewCredentials(this.#known) : null;
  }

  async describe(options?: DescribeOptions): Promise<OrchestratorDetail | null> {
    if (this.#known === null && !(await isInPostgres(this.env, this.ctx.id.name ?? ""))) return null;
    const core = this.#core;
    await adopt(core);
    const record = core.registered();
    if (!record) return null;
    const open = core.openSocket();
    const { session } = record;
    const beats = open?.state.beats ?? record.beats;
    const configSnapshot = options?.withSnapshot ? core.store.snapshot() : null;
    return {
      view: core.view(),
      profile: shownProfile(record.profile),
      generation: record.generation,
      registeredAt: record.registeredAt,
      session:
        open && session
          ? { epoch: record.epoch, id: session.id, openedAt: session.openedAt, dialect: session.dialect }
          : null,
      metrics: shownMetrics(open?.state.metrics ?? record.metrics),
      dropped: open ? (open.state.dropped ?? null) : record.dropped,
      clockOffsetMs: open ? (open.state.clock?.offsetMs ?? null) : record.clockOffsetMs,
      beats,
      ...(options?.withActivityCount && { activityCount: core.store.activityCount() + beats.recent.length }),
      ...(options?.withSnapshot && {
        configSnapshot: shownSnapshot(configSnapshot),
        configDifference: differenceOf(record, open?.state ?? null, configSnapshot),
      }),
    };
  }

  /** Newest first: stored events joined with the beats that are still held. Null when not registered. */
  async activity(limit: number, before: Place | null = null): Promise<ActivityEntry[] | null> {
    const core = this.#known;
    const record = core?.registered();
    if (!core || !record) return null;
    const beats = core.openSocket()?.state.beats ?? record.beats;
    const held = beatEntries(beats).filter((entry) => isBefore(placeOf(entry), before));
    return [...core.store.activity(limit, before).map(shownActivity), ...held]
      .sort((left, right) => comparePlaces(placeOf(left), placeOf(right)))
      .slice(0, limit);
  }

  /** The Fleet asks before it declares anyone gone. Null when there is nobody to declare. */
  async presence(shard?: string): Promise<PresenceReport | null> {
    const core = this.#known;
    const record = core?.registered();
    if (!core || !record) return null;
    if (shard !== undefined && shard !== fleetNameOf(core.env, record.organizationId)) return null;
    const { now, ttlMs } = core.clock();
    const over = record.lostAt !== null && viewOf(record, null, now, ttlMs).expiresAt === null;
    if (over) core.activity("disconnect", { reason: "lost" }, now);
    if (over) core.save(endSession(record, null, now));
    else if (!closeSilent(core, now)) core.bumpSeq();
    const open = core.openSocket();
    if (open) writeSocket(open.ws, { ...open.state, lastReportAt: now });
    return core.reporter.take(core.view(), null, record.profile, core.openSocket());
  }

  /** A dashboard looks: what it sees should be exact to the second. */
  async watch(untilMs: Millis): Promise<PresenceReport | null> {
    const core = this.#known;
    const open = core?.openSocket();
    if (!core || !open || !core.registered()) return null;
    writeSocket(open.ws, { ...open.state, seq: core.seq() + 1, watch: { untilMs, sightAt: Date.now() } });
    return sightOf(core.view());
  }

  /** Postgres has no row for this orchestrator: register it there again. */
  async reassert(): Promise<boolean> {
    const core = this.#known;
    const record = core?.registered();
    if (!core || !record) return false;
    if (core.outbox.dueAt !== null) return true;
    const now = Date.now();
    core.outbox.enqueue(reassertIntent(record, now), now);
    const tokens = credentials.reassertTokensIntent(core);
    if (tokens) core.outbox.enqueue(tokens, now);
    await core.deliver();
    await core.schedule();
    return true;
  }

  // --- Alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    const core = this.#core;
    const now = Date.now();
    core.alarmRang();
    try {
      seeToSockets(core, now);
      if (credentials.endSocketsWithout(core, now)) await core.report("disconnected");
      await core.tellRefusals();
      if (core.outbox.dueAt !== null && core.outbox.dueAt <= now) await core.deliver();
      if (core.reporter.dueAt !== null && core.reporter.dueAt <= now) await core.report(core.reporter.missed);
    } catch (error) {
      writeLog(core.env, "ERROR", `The alarm of ${core.ownId} failed`, errorFields(error));
    }
    await core.schedule();
  }
}
