import { and, gte, inArray, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { OrganizationFilters } from "../contract/rest/organizations.ts";
import { orchestratorInstances as instances, organizations } from "./schema.ts";
import { contains, folded, matchesGlob } from "./text-match.ts";

export const instanceVersion = sql<string | null>`${instances.metadata} ->> 'version'`;

/** The organizations that the actor may see and the filters match: for list, facets and ids alike. */
export function matching(actor: Actor, filters: OrganizationFilters): SQL | undefined {
  const { status, health, config, location, version, seen, seen_after, seen_before, q } = filters;
  const { organizationId, nameFolded, locationFolded, lastSeen } = organizations;
  return and(
    visibleOrganizations(actor),
    status && inArray(organizations.status, status),
    health && withInstance(inArray(instances.healthStatus, health)),
    config && withInstance(inArray(instances.configState, config)),
    location ? matchesGlob(locationFolded, location) : undefined,
    version ? withInstance(matchesGlob(folded(instanceVersion), version)) : undefined,
    seen && (seen === "never" ? isNull(lastSeen) : isNotNull(lastSeen)),
    seen_after && gte(lastSeen, seen_after),
    seen_before && lt(lastSeen, seen_before),
    q ? or(contains(folded(organizationId), q), contains(nameFolded, q)) : undefined,
  );
}

export function visibleOrganizations(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  return ids === null ? undefined : inArray(organizations.organizationId, ids);
}

function withInstance(condition: SQL): SQL {
  return sql`EXISTS (SELECT FROM ${instances}
    WHERE ${instances.organizationId} = ${organizations.organizationId} AND ${condition})`;
}
