import type { OrganizationConfig } from "./config.ts";
import type { CredentialView, ExchangeInput, IssueInput, PresentedCredential } from "./credentials.ts";
import type { OutboundFrame } from "./frames.ts";
import type { Message } from "./messages.ts";
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
} from "./orchestrator.ts";
import type { FleetMember, LogLine, LogPage, LogQuery, Millis, PresenceReport, PresenceView } from "./presence.ts";
import type { RefusalReason, RefusalReport, RefusalSource } from "./refusals.ts";
import type { Announcement, FeedEvent, ViewerFilter } from "./stream.ts";
import type { Place } from "./timeline.ts";

/**
 * What one orchestrator's object answers. Methods may be added, and arguments only widened: a new Worker talks
 * to an old object during a deploy, and the other way round.
 */
export interface OrchestratorRpc {
  fetch(request: Request): Promise<Response>;
  register(input: RegisterInput): Promise<CommandResult<RegisterValue>>;
  deregister(context: AuditContext): Promise<CommandResult<{ organizationId: string }>>;
  /** It says that it is going: inactive from now on, with all that it has, until it is heard again. */
  leave(context: AuditContext): Promise<CommandResult<{ organizationId: string }>>;
  setIndependence(input: IndependenceInput): Promise<CommandResult<PresenceView>>;
  /** Stored, and sent when connected; sent again in each new session until a later frame has confirmed it. */
  createMessage(input: NewMessage): Promise<CommandResult<{ message: Message; pushed: boolean }>>;
  /** Tells the orchestrator of a decision that Postgres has stored. */
  announceDecision(decision: MessageDecision): Promise<void>;
  /** The organization of the orchestrator whose token this is; null: it is not valid. */
  authenticate(presented: PresentedCredential): Promise<{ organizationId: string } | null>;
  issueCredential(input: IssueInput): Promise<CommandResult<CredentialView>>;
  exchangeCredential(input: ExchangeInput): Promise<CommandResult<CredentialView>>;
  /** Ends it, and the WebSocket that came with it. */
  revokeCredential(keyId: string, audit: AuditContext): Promise<CommandResult<CredentialView>>;
  /** Those that were ever valid, oldest first, old ones forgotten. Null: not registered. */
  credentials(): Promise<CredentialView[] | null>;
  /** A free frame to a connected orchestrator, stored nowhere. */
  send(frame: OutboundFrame, audit: AuditContext): Promise<CommandResult<null>>;
  /** The configuration of its organization; an older revision is refused. */
  applyConfig(config: OrganizationConfig): Promise<void>;
  /** What somebody has named it; told to it at once when it is connected. False: not registered. */
  rename(names: Names): Promise<boolean>;
  /** The desired configuration once more, to a connected orchestrator. */
  pushConfig(audit: AuditContext): Promise<CommandResult<PresenceView>>;
  heartbeat(input: HeartbeatInput): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>>;
  /** Null: not registered. */
  describe(options?: DescribeOptions): Promise<OrchestratorDetail | null>;
  /** Newest first; null: not registered. */
  activity(limit: number, before?: Place | null): Promise<ActivityEntry[] | null>;
  /** `shard` is the name of the asker. Null: not registered, or a member of another shard; the asker forgets it. */
  presence(shard?: string): Promise<PresenceReport | null>;
  /** Somebody looks: until then every beat is reported, at most one a second. Null: it has no socket. */
  watch(untilMs: Millis): Promise<PresenceReport | null>;
  /** A connection under this id was refused before it reached the object. False: nobody knows this id. */
  refused(reason: RefusalReason, source: RefusalSource): Promise<boolean>;
  /** False: not registered; the asker forgets it. */
  reassert(): Promise<boolean>;
}

/** Far from the 1,000 calls that the platform lets one invocation of a Worker or an object make. */
export const MAX_DEREGISTRATIONS = 100;

/** What one Fleet shard answers. The same rule of compatibility. */
export interface FleetRpc {
  report(report: PresenceReport): Promise<void>;
  /** `events`: what happened that changes no row. */
  log(lines: LogLine[], events?: Announcement[]): Promise<void>;
  /** Connections that were refused: listed for those who may act, and said once in log and audit. */
  refused(reports: RefusalReport[]): Promise<void>;
  /** Those of these organizations, or all. */
  refusals(organizations: readonly string[] | null): Promise<RefusalReport[]>;
  /** Somebody has acted on those of this id. */
  forgetRefusals(orchestratorId: string): Promise<void>;
  /** A revision that Postgres has stored: told to every member of the organization by alarm, at once and in batches. */
  publishConfig(organizationId: string, config: OrganizationConfig): Promise<void>;
  /** Asks the objects of these orchestrators; the ids that no object answers for. */
  verify(orchestratorIds: string[]): Promise<string[]>;
  /** Deregisters these, at most {@link MAX_DEREGISTRATIONS}, on behalf of a request that may not call so many itself. */
  deregister(orchestratorIds: string[], audit: AuditContext): Promise<CommandResult<null>>;
  /** A place for the reconciler to keep how far it came; sets it when given. */
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
  /** Events that {@link recentEvents} can tell. Older code has no such method. */
  /** The orchestrators of an organization that the shard knows. */
  memberCount(organizationId: string): Promise<number>;
  eventCount(organizations: readonly string[] | null): Promise<number>;
  /** Opens the socket of a viewer. */
  fetch(request: Request): Promise<Response>;
  /** Closes the sockets of viewers whose access ended or changed; how many that were. */
  dropViewers(filter: ViewerFilter): Promise<number>;
}

export type Stub<T> = T & { readonly id: DurableObjectId };
