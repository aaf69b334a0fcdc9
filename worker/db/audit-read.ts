import { and, count, desc, eq, gte, inArray, like, lt, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import { type AuditFilters, type AuditQuery, FACET_ENTRIES } from "../contract/rest/audit.ts";
import { type Database, withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";
import { activityLogs as log } from "./schema.ts";
import { contains, folded } from "./text-match.ts";

const FACET_VALUES = 50;

export type AuditRow = typeof log.$inferSelect;

const order = new Keyset<AuditRow>("audit", [
  { column: log.at, type: "timestamptz", descending: true, of: (row) => row.at },
  { column: log.id, type: "uuid", descending: true, of: (row) => row.id },
]);

/** One page of the audit, newest first, in one call. */
export async function listAudit(env: Env, actor: Actor, query: AuditQuery) {
  const where = matching(actor, query);
  const { after, limit, offset } = order.window(query);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select()
        .from(log)
        .where(and(where, after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(log).where(where),
    ]);
    return { ...order.take(read, query), total: counted?.total ?? 0 };
  });
}

/** How many entries match. */
export async function countMatches(env: Env, actor: Actor, filters: AuditFilters): Promise<number> {
  return await withDatabase(env, (db) => db.$count(log, matching(actor, filters)));
}

/** The rows after the given one, newest first. A walk by pages would be quadratic. */
export async function auditAfter(env: Env, actor: Actor, filters: AuditFilters, after: AuditRow | null, limit: number) {
  const cursor = after ? order.cursorAfter(after, filters) : undefined;
  const { after: beyond } = order.window({ ...filters, page: 1, page_size: limit, cursor });
  return await withDatabase(env, (db) =>
    db
      .select()
      .from(log)
      .where(and(matching(actor, filters), beyond))
      .orderBy(...order.orderBy)
      .limit(limit),
  );
}

/** Counts actions and actors among the newest entries, in one call. */
export async function countAudit(env: Env, actor: Actor, filters: AuditFilters) {
  return await withDatabase(env, async (db) => {
    const [actions, actors] = await db.batch([
      countNewest(db, log.action, matching(actor, { ...filters, action: undefined })),
      countNewest(db, log.actor, matching(actor, { ...filters, actor: undefined })),
    ]);
    return { actions, actors };
  });
}

function countNewest(db: Database, column: typeof log.action | typeof log.actor, where: SQL | undefined) {
  const newest = db
    .select({ value: column })
    .from(log)
    .where(where)
    .orderBy(sql`${log.at} desc nulls last`)
    .limit(FACET_ENTRIES)
    .as("newest");
  return db
    .select({ value: newest.value, count: count() })
    .from(newest)
    .groupBy(newest.value)
    .orderBy(desc(count()), newest.value)
    .limit(FACET_VALUES);
}

/** A caller that is bound to organizations sees only rows that belong to them. */
function matching(actor: Actor, filters: AuditFilters): SQL | undefined {
  const { q, actor: who, action, target, organization_id, from, to } = filters;
  const ids = organizationsOf(actor);
  const searched = [log.actor, log.action, log.targetId, log.organizationId, log.ip, log.requestId];
  return and(
    ids === null ? undefined : inArray(log.organizationId, ids),
    q ? or(...searched.map((column) => contains(folded(column), q))) : undefined,
    who ? contains(folded(log.actor), who) : undefined,
    action ? or(eq(log.action, action), like(log.action, `${action.replaceAll("_", "\\_")}.%`)) : undefined,
    target ? eq(log.targetId, target) : undefined,
    organization_id ? eq(log.organizationId, organization_id) : undefined,
    from && gte(log.at, from),
    to && lt(log.at, to),
  );
}
