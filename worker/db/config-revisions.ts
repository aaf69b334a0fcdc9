import { and, count, desc, eq } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import { withDatabase } from "./client.ts";
import { visibleOrganizations } from "./organization-filters.ts";
import { organizations, configRevisions as revisions } from "./schema.ts";

const head = {
  revision: revisions.revision,
  hash: revisions.hash,
  actor: revisions.actor,
  createdAt: revisions.createdAt,
};

/** One page of what was ever published for an organization, newest first, in one call. Null: unknown or not visible. */
export async function listRevisions(
  env: Env,
  actor: Actor,
  organizationId: string,
  { page, page_size }: { page: number; page_size: number },
) {
  return await withDatabase(env, async (db) => {
    const [[organization], rows, [counted]] = await db.batch([
      db
        .select({ current: organizations.configRevision })
        .from(organizations)
        .where(and(eq(organizations.organizationId, organizationId), visibleOrganizations(actor))),
      db
        .select(head)
        .from(revisions)
        .where(eq(revisions.organizationId, organizationId))
        .orderBy(desc(revisions.revision))
        .limit(page_size)
        .offset((page - 1) * page_size),
      db.select({ total: count() }).from(revisions).where(eq(revisions.organizationId, organizationId)),
    ]);
    return organization ? { current: organization.current, rows, total: counted?.total ?? 0 } : null;
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
