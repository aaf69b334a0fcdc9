import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { OrganizationConfig } from "../contract/config.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import { MAX_BODY_BYTES, MAX_CONFIG_BYTES, MAX_JSON_KEYS_PER_OBJECT } from "../contract/values/limits.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import type { Database } from "./client.ts";

/** Without the limits of a new one: a configuration that was stored under other limits must stay readable. */
const stored = z.record(z.string(), z.unknown() as z.ZodType<JsonValue>);

/** A configuration as the SQL functions return it. */
export const configRow = z.object({
  revision: z.number(),
  hash: z.string(),
  features: stored,
  settings: stored,
  policies: stored,
});

export interface PublishRequest {
  organizationId: string;
  /** Whether the given parts are merged per top-level key, or replace the stored ones. */
  merge: boolean;
  /** The revision that must be the stored one, or null for any. */
  expected: number | null;
  features?: JsonObject;
  settings?: JsonObject;
  policies?: JsonObject;
  actor: string;
  /** Organizations the caller may see, or null for all. */
  organizations: string[] | null;
}

const PARTS = ["features", "settings", "policies"] as const;

/** The previous values of the keys that change in this part. */
function previous(part: (typeof PARTS)[number]) {
  const name = sql.raw(`'${part}'`);
  return sql`CASE WHEN r.p->${name} IS NULL THEN '{}' ELSE jsonb_build_object(${name}, (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(o.${sql.raw(part)})
    WHERE value IS DISTINCT FROM r.p->${name}->key AND (NOT (r.p->'merge')::boolean OR r.p->${name} ? key))) END`;
}

/** The new values of these keys. */
function changed(part: (typeof PARTS)[number]) {
  const name = sql.raw(`'${part}'`);
  return sql`CASE WHEN r.p->${name} IS NULL THEN '{}' ELSE jsonb_build_object(${name}, (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(r.p->${name})
    WHERE value IS DISTINCT FROM o.${sql.raw(part)}->key)) END`;
}

const answer = z
  .array(
    z.object({
      result: z.discriminatedUnion("outcome", [
        configRow.extend({ outcome: z.literal(["applied", "unchanged", "conflict"]) }),
        z.object({ outcome: z.literal("missing") }),
        z.object({ outcome: z.literal("too_large"), bytes: z.int().optional() }),
      ]),
    }),
  )
  .max(1);

/** The merged features may be as large as one request may be. */
const IS_TOO_LARGE = sql`(r.p->'merge')::boolean AND (
  SELECT octet_length(merged::text) > ${MAX_BODY_BYTES}::int
    OR (SELECT count(*) FROM jsonb_object_keys(merged)) > ${MAX_JSON_KEYS_PER_OBJECT}::int
  FROM (SELECT o.features || coalesce(r.p->'features', '{}') AS merged) m)`;

/** The part as it would be stored. */
function next(part: (typeof PARTS)[number]) {
  const [name, column] = [sql.raw(`'${part}'`), sql.raw(`o.${part}`)];
  return sql`CASE WHEN r.p->${name} IS NULL THEN ${column} WHEN (r.p->'merge')::boolean THEN ${column} || (r.p->${name}) ELSE r.p->${name} END`;
}

/** The size as sent: `provisioning` contains the features, and `provision_config` all three parts. */
export function toldBytes({ features, settings, policies }: Record<(typeof PARTS)[number], SQL>): SQL {
  return sql`(2 * octet_length((${features})::text) + octet_length((${settings})::text) + octet_length((${policies})::text))`;
}

const TOLD_BYTES = toldBytes({ features: next("features"), settings: next("settings"), policies: next("policies") });

/** conflict: another revision is stored, returned as `config`. missing: unknown or not visible. */
export interface PublishOutcome {
  outcome: "applied" | "unchanged" | "conflict" | "missing" | "too_large";
  config: OrganizationConfig | null;
  /** The size as sent, if that is what is too large. */
  bytes?: number | undefined;
}

/**
 * Stores the next revision of an organization's configuration in one statement, which also fills `before` and `after`
 * of the audit row with the keys that change. The row lock makes it exact. No returned row means that there is no
 * such organization.
 */
export async function storeConfig(db: Database, request: PublishRequest, audit: AuditEntry): Promise<PublishOutcome> {
  return publishOutcome(await db.execute(publishStatement(request, audit)));
}

/** `only` is a condition on the organization `o`. {@link publishOutcome} reads the returned row. */
export function publishStatement(request: PublishRequest, audit: AuditEntry, only: SQL = sql`true`): SQL {
  const { organizationId, ...rest } = request;
  const payload = JSON.stringify({ ...rest, organization_id: organizationId });
  return sql`
    WITH request AS (SELECT ${payload}::jsonb AS p, ${auditRows([audit])}::jsonb AS audit),
    known AS MATERIALIZED (
      SELECT o.* FROM organizations o, request r WHERE o.organization_id = ${organizationId} AND ${only}
        AND (jsonb_typeof(r.p->'organizations') IS DISTINCT FROM 'array' OR r.p->'organizations' ? o.organization_id)
      FOR UPDATE OF o
    )
    SELECT CASE WHEN ${IS_TOO_LARGE} THEN jsonb_build_object('outcome', 'too_large')
      WHEN ${TOLD_BYTES} > ${MAX_CONFIG_BYTES}::int THEN jsonb_build_object('outcome', 'too_large', 'bytes', ${TOLD_BYTES})
      ELSE publish_config(r.p, jsonb_set(jsonb_set(r.audit, '{0,before}',
        jsonb_build_object('revision', o.config_revision) || ${sql.join(PARTS.map(previous), sql` || `)}), '{0,after}',
        jsonb_build_object('revision', o.config_revision + 1) || ${sql.join(PARTS.map(changed), sql` || `)})) END AS result
    FROM request r, known o`;
}

export function publishOutcome({ rows }: { rows: unknown[] }): PublishOutcome {
  const [row] = answer.parse(rows);
  if (!row) return { outcome: "missing", config: null };
  if (!("revision" in row.result)) return { config: null, ...row.result };
  const { outcome, ...config } = row.result;
  return { outcome, config };
}
