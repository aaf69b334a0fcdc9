import { and, count, desc, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import { type OrganizationFilters, TOP_VALUES } from "../contract/rest/organizations.ts";
import { type Database, withDatabase } from "./client.ts";
import { instanceVersion, matching } from "./organization-filters.ts";
import { orchestratorInstances as instances, organizations } from "./schema.ts";

/** Counts organizations by the value of each filter, in one call. A filter does not narrow its own counts. */
export async function countFacets(env: Env, actor: Actor, filters: OrganizationFilters) {
  const without = (own: keyof OrganizationFilters) => matching(actor, { ...filters, [own]: undefined });
  return await withDatabase(env, async (db) => {
    const [[all], status, health, config, location, version] = await db.batch([
      db.select({ total: count() }).from(organizations).where(matching(actor, filters)),
      db
        .select({ value: organizations.status, count: count() })
        .from(organizations)
        .where(without("status"))
        .groupBy(organizations.status),
      byInstance(db, sql<string>`${instances.healthStatus}`, without("health")),
      byInstance(db, sql<string>`${instances.configState}`, without("config")),
      db
        .select({ value: sql<string>`${organizations.location}`, count: count() })
        .from(organizations)
        .where(and(without("location"), isNotNull(organizations.location)))
        .groupBy(organizations.location)
        .orderBy(desc(count()), organizations.location)
        .limit(TOP_VALUES),
      byInstance(db, sql<string>`${instanceVersion}`, and(without("version"), isNotNull(instanceVersion))),
    ]);
    return { total: all?.total ?? 0, status, health, config, location, version };
  });
}

/** Distinct pairs first, because they are hashed. A count of distinct values would sort every row. */
function byInstance(db: Database, value: SQL<string>, where: SQL | undefined) {
  const pairs = db
    .selectDistinct({ id: organizations.organizationId, value: value.as("value") })
    .from(organizations)
    .innerJoin(instances, eq(instances.organizationId, organizations.organizationId))
    .where(where)
    .as("pairs");
  return db
    .select({ value: pairs.value, count: count() })
    .from(pairs)
    .groupBy(pairs.value)
    .orderBy(desc(count()), pairs.value)
    .limit(TOP_VALUES);
}
