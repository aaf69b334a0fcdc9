import { sql } from "drizzle-orm";
import type { JsonObject } from "../contract/json.ts";
import type { AuditContext } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
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

/**
 * Text that Postgres takes, of at most so many characters: it refuses U+0000 and half a character, and with one of its
 * rows a whole statement, which may be delivered again and again.
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
    // A frame has none.
    request_id: storable(requestId, 64) || null,
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
