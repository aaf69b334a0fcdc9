import { and, count, eq, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { OrganizationQuery } from "../contract/rest/organizations.ts";
import { withDatabase } from "./client.ts";
import { containing } from "./like.ts";
import { organizations } from "./schema.ts";

export type OrganizationRow = typeof organizations.$inferSelect;

/** One page of the organizations the actor may see, newest first, in one call. */
export async function listOrganizations(
  env: Env,
  actor: Actor,
  { page, page_size, status, q }: OrganizationQuery,
): Promise<{ rows: OrganizationRow[]; total: number }> {
  const where = and(
    visible(actor),
    status && eq(organizations.status, status),
    q ? or(ilike(organizations.organizationId, containing(q)), ilike(organizations.name, containing(q))) : undefined,
  );
  return await withDatabase(env, async (db) => {
    const [rows, [counted]] = await db.batch([
      db
        .select()
        .from(organizations)
        .where(where)
        // As the index is sorted, or Postgres would not use it.
        .orderBy(sql`${organizations.createdAt} desc nulls last`, organizations.organizationId)
        .limit(page_size)
        .offset((page - 1) * page_size),
      db.select({ total: count() }).from(organizations).where(where),
    ]);
    return { rows, total: counted?.total ?? 0 };
  });
}

export async function findOrganization(env: Env, actor: Actor, id: string): Promise<OrganizationRow | null> {
  const where = and(eq(organizations.organizationId, id), visible(actor));
  const rows = await withDatabase(env, (db) => db.select().from(organizations).where(where).limit(1));
  return rows[0] ?? null;
}

function visible(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  return ids === null ? undefined : inArray(organizations.organizationId, ids);
}
