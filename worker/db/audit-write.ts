import { sql } from "drizzle-orm";
import type { AuditContext } from "../contract/actor.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Millis } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
import type { Database } from "./client.ts";

/** One row of `activity_logs`. Its id is made with the change, so a repeated delivery stores it once. */
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

/**
 * Cuts a text and makes it storable. Postgres refuses U+0000 and half a character, and with one such row it refuses
 * the whole statement, which the outbox would then repeat for ever.
 */
function storable(text: string, maxChars: number): string {
  return text.replaceAll("\u0000", "\ufffd").slice(0, maxChars).toWellFormed();
}

function toAuditRow(entry: AuditEntry) {
  const { actor, ip, userAgent, requestId } = entry.context;
  return {
    id: entry.id,
    at: entry.at,
    actor: storable(actor, 255),
    action: entry.action,
    target_type: entry.targetType,
    target_id: storable(redact(entry.targetId), 255),
    organization_id: entry.organizationId,
    before: entry.before && redact(entry.before),
    after: entry.after && redact(entry.after),
    ip: ip && storable(ip, 64),
    user_agent: userAgent && storable(userAgent, 512),
    // A change by a frame has no request.
    request_id: storable(requestId, 64) || null,
  };
}

/** The redacted rows, as JSON text, that the SQL function `store_audit` takes. */
export function auditRows(entries: AuditEntry[]): string {
  return JSON.stringify(entries.map(toAuditRow));
}

/** Stores audit rows that belong to no other statement. Each is stored once, however often it is delivered. */
export async function storeAudit(db: Database, entries: AuditEntry[]): Promise<void> {
  await db.execute(sql`SELECT store_audit(${auditRows(entries)}::jsonb)`);
}
