import { and, count, eq, inArray } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import { withDatabase } from "./client.ts";
import { configRevisions, orchestratorInstances as instances, organizations } from "./schema.ts";

const MAX_INSTANCES = 1_000;

const instanceColumns = {
  orchestratorId: instances.orchestratorId,
  organizationId: instances.organizationId,
  status: instances.status,
  configRevision: instances.configRevision,
  configState: instances.configState,
  configError: instances.configError,
  configSince: instances.configSince,
  configRunning: instances.configRunning,
  generation: instances.generation,
  presenceEpoch: instances.presenceEpoch,
  presenceSeq: instances.presenceSeq,
};

export type InstanceConfigRow = NonNullable<Awaited<ReturnType<typeof readConfig>>>["instances"][number];

/** The configuration of an organization and of its orchestrators, in one call. Null: unknown or not visible. */
export async function readConfig(env: Env, actor: Actor, organizationId: string) {
  const ids = organizationsOf(actor);
  const visible = ids === null ? undefined : inArray(organizations.organizationId, ids);
  return await withDatabase(env, async (db) => {
    const [[found], rows, [counted]] = await db.batch([
      db
        .select({
          features: organizations.features,
          settings: organizations.settings,
          policies: organizations.policies,
          revision: organizations.configRevision,
          hash: organizations.configHash,
          publishedAt: configRevisions.createdAt,
          publishedBy: configRevisions.actor,
        })
        .from(organizations)
        .leftJoin(
          configRevisions,
          and(
            eq(configRevisions.organizationId, organizations.organizationId),
            eq(configRevisions.revision, organizations.configRevision),
          ),
        )
        .where(and(eq(organizations.organizationId, organizationId), visible)),
      db
        .select(instanceColumns)
        .from(instances)
        .where(eq(instances.organizationId, organizationId))
        .orderBy(instances.orchestratorId)
        .limit(MAX_INSTANCES),
      db.select({ total: count() }).from(instances).where(eq(instances.organizationId, organizationId)),
    ]);
    return found ? { config: found, instances: rows, totalInstances: counted?.total ?? 0 } : null;
  });
}
