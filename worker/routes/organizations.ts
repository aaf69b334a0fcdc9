import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import {
  type Organization,
  organization,
  organizationParams,
  organizationQuery,
} from "../contract/rest/organizations.ts";
import { findOrganization, listOrganizations, type OrganizationRow } from "../db/organizations.ts";
import { notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute } from "./define.ts";

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

export const organizations = createRouter();

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
