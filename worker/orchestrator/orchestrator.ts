import { DurableObject } from "cloudflare:workers";
import type { OrganizationConfig } from "../contract/config.ts";
import {
  type CredentialView,
  type ExchangeInput,
  type IssueInput,
  KEY_DIGEST_HEADER,
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
import { answerableCloseCode, errorFrame } from "../contract/parse-frame.ts";
import type { Millis, PresenceReport, PresenceView } from "../contract/presence.ts";
import { REFUSAL_HEADER, type RefusalReason, type RefusalSource } from "../contract/refusals.ts";
import type { OrchestratorRpc } from "../contract/rpc.ts";
import type { Place } from "../contract/timeline.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { fleetNameOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { storageVersion } from "../platform/storage-steps.ts";
import { credentialView, keysInUse } from "./credentials.ts";
import { lookUp } from "./outbox.ts";
import { Room } from "./perform.ts";
import { sightOf } from "./reporter.ts";
import { closeSocket, readSocket } from "./sockets.ts";
import type { OrchestratorRecord } from "./state.ts";
import type { AnswerTo, InputKind, InputOf } from "./turn.ts";
import { activityOf, detailOf } from "./views.ts";

/**
 * One orchestrator: its socket, session, presence and what waits for Postgres. The class turns events and calls into inputs;
 * what they do is decided in `decide.ts`.
 */
export class Orchestrator extends DurableObject<Env> implements OrchestratorRpc {
  /** Null: nothing was ever stored here. It stays so when somebody only asks, so that guessed ids cost no storage. */
  #known: Room | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#known = storageVersion(ctx.storage) > 0 ? new Room(ctx, env) : null;
  }

  get #room(): Room {
    this.#known ??= new Room(this.ctx, this.env);
    return this.#known;
  }

  /** The room and the record of a registered orchestrator. */
  get #registered(): { room: Room; record: OrchestratorRecord } | null {
    const room = this.#known;
    return room?.record?.lifecycle === "registered" ? { room, record: room.record } : null;
  }

  async #take<K extends InputKind>(input: InputOf<K>): Promise<AnswerTo<K>> {
    return await this.#room.take(input);
  }

  // --- Socket and alarm -------------------------------------------------------------------------------------------

  /** Accepts a socket. The Worker has found out whose it is, and hands over the credential to be checked here. */
  override async fetch({ headers }: Request): Promise<Response> {
    if (headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 426 });
    const [keyId, digest] = [headers.get(KEY_ID_HEADER), headers.get(KEY_DIGEST_HEADER)];
    // Without a header that says why: nobody knows this id.
    if (this.#known === null && keyId !== null) return new Response(null, { status: 401 });
    const credential = keyId !== null && digest !== null ? { keyId, digest } : null;
    const address = headers.get("CF-Connecting-IP")?.slice(0, 64) || null;
    const socketId = crypto.randomUUID();
    const isOpen = DEVELOPMENT_BUILD;
    const refusal = await this.#take({ kind: "upgrade", socketId, credential, address, isOpen });
    if (refusal) return new Response(null, { status: refusal.status, headers: { [REFUSAL_HEADER]: refusal.reason } });
    return new Response(null, { status: 101, webSocket: this.#room.sockets.takeClient(socketId) });
  }

  /** A failure of ours ends the socket with 1011, because the runtime would leave it open. */
  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    const socket = readSocket(ws);
    if (!socket) return;
    try {
      await this.#take({ kind: "frame", socketId: socket.id, raw });
    } catch (error) {
      writeLog(this.env, "ERROR", `A frame of ${this.#room.ownId} could not be handled`, errorFields(error));
      const failure = { code: "internal_error", message: "The controller failed on this frame.", ref: null } as const;
      this.#room.sockets.send(socket.id, errorFrame(failure, true, Date.now()));
      closeSocket(ws, CLOSE.bug, "internal_error");
    }
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    closeSocket(ws, answerableCloseCode(code), "");
    const socket = readSocket(ws);
    if (socket) await this.#take({ kind: "closed", socket, code });
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    const socket = readSocket(ws);
    if (socket) await this.#take({ kind: "closed", socket, code: 1006 });
  }

  override async alarm(): Promise<void> {
    await this.#room.ring();
  }

  // --- Commands (RPC) ---------------------------------------------------------------------------------------------

  async register(input: RegisterInput): Promise<CommandResult<RegisterValue>> {
    return await this.#take({ kind: "register", ...input });
  }

  async deregister(audit: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
    return await this.#take({ kind: "deregister", audit });
  }

  async leave(audit: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
    return await this.#take({ kind: "leave", audit });
  }

  async setIndependence(input: IndependenceInput): Promise<CommandResult<PresenceView>> {
    return await this.#take({ kind: "set_independence", ...input });
  }

  async createMessage(input: NewMessage): Promise<CommandResult<{ message: Message; pushed: boolean }>> {
    return await this.#take({ kind: "create_message", ...input });
  }

  async announceDecision(decision: MessageDecision): Promise<void> {
    await this.#take({ kind: "announce_decision", ...decision });
  }

  async authenticate(presented: PresentedCredential): Promise<{ organizationId: string } | null> {
    return this.#known && (await this.#take({ kind: "authenticate", ...presented }));
  }

  async refused(reason: RefusalReason, source: RefusalSource): Promise<boolean> {
    return this.#known !== null && (await this.#take({ kind: "refused", reason, source }));
  }

  async issueCredential(input: IssueInput): Promise<CommandResult<CredentialView>> {
    return await this.#take({ kind: "issue_credential", ...input });
  }

  async exchangeCredential(input: ExchangeInput): Promise<CommandResult<CredentialView>> {
    return await this.#take({ kind: "exchange_credential", ...input });
  }

  async revokeCredential(keyId: string, audit: AuditContext): Promise<CommandResult<CredentialView>> {
    return await this.#take({ kind: "revoke_credential", keyId, audit });
  }

  async send(frame: OutboundFrame, audit: AuditContext): Promise<CommandResult<null>> {
    return await this.#take({ kind: "send", frame, audit });
  }

  async applyConfig(config: OrganizationConfig): Promise<void> {
    await this.#take({ kind: "apply_config", ...config });
  }

  async rename(names: Names): Promise<boolean> {
    return await this.#take({ kind: "rename", ...names });
  }

  async pushConfig(audit: AuditContext): Promise<CommandResult<PresenceView>> {
    return await this.#take({ kind: "push_config", audit });
  }

  async heartbeat(input: HeartbeatInput): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>> {
    return await this.#take({ kind: "beat", ...input });
  }

  async presence(shard?: string): Promise<PresenceReport | null> {
    const known = this.#registered;
    if (!known) return null;
    if (shard !== undefined && shard !== fleetNameOf(this.env, known.record.organizationId)) return null;
    return await this.#take({ kind: "sweep" });
  }

  async watch(untilMs: Millis): Promise<PresenceReport | null> {
    const view = this.#known && (await this.#take({ kind: "watch", untilMs }));
    return view && sightOf(view);
  }

  async reassert(): Promise<boolean> {
    return this.#known !== null && (await this.#take({ kind: "reassert" }));
  }

  // --- Questions (RPC) --------------------------------------------------------------------------------------------

  async credentials(): Promise<CredentialView[] | null> {
    const room = this.#registered?.room;
    if (!room) return null;
    const inUse = keysInUse(room.sockets.all());
    return room.store.credentials().map((credential) => credentialView(credential, inUse, Date.now()));
  }

  async describe(options?: DescribeOptions): Promise<OrchestratorDetail | null> {
    if (this.#known === null) {
      const found = await lookUp(this.env, this.ctx.id.name ?? "");
      if (found === null || found === "unavailable") return null;
    }
    await this.#take({ kind: "look" });
    const known = this.#registered;
    if (!known) return null;
    const { room, record } = known;
    return detailOf(record, room.open, room.view(), room.store, options);
  }

  async activity(limit: number, before: Place | null = null): Promise<ActivityEntry[] | null> {
    const known = this.#registered;
    return known && activityOf(known.room.open ?? known.record, known.room.store, limit, before);
  }
}
