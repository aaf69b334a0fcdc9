import { and, desc, eq, getTableColumns, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { CredentialView } from "../contract/credentials.ts";
import type { MakerFacts } from "../contract/makers.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { type Database, withDatabase } from "./client.ts";
import { hasGoodMaker, makerOf } from "./makers.ts";
import { agentTokens, orchestratorInstances as instances } from "./schema.ts";

/** What Postgres keeps of an agent token: enough to list it, nothing to use it. */
export type AgentTokenEntry = Omit<CredentialView, "valid" | "connected">;

/** Stores the tokens of an orchestrator, as its object holds them, with their audit rows in one statement. */
export async function storeAgentTokens(
  db: Database,
  orchestratorId: string,
  tokens: AgentTokenEntry[],
  audit: AuditEntry[],
): Promise<void> {
  await db.execute(sql`WITH stored AS (
      INSERT INTO agent_tokens (orchestrator_id, key_id, generation, label, created_by, created_at, expires_at, revoked_at)
      SELECT i.orchestrator_id, t."keyId", i.generation, t.label, left(t."createdBy", 255),
        to_timestamp(t."createdAt" / 1000.0), to_timestamp(t."expiresAt" / 1000.0), to_timestamp(t."revokedAt" / 1000.0)
      FROM jsonb_to_recordset(${JSON.stringify(tokens)}::jsonb) AS t(
        "keyId" text, label text, "createdBy" text, "createdAt" bigint, "expiresAt" bigint, "revokedAt" bigint)
      JOIN orchestrator_instances i ON i.orchestrator_id = ${orchestratorId}
      ON CONFLICT (orchestrator_id, key_id) DO UPDATE
        SET expires_at = EXCLUDED.expires_at, revoked_at = EXCLUDED.revoked_at)
    SELECT store_audit(${auditRows(audit)}::jsonb)`);
}

/** Every token of an orchestrator, newest first. Null: unknown or not visible. */
export async function listAgentTokens(env: Env, actor: Actor, orchestratorId: string) {
  return await withDatabase(env, async (db) => {
    const [[instance], rows] = await db.batch([
      db
        .select({ organizationId: instances.organizationId })
        .from(instances)
        .where(eq(instances.orchestratorId, orchestratorId)),
      db
        .select({ ...getTableColumns(agentTokens), maker: makerOf(sql`agent_tokens.created_by`) })
        .from(agentTokens)
        .where(and(eq(agentTokens.orchestratorId, orchestratorId)))
        .orderBy(desc(agentTokens.createdAt), agentTokens.keyId),
    ]);
    const bound = organizationsOf(actor);
    if (!instance || (bound !== null && !bound.includes(instance.organizationId))) return null;
    return rows.map((row) => ({ ...row, hasMakerEnded: hasMakerEnded(env, instance.organizationId, row) }));
  });
}

/** Whether the maker could not grant access to this organization any more. Orchestrators make their own successors. */
function hasMakerEnded(env: Env, organizationId: string, row: { createdBy: string; maker: MakerFacts }): boolean {
  return !row.createdBy.startsWith("agent:") && !hasGoodMaker(env, { kind: "join_token", organizationId }, row.maker);
}
