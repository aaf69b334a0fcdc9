import { sql } from "drizzle-orm";
import type { JsonObject } from "../contract/json.ts";
import type { AuditContext } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { redact } from "../redact.ts";
import type { Database } from "./client.ts";

/** One row of `activity_logs`. Its id is made with the change, so that a repeated delivery stores it once. */
export interface AuditEntry {
  id: string;
  at: Millis;
  action: string;
  targetType: "orchestrator" | "organization" | "user" | "route" | "api_token";
  targetId: string;
  organizationId: string | null;
  before: JsonObject | null;
  after: JsonObject | null;
  context: AuditContext;
}

function toAuditRow(entry: AuditEntry) {
  return {
    id: entry.id,
    at: entry.at,
    actor: entry.context.actor,
    action: entry.action,
    target_type: entry.targetType,
    target_id: redact(entry.targetId),
    organization_id: entry.organizationId,
    before: entry.before && redact(entry.before),
    after: entry.after && redact(entry.after),
    ip: entry.context.ip,
    user_agent: entry.context.userAgent,
    request_id: entry.context.requestId,
  };
}

/** The redacted rows, as JSON text, that the SQL function `store_audit` takes. */
export function auditRows(entries: AuditEntry[]): string {
  return JSON.stringify(entries.map(toAuditRow));
}

/** Stores audit rows that belong to no other statement; each once, however often it is delivered. */
export async function storeAudit(db: Database, entries: AuditEntry[]): Promise<void> {
  await db.execute(sql`SELECT store_audit(${auditRows(entries)}::jsonb)`);
}
