import { sql } from "drizzle-orm";
import { z } from "zod";
import type { OrganizationConfig } from "../contract/config.ts";
import type { JsonObject } from "../contract/json.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import type { Database } from "./client.ts";
import { configRow } from "./config-write.ts";

export interface RegisterRow {
  orchestratorId: string;
  organizationId: string;
  generation: number;
  source: "rest" | "handshake";
  /** When the object accepted it; orders registrations within a generation. */
  acceptedAt: Millis;
  fields: RegistrationFields;
  /** Whether somebody has set name and location, and whether this call does. Absent: as stored. */
  owned?: { name: boolean; location: boolean };
  sets?: { name: boolean; location: boolean };
  isIndependent: boolean;
  privacyMode: boolean;
}

const outcome = z.object({
  outcome: z.enum(["applied", "tombstoned", "stale", "conflict"]),
  generation: z.number(),
  organization_id: z.string().optional(),
  epoch: z.number().optional(),
  seq: z.number().optional(),
  is_independent: z.boolean().optional(),
  privacy_mode: z.boolean().optional(),
  last_seen: z.number().nullish(),
  name: z.string().nullish(),
  location: z.string().nullish(),
  name_set: z.boolean().optional(),
  location_set: z.boolean().optional(),
});

/**
 * applied: stored. tombstoned or stale: Postgres has a newer `generation`, nothing was written.
 * conflict: the id belongs to `organization_id`, nothing was written.
 */
export type RegistrationOutcome = z.infer<typeof outcome> & { config?: OrganizationConfig | null };

const answer = z.array(z.object({ result: outcome, config: configRow.nullish() })).length(1);

function outcomeOf(rows: unknown): RegistrationOutcome {
  const [row] = answer.parse(rows);
  if (!row) throw new Error("the registration function answered nothing");
  return { ...row.result, config: row.config ?? null };
}

/**
 * A masked copy for viewers; the object holds the original values. The flags that a secret is set stay, because a
 * mask would otherwise count as the secret.
 */
function viewersCopy({ database_url, redis_url, environment_variables, ...shown }: RegistrationFields) {
  return {
    ...(redact({ ...shown } as JsonObject) as RegistrationFields),
    database_url,
    redis_url,
    environment_variables,
  };
}

/** Creates or updates an orchestrator and its organization in one statement. */
export async function storeRegistration(
  db: Database,
  row: RegisterRow,
  audit: AuditEntry[],
): Promise<RegistrationOutcome> {
  const payload = JSON.stringify({
    orchestrator_id: row.orchestratorId,
    organization_id: row.organizationId,
    generation: row.generation,
    source: row.source,
    accepted_at: row.acceptedAt,
    fields: viewersCopy(row.fields),
    // Not masked: this becomes the configuration of a new organization.
    told_features: row.fields.features,
    owned: row.owned,
    sets: row.sets,
    is_independent: row.isIndependent,
    privacy_mode: row.privacyMode,
  });
  const result = await db.execute(
    sql`SELECT register_orchestrator(${payload}::jsonb, ${auditRows(audit)}::jsonb) AS result,
      (SELECT jsonb_build_object('revision', config_revision, 'hash', config_hash, 'features', features,
         'settings', settings, 'policies', policies)
       FROM organizations WHERE organization_id = ${row.organizationId} AND config_revision > 0) AS config`,
  );
  return outcomeOf(result.rows);
}

/** Deletes an orchestrator, its messages and an organization left empty; leaves a tombstone. Idempotent. */
export async function storeDeregistration(
  db: Database,
  row: { orchestratorId: string; organizationId: string; generation: number },
  audit: AuditEntry[],
): Promise<RegistrationOutcome> {
  const payload = JSON.stringify({
    orchestrator_id: row.orchestratorId,
    organization_id: row.organizationId,
    generation: row.generation,
  });
  const result = await db.execute(
    sql`SELECT deregister_orchestrator(${payload}::jsonb, ${auditRows(audit)}::jsonb) AS result`,
  );
  return outcomeOf(result.rows);
}

/** The registration in Postgres of an orchestrator whose object has no record, or null. */
export async function findRegistration(db: Database, orchestratorId: string): Promise<RegistrationOutcome | null> {
  const result = await db.execute(
    sql`SELECT known_registration('applied', i) AS result FROM orchestrator_instances i WHERE i.orchestrator_id = ${orchestratorId}`,
  );
  const [row] = z
    .array(z.object({ result: outcome }))
    .max(1)
    .parse(result.rows);
  return row?.result ?? null;
}
