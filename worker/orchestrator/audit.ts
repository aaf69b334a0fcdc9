import type { JsonObject } from "../contract/json.ts";
import type { AuditContext, RegistrationFields } from "../contract/orchestrator.ts";
import type { Millis, PresenceView, Profile } from "../contract/presence.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import { type Change, differenceOf, joinChanges } from "../platform/json-difference.ts";
import type { Intent } from "./intents.ts";
import { auditedProfile, type Owned, profileFields, reportedChange } from "./profile.ts";
import type { OrchestratorRecord } from "./state.ts";

/** The audit row of a change to one orchestrator, made together with the change. */
export function auditOf(
  record: OrchestratorRecord,
  action: string,
  context: AuditContext,
  at: Millis,
  change: { before: JsonObject | null; after: JsonObject | null } = { before: null, after: null },
): AuditEntry {
  return {
    id: crypto.randomUUID(),
    at,
    action,
    targetType: "orchestrator",
    targetId: record.orchestratorId,
    organizationId: record.organizationId,
    context,
    ...change,
  };
}

/** A registration over REST. `sets` says which of name and location it changes, whoever has set them before. */
export function registerIntent(
  record: OrchestratorRecord,
  fields: RegistrationFields,
  acceptedAt: Millis,
  sets: Owned,
  audit: AuditEntry,
): Intent {
  return { ...intentOf(record, acceptedAt), source: "rest", fields, sets, audit: [audit] };
}

/**
 * What a registration changes, of what the object knows; null before: it is new. Of the other fields, only that they were
 * given: what stood there before is known to Postgres alone.
 */
export function registrationChange(
  known: OrchestratorRecord | null,
  record: OrchestratorRecord,
  fields: RegistrationFields,
): { before: JsonObject | null; after: JsonObject | null } {
  const given = Object.keys(fields).filter((name) => !KNOWN_FIELDS.has(name));
  const also: JsonObject = given.length > 0 ? { fields_given: given.sort() } : {};
  if (!known) return { before: null, after: { ...auditedRecord(record), ...also } };
  const change = differenceOf(auditedRecord(known), auditedRecord(record));
  return { before: change?.before ?? {}, after: { ...change?.after, ...also } };
}

const KNOWN_FIELDS = new Set(["name", "location", "metadata", "features", "session_config", "monitoring_enabled"]);

function auditedRecord({ profile, sessionConfig, monitoringEnabled }: OrchestratorRecord): JsonObject {
  return {
    ...auditedProfile(profile),
    session_config: sessionConfig,
    monitoring_enabled: monitoringEnabled,
  };
}

/** By what an orchestrator spoke of itself; the action of the audit row. */
export type ReportCause = "handshake" | "update_metadata" | "heartbeat";

/** What an orchestrator said of itself, with an audit row if that changes anything. */
export function reportIntent(
  record: OrchestratorRecord,
  cause: ReportCause,
  before: Profile | null,
  at: Millis,
): Intent {
  const intent = { ...intentOf(record, at), source: "handshake", fields: profileFields(record.profile) } as const;
  const context = { actor: `agent:${record.orchestratorId}`, ip: null, userAgent: null, requestId: "" };
  if (before === null) {
    const after = auditedProfile(record.profile);
    return { ...intent, audit: [auditOf(record, "orchestrator.register", context, at, { before: null, after })] };
  }
  const change = reportedChange(before, record.profile);
  return { ...intent, audit: change ? [auditOf(record, `orchestrator.${cause}`, context, at, change)] : [] };
}

/**
 * A report in the place of one that Postgres has not heard of yet: their changes by the same cause become one row, so that
 * an orchestrator that speaks for hours while Postgres is away makes no more than one of each.
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

/** What is known of an orchestrator, once more: Postgres has lost its row. */
export function reassertIntent(record: OrchestratorRecord, at: Millis): Intent {
  return { ...intentOf(record, at), source: "handshake", fields: profileFields(record.profile), audit: [] };
}

function intentOf(record: OrchestratorRecord, acceptedAt: Millis) {
  const { organizationId, generation, isIndependent, privacyMode, owned } = record;
  return { kind: "register", organizationId, generation, acceptedAt, isIndependent, privacyMode, owned } as const;
}

export function deregisterIntent(record: OrchestratorRecord, audit: AuditEntry[]): Intent {
  return { kind: "deregister", organizationId: record.organizationId, generation: record.generation, audit };
}

export function presenceIntent(view: PresenceView, audit: AuditEntry[]): Intent {
  return { kind: "presence", view, audit };
}
