import type { JsonObject } from "../contract/json.ts";
import type { Message } from "../contract/messages.ts";
import type { AuditContext, MessageDecision, Names, RegistrationFields } from "../contract/orchestrator.ts";
import type { Millis, PresenceView, Profile } from "../contract/presence.ts";
import type { AgentTokenEntry } from "../db/agent-tokens.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import type { MessageTotals } from "../db/messages-write.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import type { UsageOutcome, UsageReport } from "../db/usage.ts";
import { type Change, differenceOf, joinChanges } from "../platform/json-difference.ts";
import { auditedProfile, profileFields, reportedChange } from "./profile.ts";
import type { Clock, OrchestratorRecord, Owned } from "./state.ts";

/** A change that this object has accepted and Postgres does not have yet, with its audit row. */
export type Intent =
  | {
      kind: "register";
      source: "rest" | "handshake";
      organizationId: string;
      generation: number;
      fields: RegistrationFields;
      owned: Owned;
      /** Which of name and location this registration sets. Absent in what an orchestrator reports: none. */
      sets?: Owned;
      acceptedAt: Millis;
      isIndependent: boolean;
      privacyMode: boolean;
      audit: AuditEntry[];
    }
  | { kind: "deregister"; organizationId: string; generation: number; audit: AuditEntry[] }
  | { kind: "presence"; view: PresenceView; audit: AuditEntry[] }
  | { kind: "message"; message: Message & { deliveredAt: Millis | null }; audit: AuditEntry[] }
  | { kind: "delivered"; messageIds: string[]; at: Millis }
  | { kind: "decision"; decision: MessageDecision; actor: string; audit: AuditEntry[] }
  | { kind: "usage"; report: UsageReport }
  | { kind: "credential"; tokens: AgentTokenEntry[]; audit: AuditEntry[] }
  | { kind: "audit"; audit: AuditEntry[] };

export interface PendingIntent {
  id: number;
  intent: Intent;
  attempts: number;
  dueAt: Millis;
}

/** What Postgres answers; `usage` only to a usage report, `totals` only to messages. */
export type DeliveryOutcome = RegistrationOutcome & { usage?: UsageOutcome; totals?: MessageTotals };

/** The registration without the right to set these names: somebody has set them after it. */
export function withoutNames(intent: Intent, names: Names): Intent {
  if (intent.kind !== "register") return intent;
  const { name, location } = intent.sets ?? { name: false, location: false };
  return {
    ...intent,
    sets: { name: name && names.name === undefined, location: location && names.location === undefined },
  };
}

/** Of the intents queued behind `first`, the messages that go to Postgres in the same statement. */
export function companionsOf(first: PendingIntent, rest: PendingIntent[]): PendingIntent[] {
  if (!isFreshMessage(first)) return [];
  const end = rest.findIndex((pending) => !isFreshMessage(pending));
  return end === -1 ? rest : rest.slice(0, end);
}

/** An intent that failed before is tried alone, so that it cannot hold others up again. */
function isFreshMessage({ intent, attempts }: PendingIntent): boolean {
  return intent.kind === "message" && attempts === 0;
}

/** Nothing behind it in the queue depends on it: when Postgres refuses its values, the others pass it. */
export function mayBePassed({ kind }: Intent): boolean {
  return kind === "message" || kind === "usage";
}

type Stamp = Pick<Clock, "now" | "newId">;

interface AuditedChange {
  before: JsonObject | null;
  after: JsonObject | null;
}

/** The audit row of a change to one orchestrator, made together with the change. */
export function auditOf(
  record: OrchestratorRecord,
  action: string,
  context: AuditContext,
  { now, newId }: Stamp,
  change: AuditedChange = { before: null, after: null },
): AuditEntry {
  const { orchestratorId: targetId, organizationId } = record;
  return { id: newId(), at: now, action, targetType: "orchestrator", targetId, organizationId, context, ...change };
}

/** A registration over REST. `sets`: which of name and location it changes, no matter who has set them before. */
export function registerIntent(
  record: OrchestratorRecord,
  fields: RegistrationFields,
  acceptedAt: Millis,
  sets: Owned,
  audit: AuditEntry,
): Intent {
  return { ...intentOf(record, acceptedAt), source: "rest", fields, sets, audit: [audit] };
}

const KNOWN_FIELDS = new Set(["name", "location", "metadata", "features", "session_config", "monitoring_enabled"]);

/**
 * What a registration changes, as far as the object can tell; null before: it is new. Of the other fields the audit row
 * names only which were given, because only Postgres has their values.
 */
export function registrationChange(
  known: OrchestratorRecord | null,
  record: OrchestratorRecord,
  fields: RegistrationFields,
): AuditedChange {
  const given = Object.keys(fields).filter((name) => !KNOWN_FIELDS.has(name));
  const also: JsonObject = given.length > 0 ? { fields_given: given.sort() } : {};
  if (!known) return { before: null, after: { ...auditedRecord(record), ...also } };
  const change = differenceOf(auditedRecord(known), auditedRecord(record));
  return { before: change?.before ?? {}, after: { ...change?.after, ...also } };
}

function auditedRecord({ profile, sessionConfig, monitoringEnabled }: OrchestratorRecord): JsonObject {
  return {
    ...auditedProfile(profile),
    session_config: sessionConfig,
    monitoring_enabled: monitoringEnabled,
  };
}

/** The frame in which an orchestrator reported something about itself; it names the action of the audit row. */
export type ReportCause = "handshake" | "update_metadata" | "heartbeat";

/** What an orchestrator reports about itself, with an audit row if that changes anything. */
export function reportIntent(
  record: OrchestratorRecord,
  cause: ReportCause,
  before: Profile | null,
  clock: Stamp,
): Intent {
  const intent = reassertIntent(record, clock.now);
  const context = { actor: `agent:${record.orchestratorId}`, ip: null, userAgent: null, requestId: "" };
  if (before === null) {
    const after = auditedProfile(record.profile);
    return { ...intent, audit: [auditOf(record, "orchestrator.register", context, clock, { before: null, after })] };
  }
  const change = reportedChange(before, record.profile);
  return { ...intent, audit: change ? [auditOf(record, `orchestrator.${cause}`, context, clock, change)] : [] };
}

/**
 * A report in the place of an earlier one that still waits for Postgres. Their changes by the same cause become one row, so
 * that an orchestrator that reports for hours while Postgres is away makes no more than one of each.
 */
export function withEarlierChanges(intent: Intent, earlier: Intent): Intent {
  if (intent.kind !== "register" || earlier.kind !== "register") return intent;
  const [own] = intent.audit;
  const audit = earlier.audit.flatMap((entry) => {
    if (!own || entry.action !== own.action) return [entry];
    const change = joinChanges(changeOf(entry), changeOf(own));
    return change ? [{ ...entry, ...change }] : [];
  });
  const isJoined = own !== undefined && earlier.audit.some(({ action }) => action === own.action);
  return { ...intent, audit: isJoined || !own ? audit : [...audit, own] };
}

function changeOf({ before, after }: AuditEntry): Change {
  return { before: before ?? {}, after: after ?? {} };
}

/** All that is known of an orchestrator, once more: Postgres has lost its row. */
export function reassertIntent(record: OrchestratorRecord, at: Millis): Extract<Intent, { kind: "register" }> {
  return { ...intentOf(record, at), source: "handshake", fields: profileFields(record.profile), audit: [] };
}

function intentOf(record: OrchestratorRecord, acceptedAt: Millis) {
  const { organizationId, generation, isIndependent, privacyMode, owned } = record;
  return { kind: "register", organizationId, generation, acceptedAt, isIndependent, privacyMode, owned } as const;
}
