import { and, asc, eq, gt, lt, sql } from "drizzle-orm";
import type { OrganizationConfig } from "../contract/config.ts";
import type { Database } from "./client.ts";
import { orchestratorInstances as instances, organizations } from "./schema.ts";

export interface ActiveRow {
  orchestratorId: string;
  organizationId: string;
}

/** Orchestrators that are active in Postgres, sorted by id, after `after`. */
export async function activeAfter(db: Database, after: string, limit: number): Promise<ActiveRow[]> {
  return await db
    .select({ orchestratorId: instances.orchestratorId, organizationId: instances.organizationId })
    .from(instances)
    .where(and(eq(instances.status, "active"), gt(instances.orchestratorId, after)))
    .orderBy(asc(instances.orchestratorId))
    .limit(limit);
}

/** Marks orchestrators inactive that no object answers for. */
export async function markAbsent(db: Database, ids: string[]): Promise<void> {
  await db.execute(sql`SELECT mark_absent(ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)))`);
}

/** Organizations with an orchestrator that lacks the newest configuration, with that configuration. */
export async function laggingOrganizations(
  db: Database,
  limit: number,
): Promise<{ organizationId: string; config: OrganizationConfig }[]> {
  const rows = await db
    .selectDistinctOn([organizations.organizationId], {
      organizationId: organizations.organizationId,
      revision: organizations.configRevision,
      hash: organizations.configHash,
      features: organizations.features,
      settings: organizations.settings,
      policies: organizations.policies,
    })
    .from(organizations)
    .innerJoin(instances, eq(instances.organizationId, organizations.organizationId))
    .where(lt(instances.configRevision, organizations.configRevision))
    .orderBy(asc(organizations.organizationId))
    .limit(limit);
  return rows.map(({ organizationId, ...config }) => ({ organizationId, config }));
}
