import { sql } from "drizzle-orm";
import type { JsonObject } from "../contract/json.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import { withDatabase } from "./client.ts";

interface NewOrganization {
  organizationId: string;
  name: string;
  location: string | null;
  metadata: JsonObject;
}

/** Creates an organization and its audit row in one statement. False: the id is taken. */
export async function createOrganization(env: Env, row: NewOrganization, audit: AuditEntry): Promise<boolean> {
  const { organizationId, name, location, metadata } = row;
  const result = await withDatabase(env, (db) =>
    db.execute(sql`WITH made AS (
        INSERT INTO organizations (organization_id, name, location, metadata, is_active)
        VALUES (${organizationId}, ${name}, ${location}, ${JSON.stringify(metadata)}::jsonb, true)
        ON CONFLICT (organization_id) DO NOTHING
        RETURNING organization_id)
      SELECT organization_id, store_audit(${auditRows([audit])}::jsonb) FROM made`),
  );
  return result.rows.length > 0;
}
