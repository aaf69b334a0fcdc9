import { envelope } from "../contract/rest/common.ts";
import {
  deletedOrganization,
  organization,
  organizationChange,
  organizationImpact,
  organizationParams,
} from "../contract/rest/organizations.ts";
import { MAX_DEREGISTRATIONS } from "../contract/rpc.ts";
import { findOrganization } from "../db/organizations.ts";
import { deleteOrganization, readBelongings, updateOrganization } from "../db/organizations-write.ts";
import { fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditOf } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { presenceOfRows } from "./fleet-reads.ts";
import { toOrganization } from "./organization-view.ts";
import { auditEntry, unwrap } from "./stubs.ts";

const ONE = "/api/v1/controller/organizations/{organization_id}";
/** Orchestrators that register meanwhile are caught in another round. */
const ROUNDS = 3;

const update = defineRoute({
  method: "put",
  path: ONE,
  tag: "Organizations",
  summary: "Change name, location or metadata of an organization",
  permission: "organization.update",
  request: { params: organizationParams, body: json(organizationChange) },
  response: envelope(organization),
  errors: ["not_found", "database_unavailable"],
});

const impact = defineRoute({
  method: "get",
  path: `${ONE}/impact`,
  tag: "Organizations",
  summary: "What would go with an organization",
  permission: "organization.read",
  request: { params: organizationParams },
  response: envelope(organizationImpact),
  errors: ["not_found", "database_unavailable"],
});

const remove = defineRoute({
  method: "delete",
  path: ONE,
  tag: "Organizations",
  summary: "Delete an organization with its orchestrators",
  description:
    "Deregisters each of them, which is final: their WebSockets are closed, and they stay refused until they are registered again. Usage and audit stay.",
  permission: "organization.delete",
  request: { params: organizationParams },
  response: envelope(deletedOrganization),
  errors: ["not_found", "database_unavailable"],
});

export const organizationChanges = createRouter();

organizationChanges.openapi(update, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const change = c.req.valid("json");
  const before = await findOrganization(c.env, c.get("actor"), id);
  if (!before) throw notFound(`Organization ${id}`);
  const { name, location, metadata } = before;
  const audit = auditEntry(c, {
    action: "organization.update",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    before: { name, location, metadata },
    after: { name, location, metadata, ...defined(change) },
  });
  await updateOrganization(c.env, id, change, audit);
  const after = await findOrganization(c.env, c.get("actor"), id);
  if (!after) throw notFound(`Organization ${id}`);
  const data = toOrganization(after);
  return c.json({ success: true as const, message: "Organization updated successfully", data }, 200);
});

organizationChanges.openapi(impact, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const found = await readBelongings(c.env, c.get("actor"), id);
  if (!found) throw notFound(`Organization ${id}`);
  const data = {
    organization_id: id,
    name: found.name,
    orchestrators: found.members.length,
    connected_orchestrators: await countConnected(c, found.members),
    messages: found.messages,
    pending_messages: found.pending,
    config_revisions: found.revisions,
  };
  return c.json({ success: true as const, message: "Impact retrieved successfully", data }, 200);
});

organizationChanges.openapi(remove, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const deleted = { orchestrators: 0, messages: 0, closed_connections: 0 };
  const gone = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = await readBelongings(c.env, c.get("actor"), id);
    if (!found && round === 0) throw notFound(`Organization ${id}`);
    deleted.messages += found?.messages ?? 0;
    const members = found?.members ?? [];
    deleted.closed_connections += await countConnected(c, members);
    const ids = members.map((member) => member.orchestratorId);
    await deregisterAll(c, id, ids);
    for (const member of ids) gone.add(member);
    deleted.orchestrators = gone.size;
    const audit = auditEntry(c, {
      action: "organization.delete",
      targetType: "organization",
      targetId: id,
      organizationId: id,
      before: { name: found?.name ?? null },
      after: deleted,
    });
    if (!(await deleteOrganization(c.env, id, audit))) continue;
    const message = `Organization ${id} deleted successfully`;
    await fleetOf(c.env, id).log([{ at: Date.now(), level: "INFO", message, orchestratorId: null, count: 1 }]);
    return c.json({ success: true as const, message, data: { organization_id: id, ...deleted } }, 200);
  }
  throw new ApiError("overloaded", "Orchestrators register faster than they can be deregistered, try again");
});

/** By the shard, whose calls are not those of this request: there may be more orchestrators than one may call. */
async function deregisterAll(c: AppContext, organizationId: string, ids: string[]): Promise<void> {
  const fleet = fleetOf(c.env, organizationId);
  for (let start = 0; start < ids.length; start += MAX_DEREGISTRATIONS) {
    unwrap(await fleet.deregister(ids.slice(start, start + MAX_DEREGISTRATIONS), auditOf(c)));
  }
}

async function countConnected(c: AppContext, members: { orchestratorId: string; organizationId: string }[]) {
  const views = await presenceOfRows(c.env, members);
  return [...views.values()].filter((view) => view.connected).length;
}

function defined<T extends object>(value: T) {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
