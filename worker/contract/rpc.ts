import type { AuditContext } from "./actor.ts";
import type { OrganizationConfig } from "./config.ts";
import type { CredentialView, ExchangeInput, IssueInput, PresentedCredential } from "./credentials.ts";
import type { OutboundFrame } from "./frames.ts";
import type { Message } from "./messages.ts";
import type {
  ActivityEntry,
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
} from "./orchestrator.ts";
import type { FleetMember, LogLine, LogPage, LogQuery, Millis, PresenceReport, PresenceView } from "./presence.ts";
import type { RefusalReason, RefusalReport, RefusalSource } from "./refusals.ts";
import type { Announcement, FeedEvent, ViewerFilter } from "./stream.ts";
import type { Place } from "./timeline.ts";

/**
 * The methods of an orchestrator's object. Methods may be added, and arguments only widened: during a deploy a new
 * Worker calls an old object, and the other way round.
 */
export interface OrchestratorRpc {
  fetch(request: Request): Promise<Response>;
  register(input: RegisterInput): Promise<CommandResult<RegisterValue>>;
  deregister(context: AuditContext): Promise<CommandResult<{ organizationId: string }>>;
  /** Signs the orchestrator off: inactive until its next frame or heartbeat, with all its data kept. */
  leave(context: AuditContext): Promise<CommandResult<{ organizationId: string }>>;
  setIndependence(input: IndependenceInput): Promise<CommandResult<PresenceView>>;
  /** Stores a message and sends it; each new session receives it again until a later frame confirms it. */
  createMessage(input: NewMessage): Promise<CommandResult<{ message: Message; pushed: boolean }>>;
  /** Sends the orchestrator a decision that Postgres has stored. */
  announceDecision(decision: MessageDecision): Promise<void>;
  /** The organization of the orchestrator with this token; null: it is not valid. */
  authenticate(presented: PresentedCredential): Promise<{ organizationId: string } | null>;
  issueCredential(input: IssueInput): Promise<CommandResult<CredentialView>>;
  exchangeCredential(input: ExchangeInput): Promise<CommandResult<CredentialView>>;
  /** Ends the token and the WebSocket that uses it. */
  revokeCredential(keyId: string, audit: AuditContext): Promise<CommandResult<CredentialView>>;
  /** Every token that was ever valid, oldest first, except old ones. Null: not registered. */
  credentials(): Promise<CredentialView[] | null>;
  /** Sends a free frame to a connected orchestrator. It is not stored. */
  send(frame: OutboundFrame, audit: AuditContext): Promise<CommandResult<null>>;
  /** Sets the desired configuration; an older revision is refused. */
  applyConfig(config: OrganizationConfig): Promise<void>;
  /** Sets the name that people see, and sends it when connected. False: not registered. */
  rename(names: Names): Promise<boolean>;
  /** Sends the desired configuration again to a connected orchestrator. */
  pushConfig(audit: AuditContext): Promise<CommandResult<PresenceView>>;
  heartbeat(input: HeartbeatInput): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>>;
  /** Null: not registered. */
  describe(options?: DescribeOptions): Promise<OrchestratorDetail | null>;
  /** Newest first; null: not registered. */
  activity(limit: number, before?: Place | null): Promise<ActivityEntry[] | null>;
  /** `shard` is the name of the caller. Null: not registered, or a member of another shard; the caller forgets it. */
  presence(shard?: string): Promise<PresenceReport | null>;
  /** Reports every beat until then, at most one a second. Null: it has no socket. */
  watch(untilMs: Millis): Promise<PresenceReport | null>;
  /** Counts a connection that was refused before it reached the object. False: unknown id. */
  refused(reason: RefusalReason, source: RefusalSource): Promise<boolean>;
  /** False: not registered; the caller forgets it. */
  reassert(): Promise<boolean>;
}

/** Far below the 1,000 calls that the platform allows one invocation. */
export const MAX_DEREGISTRATIONS = 100;

/** The methods of a Fleet shard. The same rule of compatibility holds. */
export interface FleetRpc {
  report(report: PresenceReport): Promise<void>;
  /** `events`: those that change no row. */
  log(lines: LogLine[], events?: Announcement[]): Promise<void>;
  /** Refused connections: listed for the people responsible, and once in log and audit. */
  refused(reports: RefusalReport[]): Promise<void>;
  /** Entries of these organizations, or all. */
  refusals(organizations: readonly string[] | null): Promise<RefusalReport[]>;
  /** Removes the entries of this id, because somebody has acted. */
  forgetRefusals(orchestratorId: string): Promise<void>;
  /** Sends a stored revision to every member of the organization, at once and in batches by alarm. */
  publishConfig(organizationId: string, config: OrganizationConfig): Promise<void>;
  /** Asks the objects of these orchestrators, and returns the ids that none answers for. */
  verify(orchestratorIds: string[]): Promise<string[]>;
  /** Deregisters these, at most {@link MAX_DEREGISTRATIONS}, for a request that may not make so many calls. */
  deregister(orchestratorIds: string[], audit: AuditContext): Promise<CommandResult<null>>;
  /** The position of the reconciler; set when given. */
  cursor(next?: string): Promise<string>;
  /** When the scheduled work last succeeded, or null. Read at most every 10 s, because anyone may call `/health`. */
  scheduledAt(at?: Millis): Promise<Millis | null>;
  live(): Promise<FleetMember[]>;
  lookup(orchestratorIds: string[]): Promise<PresenceView[]>;
  /** Which of these orchestrators belong to one of these organizations. Asks no object, so an unknown id takes no longer. */
  ownOf(orchestratorIds: string[], organizations: readonly string[]): Promise<string[]>;
  logs(query: LogQuery): Promise<LogPage>;
  /** Newest first; of these organizations, or of all. */
  recentEvents(organizations: readonly string[] | null, limit: number, before?: Place | null): Promise<FeedEvent[]>;
  /** The number of events that {@link recentEvents} can return. */
  /** The number of orchestrators of an organization in this shard. */
  memberCount(organizationId: string): Promise<number>;
  eventCount(organizations: readonly string[] | null): Promise<number>;
  /** Opens the socket of a viewer. */
  fetch(request: Request): Promise<Response>;
  /** Closes the sockets of viewers whose access ended or changed. Returns their number. */
  dropViewers(filter: ViewerFilter): Promise<number>;
}

export type Stub<T> = T & { readonly id: DurableObjectId };
