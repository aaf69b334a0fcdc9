import { sql } from "drizzle-orm";
import { z } from "zod";
import type { OrganizationConfig } from "../contract/config.ts";
import { type JsonObject, jsonObject } from "../contract/json.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import type { Database } from "./client.ts";

/** A configuration as the SQL functions give it. */
export const configRow = z.object({
  revision: z.number(),
  hash: z.string(),
  features: jsonObject,
  settings: jsonObject,
  policies: jsonObject,
});

interface PublishRequest {
  organizationId: string;
  /** Merge what is given per top-level key, or replace it. */
  merge: boolean;
  /** The revision that must be stored, or null for any. */
  expected: number | null;
  features?: JsonObject;
  settings?: JsonObject;
  policies?: JsonObject;
  actor: string;
  /** Organizations the caller may see, or null for all. */
  organizations: string[] | null;
}

/** Of one part that is published, what was stored under the keys that change. */
function previous(part: "features" | "settings" | "policies") {
  const name = sql.raw(`'${part}'`);
  return sql`CASE WHEN r.p->${name} IS NULL THEN '{}' ELSE jsonb_build_object(${name}, (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(o.${sql.raw(part)})
    WHERE value IS DISTINCT FROM r.p->${name}->key AND (NOT (r.p->'merge')::boolean OR r.p->${name} ? key))) END`;
}

const answer = z
  .array(
    z.object({
      result: z.discriminatedUnion("outcome", [
        configRow.extend({ outcome: z.literal(["applied", "unchanged", "conflict"]) }),
        z.object({ outcome: z.literal("missing") }),
      ]),
    }),
  )
  .max(1);

/** conflict: another revision is stored, given as `config`. missing: unknown or not visible. */
export interface PublishOutcome {
  outcome: "applied" | "unchanged" | "conflict" | "missing";
  config: OrganizationConfig | null;
}

/**
 * Stores the next revision of an organization's configuration in one statement. That fills `before` of the audit row:
 * what was stored of the keys that change. The row lock makes it exact; no row means that there is no such organization.
 */
export async function storeConfig(db: Database, request: PublishRequest, audit: AuditEntry): Promise<PublishOutcome> {
  const { organizationId, ...rest } = request;
  const payload = JSON.stringify({ ...rest, organization_id: organizationId });
  const rows = await db.execute(sql`
    WITH request AS (SELECT ${payload}::jsonb AS p, ${auditRows([audit])}::jsonb AS audit),
    known AS MATERIALIZED (
      SELECT o.* FROM organizations o WHERE o.organization_id = ${organizationId} FOR UPDATE
    )
    SELECT publish_config(r.p, jsonb_set(r.audit, '{0,before}',
      jsonb_build_object('revision', o.config_revision, 'hash', o.config_hash)
        || ${previous("features")} || ${previous("settings")} || ${previous("policies")})) AS result
    FROM request r, known o`);
  const [row] = answer.parse(rows.rows);
  if (!row || row.result.outcome === "missing") return { outcome: "missing", config: null };
  const { outcome, ...config } = row.result;
  return { outcome, config };
}
