import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "../contract/actor.ts";
import type { JsonObject } from "../contract/json.ts";
import { MAX_CONFIG_BYTES } from "../contract/values/limits.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { withDatabase } from "./client.ts";
import {
  type PublishOutcome,
  type PublishRequest,
  publishOutcome,
  publishStatement,
  toldBytes,
} from "./config-write.ts";
import type { PlannedChange } from "./organization-change.ts";
import { visibleOrganizations } from "./organization-filters.ts";
import { orchestratorInstances as instances, organizations } from "./schema.ts";

interface NewOrganization {
  organizationId: string;
  /** null: no name is set, and the id is shown instead. */
  name: string | null;
  location: string | null;
  metadata: JsonObject;
}

interface FirstConfig {
  request: PublishRequest;
  audit: AuditEntry;
}

const creation = z.tuple([z.object({ bytes: z.int(), made: z.boolean() })]);

/**
 * Creates an organization, with its first configuration if there is one, and their audit rows, in one transaction.
 * "taken": an organization with this id exists.
 */
export async function createOrganization(
  env: Env,
  { organizationId, name, location, metadata }: NewOrganization,
  audit: AuditEntry,
  first: FirstConfig | null,
): Promise<PublishOutcome | "created" | "taken"> {
  const part = (value: JsonObject = {}) => sql`${JSON.stringify(value)}::jsonb`;
  const { features, settings, policies } = first?.request ?? {};
  const bytes = toldBytes({ features: part(features), settings: part(settings), policies: part(policies) });
  const insert = sql`WITH told AS (SELECT ${bytes} AS bytes),
      made AS (
        INSERT INTO organizations (organization_id, name, location, name_set, location_set, metadata, set_metadata, is_active)
        SELECT ${organizationId}, ${name ?? organizationId}, ${location}, ${name !== null}::boolean,
          ${location !== null}::boolean, ${part(metadata)}, ${part(metadata)}, true
        FROM told WHERE bytes <= ${MAX_CONFIG_BYTES}::int
        ON CONFLICT (organization_id) DO NOTHING
        RETURNING store_audit(${auditRows([audit])}::jsonb))
      SELECT bytes, EXISTS (SELECT FROM made) AS made FROM told`;
  return await withDatabase(env, async (db) => {
    const wasMade = sql`EXISTS (SELECT FROM activity_logs WHERE id = ${audit.id})`;
    const [inserted, published] = first
      ? await db.batch([db.execute(insert), db.execute(publishStatement(first.request, first.audit, wasMade))])
      : [await db.execute(insert), null];
    const [{ bytes, made }] = creation.parse(inserted.rows);
    if (bytes > MAX_CONFIG_BYTES) return { outcome: "too_large", config: null, bytes };
    if (!made) return "taken";
    return published ? publishOutcome(published) : "created";
  });
}

/** Names the orchestrator after its organization, if it is the only one and has the same id. */
const shares = sql<boolean>`EXISTS (SELECT FROM orchestrator_instances i WHERE i.organization_id = organizations.organization_id
  AND i.orchestrator_id = organizations.organization_id) AND NOT EXISTS (SELECT FROM orchestrator_instances i
  WHERE i.organization_id = organizations.organization_id AND i.orchestrator_id <> organizations.organization_id)`;

/** The fields of an organization that people may change. Null: unknown or not visible. */
export async function findEditable(env: Env, actor: Actor, organizationId: string) {
  const { name, location, nameSet, locationSet, metadata, setMetadata, editVersion } = organizations;
  const [row] = await withDatabase(env, (db) =>
    db
      .select({ name, location, nameSet, locationSet, metadata, setMetadata, editVersion, shares })
      .from(organizations)
      .where(and(eq(organizations.organizationId, organizationId), visibleOrganizations(actor))),
  );
  return row ?? null;
}

/**
 * Changes an organization, the names of its orchestrators that follow from it, and the audit, in one statement.
 * False: the organization is not at this version any more. The caller has checked the permission.
 */
export async function updateOrganization(
  env: Env,
  organizationId: string,
  version: number,
  { next, metadata }: PlannedChange,
  audit: AuditEntry,
): Promise<boolean> {
  const set = JSON.stringify(metadata.set);
  const removed = JSON.stringify(metadata.removed);
  const merged = (column: string) =>
    sql`(${sql.raw(column)} - ARRAY(SELECT jsonb_array_elements_text(${removed}::jsonb))) || ${set}::jsonb`;
  const result = await withDatabase(env, (db) =>
    db.execute(sql`WITH changed AS (
        UPDATE organizations
        SET name = ${next.name}, location = ${next.location}, name_set = ${next.nameSet}::boolean,
            location_set = ${next.locationSet}::boolean, metadata = ${merged("metadata")},
            set_metadata = ${merged("set_metadata")}, edit_version = edit_version + 1, updated_at = now()
        WHERE organization_id = ${organizationId} AND edit_version = ${version}
        RETURNING *),
      sharing AS (SELECT changed.organization_id FROM changed JOIN orchestrator_instances i USING (organization_id)
        GROUP BY 1 HAVING count(*) = 1 AND min(i.orchestrator_id) = changed.organization_id),
      renamed AS (
        UPDATE orchestrator_instances i SET organization_name = changed.name,
          name = CASE WHEN s.organization_id IS NOT NULL AND changed.name_set THEN changed.name ELSE i.name END,
          name_set = i.name_set OR (s.organization_id IS NOT NULL AND changed.name_set),
          location = CASE WHEN s.organization_id IS NOT NULL AND changed.location_set THEN changed.location ELSE i.location END,
          location_set = i.location_set OR (s.organization_id IS NOT NULL AND changed.location_set)
        FROM changed LEFT JOIN sharing s USING (organization_id)
        WHERE i.organization_id = changed.organization_id
          AND (s.organization_id IS NOT NULL OR i.organization_name IS DISTINCT FROM changed.name))
      SELECT store_audit(${auditRows([audit])}::jsonb) FROM changed`),
  );
  return result.rows.length > 0;
}

/** Counts what belongs to an organization, in one call. Null: unknown or not visible. */
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

// Spelled out, because drizzle omits the table from the columns of a plain select, and these belong to several tables.
const OF_MESSAGES =
  sql.raw(`FROM orchestrator_messages m JOIN orchestrator_instances i ON i.orchestrator_id = m.orchestrator_id
  WHERE i.organization_id = organizations.organization_id`);

/** Deletes an organization without orchestrators, if it exists, and stores the audit row. False: it has some. */
export async function deleteOrganization(env: Env, organizationId: string, audit: AuditEntry): Promise<boolean> {
  const result = await withDatabase(env, (db) =>
    db.execute(sql`WITH left_over AS (SELECT FROM orchestrator_instances WHERE organization_id = ${organizationId} LIMIT 1),
      gone AS (
        DELETE FROM organizations WHERE organization_id = ${organizationId} AND NOT EXISTS (SELECT FROM left_over))
      SELECT store_audit(${auditRows([audit])}::jsonb) WHERE NOT EXISTS (SELECT FROM left_over)`),
  );
  return result.rows.length > 0;
}
