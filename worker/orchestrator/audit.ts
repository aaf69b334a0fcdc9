import type { JsonObject } from "../contract/json.ts";
import type { AuditContext, RegistrationFields } from "../contract/orchestrator.ts";
import type { Millis, PresenceView } from "../contract/presence.ts";
import type { AuditEntry } from "../db/audit.ts";
import type { Intent } from "./intents.ts";
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

export function registerIntent(
  record: OrchestratorRecord,
  source: "rest" | "handshake",
  fields: RegistrationFields,
  acceptedAt: Millis,
  audit: AuditEntry[] = [],
): Intent {
  const { organizationId, generation, isIndependent, privacyMode } = record;
  return {
    kind: "register",
    source,
    organizationId,
    generation,
    fields,
    acceptedAt,
    isIndependent,
    privacyMode,
    audit,
  };
}

export function deregisterIntent(record: OrchestratorRecord, audit: AuditEntry[]): Intent {
  return { kind: "deregister", organizationId: record.organizationId, generation: record.generation, audit };
}

export function presenceIntent(view: PresenceView, audit: AuditEntry[]): Intent {
  return { kind: "presence", view, audit };
}
