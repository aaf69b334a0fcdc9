import { and, count, eq } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import { withDatabase } from "./client.ts";
import { Keyset, type Walk } from "./keyset.ts";
import { visibleOrganizations } from "./organization-filters.ts";
import { organizations, configRevisions as revisions } from "./schema.ts";

const head = {
  revision: revisions.revision,
  hash: revisions.hash,
  actor: revisions.actor,
  createdAt: revisions.createdAt,
};

/** One page of the revisions of an organization, newest first, in one call. Null: unknown or not visible. */
export async function listRevisions(env: Env, actor: Actor, organizationId: string, query: Walk) {
  const order = new Keyset<{ revision: number }>(`revisions of ${organizationId}`, [
    { column: revisions.revision, type: "integer", descending: true, of: (row) => row.revision },
  ]);
  const { after, limit, offset } = order.window(query);
  return await withDatabase(env, async (db) => {
    const [[organization], read, [counted]] = await db.batch([
      db
        .select({ current: organizations.configRevision })
        .from(organizations)
        .where(and(eq(organizations.organizationId, organizationId), visibleOrganizations(actor))),
      db
        .select(head)
        .from(revisions)
        .where(and(eq(revisions.organizationId, organizationId), after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(revisions).where(eq(revisions.organizationId, organizationId)),
    ]);
    const { current } = organization ?? {};
    return current === undefined ? null : { current, ...order.take(read, query), total: counted?.total ?? 0 };
  });
}

export async function findRevision(env: Env, actor: Actor, organizationId: string, revision: number) {
  const { features, settings, policies } = revisions;
  const [row] = await withDatabase(env, (db) =>
    db
      .select({ ...head, features, settings, policies, current: organizations.configRevision })
      .from(revisions)
      .innerJoin(organizations, eq(organizations.organizationId, revisions.organizationId))
      .where(
        and(
          eq(revisions.organizationId, organizationId),
          eq(revisions.revision, revision),
          visibleOrganizations(actor),
        ),
      ),
  );
  return row ?? null;
}
