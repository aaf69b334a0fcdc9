import { organizationsOf } from "../contract/actor.ts";
import { droppedView, envelope, pageOf, toPage } from "../contract/rest/common.ts";
import {
  newOrganization,
  organization,
  organizationFacets,
  organizationFilters,
  organizationIdQuery,
  organizationIds,
  organizationParams,
  organizationQuery,
} from "../contract/rest/organizations.ts";
import { CONFIG_STATES, HEALTH_STATUSES, STATUSES } from "../contract/values/presence.ts";
import { countFacets } from "../db/organization-facets.ts";
import { findOrganization, listOrganizationIds, listOrganizations } from "../db/organizations-read.ts";
import { createOrganization } from "../db/organizations-write.ts";
import { logAbout } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { etagOf } from "./etag.ts";
import { refuseMasks, refuseSecrets } from "./masks.ts";
import { droppedOf } from "./orchestrator-calls.ts";
import { toOrganization } from "./organization-view.ts";
import { handOut, preparePublication } from "./publish-config.ts";
import { success } from "./success.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations",
  tag: "Organizations",
  summary: "List organizations",
  description: "Newest first, unless `sort` is given. Filters use the state in Postgres.",
  permission: "organization.read",
  request: { query: organizationQuery },
  response: envelope(pageOf(organization)),
  errors: ["database_unavailable"],
});

const facets = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations/facets",
  tag: "Organizations",
  summary: "Counts of organizations by status, health, configuration, location and version",
  description: "Counts for the filters of the list. Each facet is counted with every filter except its own.",
  permission: "organization.read",
  request: { query: organizationFilters },
  response: envelope(organizationFacets),
  errors: ["database_unavailable"],
});

const ids = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations/ids",
  tag: "Organizations",
  summary: "Ids of all organizations that match",
  description: "Sorted by id, with the ids of their orchestrators, for actions on everything that the list would show.",
  permission: "organization.read",
  request: { query: organizationIdQuery },
  response: envelope(pageOf(organizationIds)),
  errors: ["database_unavailable"],
});

const detail = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations/{organization_id}",
  tag: "Organizations",
  summary: "One organization",
  permission: "organization.read",
  request: { params: organizationParams },
  response: envelope(organization),
  errors: ["not_found", "database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: "/api/v1/controller/organizations",
  tag: "Organizations",
  summary: "Create an organization",
  description: "It has no orchestrators yet; register them with its id.",
  permission: "organization.create",
  request: { body: json(newOrganization) },
  response: envelope(
    organization.pick({ organization_id: true, name: true, location: true, is_active: true }).extend(droppedView),
  ),
  errors: ["already_exists", "database_unavailable"],
});

export const organizations = createRouter();

organizations.openapi(create, async (c) => {
  const { org_id, organization_id, name, location, metadata, features, settings } = c.req.valid("json");
  // The schema requires one of them.
  const id = org_id ?? organization_id ?? "";
  assertMayCreate(c, id);
  refuseMasks({ features, settings, metadata });
  refuseSecrets({ name, location });
  const row = { organizationId: id, name: name ?? null, location: location ?? null, metadata: metadata ?? {} };
  const audit = auditEntry(c, {
    action: "organization.create",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    before: null,
    after: { name: name ?? id, location: row.location, metadata: row.metadata },
  });
  const parts = { ...(features && { features }), ...(settings && { settings }) };
  const first = features || settings ? preparePublication(c, id, { merge: false, expected: null, ...parts }) : null;
  const outcome = await createOrganization(c.env, row, audit, first);
  if (outcome === "taken") throw new ApiError("already_exists", `Organization ${id} exists already`);
  if (outcome !== "created") await handOut(c, id, outcome);
  const message = `Organization ${id} created successfully`;
  await logAbout(c.env, id, message, Date.now());
  const data = { organization_id: id, name: name ?? id, location: row.location, is_active: true, ...droppedOf(c) };
  return success(c, message, { data });
});

organizations.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const { rows, total, nextCursor } = await listOrganizations(c.env, c.get("actor"), query);
  const items = rows.map((row) => toOrganization(row, c.get("actor")));
  const data = toPage(items, total, query, nextCursor);
  return success(c, "Organizations retrieved successfully", { data });
});

organizations.openapi(facets, async (c) => {
  const counted = await countFacets(c.env, c.get("actor"), c.req.valid("query"));
  const data = {
    ...counted,
    status: perValue(STATUSES, counted.status),
    health: perValue(HEALTH_STATUSES, counted.health),
    config: perValue(CONFIG_STATES, counted.config),
  };
  return success(c, "Facets retrieved successfully", { data });
});

organizations.openapi(ids, async (c) => {
  const query = c.req.valid("query");
  const { rows, total, nextCursor } = await listOrganizationIds(c.env, c.get("actor"), query);
  const data = toPage(rows, total, query, nextCursor);
  return success(c, "Organization ids retrieved successfully", { data });
});

organizations.openapi(detail, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const row = await findOrganization(c.env, c.get("actor"), id);
  if (!row) throw notFound(`Organization ${id}`);
  const data = toOrganization(row, c.get("actor"));
  c.header("ETag", etagOf(row.editVersion));
  return success(c, "Organization retrieved successfully", { data });
});

function assertMayCreate(c: AppContext, id: string): void {
  const ids = organizationsOf(c.get("actor"));
  if (ids !== null && !ids.includes(id)) throw new ApiError("forbidden", "You may not create this organization");
}

/** Every possible value, also those with a count of zero. */
function perValue<const Value extends string>(values: readonly Value[], counted: { value: string; count: number }[]) {
  const counts = new Map(counted.map(({ value, count }) => [value, count]));
  return Object.fromEntries(values.map((value) => [value, counts.get(value) ?? 0])) as Record<Value, number>;
}
