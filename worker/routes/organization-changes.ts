import { findJsonProblem, type JsonObject } from "../contract/json.ts";
import { envelope } from "../contract/rest/common.ts";
import {
  deletedOrganization,
  organization,
  organizationChange,
  organizationImpact,
  organizationParams,
} from "../contract/rest/organizations.ts";
import { MAX_DEREGISTRATIONS } from "../contract/rpc.ts";
import { MAX_BODY_BYTES, MAX_FREE_STRING_BYTES } from "../contract/values/limits.ts";
import { type OrganizationEdit, planChange } from "../db/organization-change.ts";
import { findOrganization, type OrganizationRow } from "../db/organizations-read.ts";
import { deleteOrganization, findEditable, readBelongings, updateOrganization } from "../db/organizations-write.ts";
import { fleetOf, logAbout } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry, auditOf } from "../middleware/caller.ts";
import { ApiError, afterChange, notFound } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { etagOf, expectedOf } from "./etag.ts";
import { presenceOfRows } from "./fleet-reads.ts";
import { refuseMasks, refuseSecrets } from "./masks.ts";
import { unwrap } from "./orchestrator-calls.ts";
import { toOrganization } from "./organization-view.ts";
import { success } from "./success.ts";

const ONE = "/api/v1/controller/organizations/{organization_id}";
/** Orchestrators that register meanwhile are removed in another round. */
const ROUNDS = 3;
/** Concurrent edits are made one after the other. */
const EDIT_ATTEMPTS = 5;

const update = defineRoute({
  method: "put",
  path: ONE,
  tag: "Organizations",
  summary: "Change name, location or metadata of an organization",
  description:
    "Send only the fields that change. With `expected_version`, or with the ETag of an answer as `If-Match`, an edit of another version is refused (409, with the stored state in `error.current`), unless it would change nothing.",
  permission: "organization.update",
  request: { params: organizationParams, body: json(organizationChange) },
  response: envelope(organization),
  errors: ["not_found", "version_conflict", "database_unavailable"],
});

const impact = defineRoute({
  method: "get",
  path: `${ONE}/impact`,
  tag: "Organizations",
  summary: "What deleting an organization would remove",
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
  const { expected_version: expected, ...change } = c.req.valid("json");
  refuseMasks({ metadata: change.metadata });
  const sharesName = await changeOrganization(c, id, change, expectedOf(c, expected));
  if (sharesName && (change.name !== undefined || change.location !== undefined)) {
    const { name, location } = change;
    const names = { ...(name !== undefined && { name }), ...(location !== undefined && { location }) };
    const message = `Organization ${id} is changed, but its orchestrator is not renamed yet. Send the same change again`;
    await afterChange({ message, accepted: false }, () => orchestratorOf(c.env, id).rename(names));
  }
  const message = `Organization ${id} is changed, but the database is not available now to show it`;
  const after = await afterChange({ message, accepted: true }, () => readOrganization(c, id));
  const data = toOrganization(after, c.get("actor"));
  c.header("ETag", etagOf(after.editVersion));
  return success(c, "Organization updated successfully", { data });
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
  return success(c, "Impact retrieved successfully", { data });
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
    await logAbout(c.env, id, message, Date.now());
    return success(c, message, { data: { organization_id: id, ...deleted } });
  }
  throw new ApiError("overloaded", "Orchestrators register faster than they can be deregistered, try again");
});

/** Applies an edit to what is stored at that moment. True: its only orchestrator shares its name, and has to be renamed. */
async function changeOrganization(
  c: AppContext,
  id: string,
  change: OrganizationEdit,
  expected: number | null,
): Promise<boolean> {
  for (let attempt = 0; attempt < EDIT_ATTEMPTS; attempt++) {
    const known = await findEditable(c.env, c.get("actor"), id);
    if (!known) throw notFound(`Organization ${id}`);
    const planned = planChange(known, change);
    // A repeated request, whose change is stored already, is no conflict.
    if (!planned) return known.shares;
    if (expected !== null && known.editVersion !== expected) break;
    // A form sends every field back. One that only looks like a secret must not keep the others from being saved.
    const isNew = (name: "name" | "location") => change[name] !== known[name];
    refuseSecrets({
      ...(isNew("name") && { name: change.name }),
      ...(isNew("location") && { location: change.location }),
    });
    assertFits({ ...known.metadata, ...planned.metadata.set });
    const audit = auditEntry(c, {
      action: "organization.update",
      targetType: "organization",
      targetId: id,
      organizationId: id,
      ...planned.audited,
    });
    if (await updateOrganization(c.env, id, known.editVersion, planned, audit)) return known.shares;
  }
  const current = toOrganization(await readOrganization(c, id), c.get("actor"));
  throw new ApiError("version_conflict", "This organization was changed in the meantime", { current });
}

/** What merging makes of the metadata may be as large as what one request may bring. */
function assertFits(metadata: JsonObject): void {
  const problem = findJsonProblem(metadata, MAX_FREE_STRING_BYTES);
  const isTooLarge = new TextEncoder().encode(JSON.stringify(metadata)).byteLength > MAX_BODY_BYTES;
  if (!problem && !isTooLarge) return;
  const message =
    problem?.message ?? `together with what is stored, must not be larger than ${MAX_BODY_BYTES / 1024} KiB`;
  const details = [{ path: "/body/metadata", code: "too_big", message }];
  throw new ApiError("validation_failed", "The request is not valid", { details });
}

async function readOrganization(c: AppContext, id: string): Promise<OrganizationRow> {
  const row = await findOrganization(c.env, c.get("actor"), id);
  if (!row) throw notFound(`Organization ${id}`);
  return row;
}

/**
 * Deregisters through the shard, whose calls do not count for this request: there may be more orchestrators than one
 * request may call.
 */
async function deregisterAll(c: AppContext, organizationId: string, ids: string[]): Promise<void> {
  const fleet = fleetOf(c.env, organizationId);
  for (let start = 0; start < ids.length; start += MAX_DEREGISTRATIONS) {
    const result = await fleet.deregister(ids.slice(start, start + MAX_DEREGISTRATIONS), auditOf(c));
    // What one orchestrator has accepted is not the organization: the others are still there.
    if (!result.ok && result.code === "database_unavailable") {
      const message = `The database is not available: some orchestrators of ${organizationId} may be deregistered already. Delete it again when the database is back`;
      throw new ApiError("database_unavailable", message, { accepted: false });
    }
    unwrap(result);
  }
}

async function countConnected(c: AppContext, members: { orchestratorId: string; organizationId: string }[]) {
  const views = await presenceOfRows(c.env, members);
  return [...views.values()].filter((view) => view.connected).length;
}
