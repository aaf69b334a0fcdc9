import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import type { JsonObject } from "../contract/json.ts";
import type { OrganizationChange } from "../contract/rest/organizations.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import { withDatabase } from "./client.ts";
import { visibleOrganizations } from "./organization-filters.ts";
import { orchestratorInstances as instances, organizations } from "./schema.ts";

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

/** Changes an organization, the copies of its name and the audit in one statement. The caller has made sure that it may. */
export async function updateOrganization(
  env: Env,
  organizationId: string,
  { name, location, metadata }: OrganizationChange,
  audit: AuditEntry,
): Promise<void> {
  const json = metadata === undefined ? null : JSON.stringify(metadata);
  await withDatabase(env, (db) =>
    db.execute(sql`WITH changed AS (
        UPDATE organizations
        SET name = coalesce(${name ?? null}, name), metadata = coalesce(${json}::jsonb, metadata), updated_at = now(),
            location = CASE WHEN ${location !== undefined}::boolean THEN ${location ?? null} ELSE location END
        WHERE organization_id = ${organizationId}
        RETURNING organization_id, name),
      renamed AS (
        UPDATE orchestrator_instances i SET organization_name = changed.name FROM changed
        WHERE i.organization_id = changed.organization_id AND i.organization_name IS DISTINCT FROM changed.name)
      SELECT store_audit(${auditRows([audit])}::jsonb) FROM changed`),
  );
}

/** What belongs to an organization, in one call. Null: unknown or not visible. */
export async function readBelongings(env: Env, actor: Actor, organizationId: string) {
  return await withDatabase(env, async (db) => {
    const [[found], members] = await db.batch([
      db
        .select({
          name: organizations.name,
          messages: sql<number>`(SELECT count(*)::int ${OF_MESSAGES})`,
          pending: sql<number>`(SELECT count(*)::int ${OF_MESSAGES} AND m.status = 'pending')`,
          revisions: sql<number>`(SELECT count(*)::int FROM config_revisions r WHERE r.organization_id = organizations.organization_id)`,
        })
        .from(organizations)
        .where(and(eq(organizations.organizationId, organizationId), visibleOrganizations(actor))),
      db
        .select({ orchestratorId: instances.orchestratorId, organizationId: instances.organizationId })
        .from(instances)
        .where(eq(instances.organizationId, organizationId))
        .orderBy(instances.orchestratorId),
    ]);
    return found ? { ...found, members } : null;
  });
}

// Spelled out: drizzle leaves the table out of the columns of a plain select, and these are of several tables.
const OF_MESSAGES =
  sql.raw(`FROM orchestrator_messages m JOIN orchestrator_instances i ON i.orchestrator_id = m.orchestrator_id
  WHERE i.organization_id = organizations.organization_id`);

/** Deletes an organization that has no orchestrator, if it is still there, and stores the audit. False: it has some. */
export async function deleteOrganization(env: Env, organizationId: string, audit: AuditEntry): Promise<boolean> {
  const result = await withDatabase(env, (db) =>
    db.execute(sql`WITH left_over AS (SELECT FROM orchestrator_instances WHERE organization_id = ${organizationId} LIMIT 1),
      gone AS (
        DELETE FROM organizations WHERE organization_id = ${organizationId} AND NOT EXISTS (SELECT FROM left_over))
      SELECT store_audit(${auditRows([audit])}::jsonb) WHERE NOT EXISTS (SELECT FROM left_over)`),
  );
  return result.rows.length > 0;
}
