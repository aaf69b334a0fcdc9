import { and, count, eq, getTableColumns, inArray, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { OrchestratorQuery } from "../contract/rest/orchestrators.ts";
import { withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";
import { orchestratorInstances as instances } from "./schema.ts";
import { contains, folded } from "./text-match.ts";

/** Secrets are not stored, only whether they are set. */
const { databaseUrl, redisUrl, environmentVariables, ...plain } = getTableColumns(instances);
const selection = {
  ...plain,
  databaseUrlSet: sql<boolean>`${databaseUrl} is not null`,
  redisUrlSet: sql<boolean>`${redisUrl} is not null`,
  environmentVariableNames: sql<
    string[]
  >`coalesce((select jsonb_agg(name order by name) from jsonb_object_keys(${environmentVariables}) as name), '[]'::jsonb)`,
};

const order = new Keyset<Pick<typeof instances.$inferSelect, "createdAt" | "orchestratorId">>("orchestrators", [
  { column: instances.createdAt, type: "timestamptz", descending: true, of: (row) => row.createdAt },
  { column: instances.orchestratorId, type: "text", of: (row) => row.orchestratorId },
]);

export type InstanceRow = Awaited<ReturnType<typeof listInstances>>["rows"][number];

/** One page of the orchestrators the actor may see, newest first, in one call. */
export async function listInstances(env: Env, actor: Actor, query: OrchestratorQuery) {
  const { status, organization_id, q } = query;
  const { after, limit, offset } = order.window(query);
  const where = and(
    visible(actor),
    status && eq(instances.status, status),
    organization_id ? eq(instances.organizationId, organization_id) : undefined,
    q
      ? or(
          ...[instances.orchestratorId, instances.name, instances.organizationName].map((column) =>
            contains(folded(column), q),
          ),
        )
      : undefined,
  );
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select(selection)
        .from(instances)
        .where(and(where, after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(instances).where(where),
    ]);
    return { ...order.take(read, query), total: counted?.total ?? 0 };
  });
}

export async function findInstance(env: Env, actor: Actor, id: string): Promise<InstanceRow | null> {
  const where = and(eq(instances.orchestratorId, id), visible(actor));
  const rows = await withDatabase(env, (db) => db.select(selection).from(instances).where(where).limit(1));
  return rows[0] ?? null;
}

/** Which of these orchestrators Postgres holds as ones that the actor may see. */
export async function visibleIds(env: Env, actor: Actor, ids: string[]): Promise<string[]> {
  const where = and(inArray(instances.orchestratorId, ids), visible(actor));
  const rows = await withDatabase(env, (db) =>
    db.select({ id: instances.orchestratorId }).from(instances).where(where),
  );
  return rows.map(({ id }) => id);
}

function visible(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  const own = actor.kind === "agent" ? actor.orchestratorId : null;
  return and(
    ids === null ? undefined : inArray(instances.organizationId, ids),
    own === null ? undefined : eq(instances.orchestratorId, own),
  );
}
