import { and, count, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import type { HealthStatus } from "../contract/presence.ts";
import {
  type OrganizationIdQuery,
  type OrganizationQuery,
  SHOWN_ORCHESTRATORS,
} from "../contract/rest/organizations.ts";
import type { ORGANIZATION_SORT_KEYS } from "../contract/values/lists.ts";
import { CONFIG_ORDER, HEALTH_ORDER } from "../contract/values/presence.ts";
import { type Database, withDatabase } from "./client.ts";
import { Keyset, type SortColumn } from "./keyset.ts";
import { instanceVersion, matching, visibleOrganizations } from "./organization-filters.ts";
import { orchestratorInstances as instances, orchestratorMessages as messages, organizations } from "./schema.ts";

const worstHealth = highest("health_status", HEALTH_ORDER);
const mostUrgentConfig = highest("config_state", CONFIG_ORDER);

interface Window {
  sort: OrganizationQuery["sort"];
  limit: number;
  offset: number;
}

/** The columns of a row that a list can be sorted by. */
type Sorted = Omit<typeof organizations.$inferSelect, "metadata"> & { worstHealth: HealthStatus | null };
type SortKey = (typeof ORGANIZATION_SORT_KEYS)[number];

const byId: SortColumn<Sorted> = {
  column: organizations.organizationId,
  type: "text",
  of: (row) => row.organizationId,
};

const SORTS: Record<SortKey, SortColumn<Sorted>> = {
  name: { column: sql`${organizations.nameFolded}`, type: "text", nullable: true, of: (row) => row.nameFolded },
  organization_id: { ...byId, column: sql`${organizations.organizationId} COLLATE "C"` },
  status: { column: sql`${organizations.status}`, type: "text", of: (row) => row.status },
  health: {
    // Spelled out, because drizzle omits the table from the columns of a plain select, and these belong to several
    // tables.
    column: sql`(SELECT ${worstHealth} FROM orchestrator_instances i WHERE i.organization_id = organizations.organization_id)`,
    type: "integer",
    nullable: true,
    of: ({ worstHealth: health }) => health && HEALTH_ORDER.indexOf(health),
  },
  last_seen: { column: sql`${organizations.lastSeen}`, type: "timestamptz", nullable: true, of: (row) => row.lastSeen },
  created_at: { column: sql`${organizations.createdAt}`, type: "timestamptz", of: (row) => row.createdAt },
  location: {
    column: sql`${organizations.locationFolded}`,
    type: "text",
    nullable: true,
    of: (row) => row.locationFolded,
  },
};

function parseSort(sort: OrganizationQuery["sort"]): { key: SortKey; descending: boolean } {
  const descending = sort.startsWith("-");
  return { key: (descending ? sort.slice(1) : sort) as SortKey, descending };
}

function orderOf(sort: OrganizationQuery["sort"]): Keyset<Sorted> {
  const { key, descending } = parseSort(sort);
  const column = { ...SORTS[key], descending };
  return new Keyset("organizations", key === "organization_id" ? [column] : [column, byId]);
}

const idOrder = new Keyset<{ organization_id: string }>("organization_ids", [
  { column: organizations.organizationId, type: "text", of: (row) => row.organization_id },
]);

export type OrganizationRow = Awaited<ReturnType<typeof listOrganizations>>["rows"][number];

/** One page of the organizations the actor may see, in one call. */
export async function listOrganizations(env: Env, actor: Actor, query: OrganizationQuery) {
  const { page: _page, page_size: _size, cursor: _cursor, sort, ...filters } = query;
  const where = matching(actor, filters);
  const order = orderOf(sort);
  const { after, limit, offset } = order.window(query);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      selectWindow(db, and(where, after), { sort, limit, offset }),
      db.select({ total: count() }).from(organizations).where(where),
    ]);
    return { ...order.take(read.map(toRow), query), total: counted?.total ?? 0 };
  });
}

export async function findOrganization(env: Env, actor: Actor, id: string): Promise<OrganizationRow | null> {
  const where = and(eq(organizations.organizationId, id), visibleOrganizations(actor));
  const window = { sort: "organization_id", limit: 1, offset: 0 } as const;
  const rows = await withDatabase(env, async (db) => (await selectWindow(db, where, window)).map(toRow));
  return rows[0] ?? null;
}

/** One page of the ids of organizations and of all their orchestrators, by id, in one call. */
export async function listOrganizationIds(env: Env, actor: Actor, query: OrganizationIdQuery) {
  const { page: _page, page_size: _size, cursor: _cursor, ...filters } = query;
  const where = matching(actor, filters);
  const { after, limit, offset } = idOrder.window(query);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select({
          organization_id: organizations.organizationId,
          orchestrator_ids: sql<string[]>`coalesce((SELECT jsonb_agg(i.orchestrator_id ORDER BY i.orchestrator_id)
            FROM orchestrator_instances i WHERE i.organization_id = organizations.organization_id), '[]'::jsonb)`,
        })
        .from(organizations)
        .where(and(where, after))
        .orderBy(...idOrder.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(organizations).where(where),
    ]);
    return { ...idOrder.take(read, query), total: counted?.total ?? 0 };
  });
}

/** Values that follow from orchestrators and messages are computed only for the rows of the window. */
function selectWindow(db: Database, where: SQL | undefined, { sort, limit, offset }: Window) {
  const { key, descending } = parseSort(sort);
  const { column } = SORTS[key];
  const direction = descending ? sql`DESC NULLS LAST` : sql`ASC NULLS LAST`;
  const page = db
    .select({ ...getTableColumns(organizations), sortKey: sql`${column}`.as("sort_key") })
    .from(organizations)
    .where(where)
    .orderBy(sql`${column} ${direction}`, organizations.organizationId)
    .limit(limit)
    .offset(offset)
    .as("page");
  const facts = db
    .select({
      orchestrators: sql<number>`count(*)::int`.as("orchestrators"),
      active: sql<number>`(count(*) FILTER (WHERE ${instances.status} = 'active'))::int`.as("active"),
      ids: sql<
        string[]
      >`coalesce(to_jsonb((array_agg(${instances.orchestratorId} ORDER BY ${instances.orchestratorId}))[1:${sql.raw(String(SHOWN_ORCHESTRATORS))}]), '[]'::jsonb)`.as(
        "ids",
      ),
      health: sql<number | null>`${worstHealth}`.as("health"),
      config: sql<number | null>`${mostUrgentConfig}`.as("config"),
      version: sql<string | null>`min(${instanceVersion})`.as("version"),
      versions: sql<number>`count(DISTINCT ${instanceVersion})::int`.as("versions"),
    })
    .from(instances)
    .where(eq(instances.organizationId, page.organizationId))
    .as("facts");
  const pending = db
    .select({ pending: sql<number>`count(*)::int`.as("pending") })
    .from(messages)
    .innerJoin(instances, eq(instances.orchestratorId, messages.orchestratorId))
    .where(
      and(
        eq(instances.organizationId, page.organizationId),
        eq(instances.isIndependent, false),
        eq(messages.status, sql`'pending'`),
      ),
    )
    .as("pending");
  return db
    .select({ organization: page._.selectedFields, facts: facts._.selectedFields, pending: pending.pending })
    .from(page)
    .crossJoinLateral(facts)
    .crossJoinLateral(pending)
    .orderBy(sql`${page.sortKey} ${direction}`, page.organizationId);
}

function toRow({ organization, facts, pending }: Awaited<ReturnType<typeof selectWindow>>[number]) {
  const { health, config, version, versions, ...counted } = facts;
  return {
    ...organization,
    ...counted,
    worstHealth: health === null ? null : (HEALTH_ORDER[health] ?? null),
    configState: CONFIG_ORDER[config ?? 0] ?? "none",
    version: versions === 1 ? version : null,
    versions,
    pendingMessages: pending,
  };
}

/** The highest place that the values of a group take in this order. */
function highest(column: string, order: readonly string[]): SQL {
  const places = order.map((value, place) => `WHEN '${value}' THEN ${place}`).join(" ");
  return sql.raw(`max(CASE ${column} ${places} END)`);
}
