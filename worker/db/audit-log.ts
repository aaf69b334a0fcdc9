import { and, count, desc, eq, gte, ilike, inArray, like, lt, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { AuditQuery } from "../contract/rest/audit.ts";
import { withDatabase } from "./client.ts";
import { containing } from "./like.ts";
import { activityLogs as log } from "./schema.ts";

export type AuditRow = typeof log.$inferSelect;
type Filters = Omit<AuditQuery, "page" | "page_size" | "format">;

/** One page of the audit, newest first, in one call. */
export async function listAudit(env: Env, actor: Actor, { page, page_size, ...filters }: AuditQuery) {
  const where = matching(actor, filters);
  return await withDatabase(env, async (db) => {
    const [rows, [counted]] = await db.batch([
      db
        .select()
        .from(log)
        .where(where)
        .orderBy(sql`${log.at} desc nulls last`, desc(log.id))
        .limit(page_size)
        .offset((page - 1) * page_size),
      db.select({ total: count() }).from(log).where(where),
    ]);
    return { rows, total: counted?.total ?? 0 };
  });
}

/** The rows after one, newest first, for walks that pages would make quadratic. */
export async function auditAfter(env: Env, actor: Actor, filters: Filters, after: AuditRow | null, limit: number) {
  const beyond = after
    ? sql`(${log.at}, ${log.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`
    : undefined;
  return await withDatabase(env, (db) =>
    db
      .select()
      .from(log)
      .where(and(matching(actor, filters), beyond))
      .orderBy(sql`${log.at} desc nulls last`, desc(log.id))
      .limit(limit),
  );
}

/** Who is bound to organizations sees what happened in them, and nothing that belongs to none. */
function matching(actor: Actor, { actor: who, action, target, organization_id, from, to }: Filters): SQL | undefined {
  const ids = organizationsOf(actor);
  return and(
    ids === null ? undefined : inArray(log.organizationId, ids),
    who ? ilike(log.actor, containing(who)) : undefined,
    action ? or(eq(log.action, action), like(log.action, `${action.replaceAll("_", "\\_")}.%`)) : undefined,
    target ? eq(log.targetId, target) : undefined,
    organization_id ? eq(log.organizationId, organization_id) : undefined,
    from && gte(log.at, from),
    to && lt(log.at, to),
  );
}
