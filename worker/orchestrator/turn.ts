import type { Dropped } from "../contract/cleaning.ts";
import type { OrganizationConfig } from "../contract/config.ts";
import type { CredentialView, ExchangeInput, IssueInput, PresentedCredential } from "../contract/credentials.ts";
import type { OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Message } from "../contract/messages.ts";
import type {
  ActivityEntry,
  AuditContext,
  CommandResult,
  HeartbeatInput,
  IndependenceInput,
  MessageDecision,
  Names,
  NewMessage,
  RegisterInput,
  RegisterValue,
} from "../contract/orchestrator.ts";
import type { BeatCounts, LogLevel, Millis, PresenceReport, PresenceView, Transition } from "../contract/presence.ts";
import type { RefusalReason, RefusalSource } from "../contract/refusals.ts";
import type { Announcement } from "../contract/stream.ts";
import type { MessageTotals } from "../db/messages-write.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import type { Bucket } from "../platform/token-bucket.ts";
import type { DeliveryOutcome, Intent } from "./intents.ts";
import type { Credential, MessageQuota, OrchestratorRecord, SocketState } from "./state.ts";
import type { Contest } from "./takeover.ts";

/** Rows of the object that a decision reads only when it needs them, so that a heartbeat runs no query. */
export interface Rows {
  credentials(): Credential[];
  lastActivity(): Pick<ActivityEntry, "type" | "data"> | undefined;
  /** Messages that wait for a confirmation. */
  undeliveredMessages(): number;
  /** Frames that were not sent in this session yet, oldest first, as many as fit, and whether there are more. */
  unsent(sessionId: string, maxBytes: number): { frames: { id: number; frame: OutboundFrame }[]; isCut: boolean };
  /** The ids of the messages that were sent in this session. */
  sentIn(sessionId: string): string[];
  /** What was stored under an id that the orchestrator gave its message. */
  received(clientId: string): { messageId: string; digest: string } | null;
  /** The digest of the usage report that was counted under this id. */
  countedReport(reportId: string): string | null;
  /** The number of the day on which usage was last reported under this name of a model. */
  modelDay(name: string): number | null;
  /** How many names of models are kept that were reported on this day or later. */
  modelsSince(day: number): number;
}

/** The intents that wait for Postgres. */
export interface Queue {
  readonly isFull: boolean;
  /** When the next attempt is due; null: nothing waits. */
  readonly dueAt: Millis | null;
}

/** What decisions read. Everything but `rows` and `outbox`, which are read when needed, can be stored as JSON. */
export interface State {
  ownId: string;
  record: OrchestratorRecord | null;
  sockets: readonly Readonly<SocketState>[];
  /** The machines that want this id. */
  contest: Contest;
  messageQuota: MessageQuota;
  /** The rate of connections, in memory alone: while many come, the object does not hibernate. */
  upgrades: Bucket;
  rows: Rows;
  outbox: Queue;
}

/** What a decision may ask the world for; the reply comes back as the input `replied`. */
export type Question = "registration" | "message_totals" | "delivery";
export type Reply =
  | { to: "registration"; found: RegistrationOutcome | "unavailable" | null }
  | { to: "message_totals"; totals: MessageTotals | null }
  /** Whether Postgres has everything that the turn queued, and whether it refused the id as that of another one. */
  | { to: "delivery"; isStored: boolean; isConflict: boolean };

/** What is left of a registration while Postgres stores it. */
export interface Registering extends Pick<RegisterInput, "join" | "credential" | "audit"> {
  organizationId: string;
  created: boolean;
  isReadmitted: boolean;
  /** The organization that the id was deregistered from. */
  formerOrganizationId: string | null;
  dropped: Dropped[];
}

/** Everything that can happen to the object: what each input brings, and what is answered. */
interface Inputs {
  /** The object is in memory again. */
  woke: [object, null];
  upgrade: [
    { socketId: string; credential: PresentedCredential | null; address: string | null; isOpen: boolean },
    Upgrade,
  ];
  frame: [{ socketId: string; raw: string | ArrayBuffer }, null];
  closed: [{ socket: Readonly<SocketState>; code: number }, null];
  /** `missed`: a report that the shard did not take, and that is due again. */
  alarm: [{ missed: { transition: Transition | null } | null }, null];
  register: [RegisterInput, CommandResult<RegisterValue>];
  /** Postgres has answered a registration over REST, or not in time. */
  registered: [Registering, CommandResult<RegisterValue>];
  deregister: [{ audit: AuditContext }, CommandResult<{ organizationId: string }>];
  leave: [{ audit: AuditContext }, CommandResult<{ organizationId: string }>];
  set_independence: [IndependenceInput, CommandResult<PresenceView>];
  rename: [Names, boolean];
  beat: [HeartbeatInput, CommandResult<{ view: PresenceView; ignored: boolean }>];
  authenticate: [PresentedCredential, { organizationId: string } | null];
  issue_credential: [IssueInput, CommandResult<CredentialView>];
  exchange_credential: [ExchangeInput, CommandResult<CredentialView>];
  revoke_credential: [{ keyId: string; audit: AuditContext }, CommandResult<CredentialView>];
  create_message: [NewMessage, CommandResult<{ message: Message; pushed: boolean }>];
  announce_decision: [MessageDecision, null];
  send: [{ frame: OutboundFrame; audit: AuditContext }, CommandResult<null>];
  apply_config: [OrganizationConfig, null];
  push_config: [{ audit: AuditContext }, CommandResult<PresenceView>];
  refused: [{ reason: RefusalReason; source: RefusalSource }, boolean];
  /** Somebody wants to read the object. */
  look: [object, null];
  /** The Fleet asks before it declares the orchestrator gone. */
  sweep: [object, PresenceReport | null];
  watch: [{ untilMs: Millis }, PresenceView | null];
  reassert: [object, boolean];
  /** Postgres has answered one intent. The answer is the intent to try in its place, and whether the id is another's. */
  settled: [{ intent: Intent; outcome: DeliveryOutcome }, { next: Intent | null; isConflict: boolean }];
  /** Postgres has stored a registration, so that the Fleet may write presence into its row. */
  stored: [{ transition: Transition | null }, null];
  replied: [{ reply: Reply; next: Input | null }, unknown];
}

export type InputKind = keyof Inputs;
export type InputOf<K extends InputKind> = { kind: K } & Inputs[K][0];
export type AnswerTo<K extends InputKind> = Inputs[K][1];
export type Input = { [K in InputKind]: InputOf<K> }[InputKind];

/** Why an upgrade is refused; null: the socket is accepted. */
export type Upgrade = { status: 401 | 429; reason: RefusalReason } | null;

export type Answer<T = unknown> =
  | { is: "now"; value: T }
  /** One of the two, once Postgres has taken what the turn queued, or has not. */
  | { is: "delivery"; stored: T; accepted: T }
  /** Decided by the input `next`, or nothing more, once the question is answered. */
  | { is: "asked"; question: Question; next: Input | null }
  /** The report of this moment, with all that was held for one. */
  | { is: "report" };

export const DONE: Answer<null> = { is: "now", value: null };
export const now = <T>(value: T): Answer<T> => ({ is: "now", value });

/** The answer once everything that is queued is in Postgres. */
export function afterDelivery<T>(stored: CommandResult<T>): Answer<CommandResult<T>> {
  return { is: "delivery", stored, accepted: ACCEPTED };
}

export type Refusal = Extract<CommandResult<never>, { ok: false }>;

export const ACCEPTED: Refusal = {
  ok: false,
  code: "database_unavailable",
  accepted: true,
  message: "The change is accepted and will be finished as soon as the database answers again.",
};

export const UNREGISTERED: Refusal = { ok: false, code: "not_found", message: "No such orchestrator." };

export const UNAVAILABLE: Refusal = {
  ok: false,
  code: "database_unavailable",
  accepted: false,
  message: "The database is not available, and this orchestrator is not known without it. Try again.",
};

export const FULL: Refusal = {
  ok: false,
  code: "rate_limited",
  message: "The database is not available, and too much is waiting for it already. Send this again later.",
};

/** What a turn does to the world. `perform` carries the effects out, in the order of these groups. */
export type Effect =
  // Rows, in the order of the turn.
  | { kind: "save" }
  | { kind: "clear"; withCredentials: boolean }
  | { kind: "activity"; type: string; data: JsonObject }
  | { kind: "queue"; intent: Intent }
  /** A report of the orchestrator about itself, in place of one that waits: at most one statement a second. */
  | { kind: "queue_profile"; intent: Intent }
  | { kind: "yield_names"; names: Names }
  | { kind: "credentials"; changed: Credential[] }
  /** `isRefusal`: written at most once in some seconds, because a refused machine may knock every second. */
  | { kind: "contest"; isRefusal: boolean }
  | { kind: "quota" }
  /** A frame is kept until its delivery is confirmed. `sentIn`: the session that it was sent in; null: none yet. */
  | { kind: "keep"; messageId: string | null; frame: OutboundFrame; sentIn: string | null }
  | { kind: "mark_sent"; ids: number[]; sessionId: string }
  | { kind: "confirmed"; sessionId: string }
  | { kind: "received"; clientId: string; messageId: string; digest: string }
  | { kind: "counted"; reportId: string; digest: string }
  | { kind: "models"; names: string[]; today: number; forgetBefore: number }
  | { kind: "snapshot"; data: JsonObject }
  | { kind: "refusal"; reason: RefusalReason; address: string | null; organizationId: string | null }
  // What the next report takes along, in memory.
  | { kind: "log"; level: LogLevel; message: string }
  /** For the console at LOG_LEVEL=debug only. */
  | { kind: "trace"; message: string }
  | { kind: "announce"; event: Omit<Announcement, "orchestratorId"> }
  | { kind: "beats"; counts: BeatCounts }
  // Sockets.
  | { kind: "accept"; socketId: string }
  | { kind: "send"; to: string; frame: OutboundFrame }
  | { kind: "close"; to: string; code: number; reason: string }
  // The Fleet shard and Postgres.
  | { kind: "report"; transition: Transition | null; after?: "delivery" }
  | { kind: "report_refusals" }
  /** For those who watch, and nobody else. */
  | { kind: "sight" }
  | { kind: "deliver" }
  | { kind: "forget_refusals"; organizationId: string };

export interface Turn<T = unknown> {
  state: State;
  effects: Effect[];
  answer: Answer<T>;
}
