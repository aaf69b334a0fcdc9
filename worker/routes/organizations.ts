import { organizationsOf } from "../contract/actor.ts";
import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import {
  newOrganization,
  type Organization,
  organization,
  organizationParams,
  organizationQuery,
} from "../contract/rest/organizations.ts";
import { findOrganization, listOrganizations, type OrganizationRow } from "../db/organizations.ts";
import { createOrganization } from "../db/organizations-write.ts";
import { fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { publish } from "./publish.ts";
import { auditEntry } from "./stubs.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations",
  tag: "Organizations",
  summary: "List organizations",
  description: "Newest first.",
  access: "viewer",
  request: { query: organizationQuery },
  response: envelope(pageOf(organization)),
  errors: ["database_unavailable"],
});

const detail = defineRoute({
  method: "get",
  path: "/api/v1/controller/organizations/{organization_id}",
  tag: "Organizations",
  summary: "One organization",
  access: "viewer",
  request: { params: organizationParams },
  response: envelope(organization),
  errors: ["not_found", "database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: "/api/v1/controller/organizations",
  tag: "Organizations",
  summary: "Create an organization",
  description: "It has no orchestrator yet; register some under its id.",
  access: "admin",
  request: { body: json(newOrganization) },
  response: envelope(organization.pick({ organization_id: true, name: true, location: true, is_active: true })),
  errors: ["already_exists", "database_unavailable"],
});

export const organizations = createRouter();

organizations.openapi(create, async (c) => {
  const { org_id, organization_id, name, location, metadata, features, settings } = c.req.valid("json");
  // The schema has made sure that one of them is there.
  const id = org_id ?? organization_id ?? "";
  assertMayCreate(c, id);
  const row = { organizationId: id, name: name ?? id, location: location ?? null, metadata: metadata ?? {} };
  const audit = auditEntry(c, {
    action: "organization.create",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    before: null,
    after: { name: row.name, location: row.location },
  });
  if (!(await createOrganization(c.env, row, audit))) {
    throw new ApiError("already_exists", `Organization ${id} exists already`);
  }
  if (features || settings) {
    const parts = { ...(features && { features }), ...(settings && { settings }) };
    await publish(c, id, { merge: false, expected: null, ...parts });
  }
  const message = `Organization ${id} created successfully`;
  await fleetOf(c.env, id).log([{ at: Date.now(), level: "INFO", message, orchestratorId: null, count: 1 }]);
  const data = { organization_id: id, name: row.name, location: row.location, is_active: true };
  return c.json({ success: true as const, message, data }, 200);
});

organizations.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const { rows, total } = await listOrganizations(c.env, c.get("actor"), query);
  const data = toPage(rows.map(toOrganization), total, query);
  return c.json({ success: true as const, message: "Organizations retrieved successfully", data }, 200);
});

organizations.openapi(detail, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const row = await findOrganization(c.env, c.get("actor"), id);
  if (!row) throw notFound(`Organization ${id}`);
  const data = toOrganization(row);
  return c.json({ success: true as const, message: "Organization retrieved successfully", data }, 200);
});

function assertMayCreate(c: AppContext, id: string): void {
  const ids = organizationsOf(c.get("actor"));
  if (ids !== null && !ids.includes(id)) throw new ApiError("forbidden", "This organization is not yours to create");
}

function toOrganization(row: OrganizationRow): Organization {
  return {
    organization_id: row.organizationId,
    name: row.name,
    location: row.location,
    status: row.status,
    is_active: row.isActive,
    is_independent: row.isIndependent,
    features: row.features,
    metadata: row.metadata,
    settings: row.settings,
    last_seen: isoMoment(row.lastSeen),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
