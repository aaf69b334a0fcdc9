import { and, count, eq, inArray, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import { withDatabase } from "./client.ts";
import { iso, within } from "./costs.ts";
import {
  orchestratorInstances as instances,
  orchestratorMessages as messages,
  organizations,
  usageHourly,
  users,
} from "./schema.ts";
import { visibleUsers } from "./users.ts";

const counted = (condition: ReturnType<typeof sql>) => sql<number>`count(*) FILTER (WHERE ${condition})::int`;

/** Every total of the overview, in one call. */
export async function readOverview(env: Env, actor: Actor, { start, end }: { start: Date; end: Date }) {
  const ids = organizationsOf(actor);
  const ofInstances = ids === null ? undefined : inArray(instances.organizationId, ids);
  const watched = sql`NOT ${instances.isIndependent} AND ${instances.lastSeen} IS NOT NULL`;
  return await withDatabase(env, async (db) => {
    const [[organizationCounts], [instanceCounts], [userCounts], [messageCounts], [usage]] = await db.batch([
      db
        .select({
          total: count(),
          active: counted(sql`${organizations.status} = 'active'`),
          inactive: counted(sql`${organizations.status} = 'inactive'`),
          independent: counted(sql`${organizations.status} = 'independent'`),
        })
        .from(organizations)
        .where(ids === null ? undefined : inArray(organizations.organizationId, ids)),
      db
        .select({
          total: count(),
          active: counted(sql`${instances.status} = 'active'`),
          inactive: counted(sql`${instances.status} = 'inactive'`),
          independent: counted(sql`${instances.isIndependent}`),
          watched: counted(watched),
          well: counted(
            sql`${watched} AND ${instances.status} = 'active' AND ${instances.healthStatus} IN ('healthy', 'unknown')`,
          ),
          degraded: counted(
            sql`${watched} AND ${instances.status} = 'active' AND ${instances.healthStatus} = 'degraded'`,
          ),
        })
        .from(instances)
        .where(ofInstances),
      db
        .select({ total: count() })
        .from(users)
        .where(and(users.isActive, visibleUsers(actor))),
      db
        .select({ pending: count() })
        .from(messages)
        .innerJoin(instances, eq(instances.orchestratorId, messages.orchestratorId))
        .where(and(eq(messages.status, "pending"), eq(instances.isIndependent, false), ofInstances)),
      db
        .select({
          cost: sql<string>`coalesce(sum(${usageHourly.costUsd}), 0)::numeric(28, 8)::text`,
          requests: sql<string>`coalesce(sum(${usageHourly.requests}), 0)::text`,
          inputTokens: sql<string>`coalesce(sum(${usageHourly.inputTokens}), 0)::text`,
          outputTokens: sql<string>`coalesce(sum(${usageHourly.outputTokens}), 0)::text`,
        })
        .from(usageHourly)
        .where(sql`${usageHourly.hour} >= ${iso(start)} AND ${usageHourly.hour} < ${iso(end)} AND ${within(ids)}`),
    ]);
    if (!organizationCounts || !instanceCounts || !userCounts || !messageCounts || !usage) {
      throw new Error("an aggregate answered no row");
    }
    return {
      organizations: organizationCounts,
      instances: instanceCounts,
      users: userCounts,
      messages: messageCounts,
      usage,
    };
  });
}
