import { sql } from "drizzle-orm";
import { z } from "zod";
import type { OrganizationConfig } from "../contract/config.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import type { Database } from "./client.ts";
import { configRow } from "./config.ts";

export interface RegisterRow {
  orchestratorId: string;
  organizationId: string;
  generation: number;
  source: "rest" | "handshake";
  fields: RegistrationFields;
  isIndependent: boolean;
  privacyMode: boolean;
}

const outcome = z.object({
  outcome: z.enum(["applied", "tombstoned", "stale", "conflict"]),
  generation: z.number(),
  organization_id: z.string().optional(),
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
    fields: row.fields,
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
