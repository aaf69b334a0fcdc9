import { envelope, pageOf, toPage } from "../contract/rest/common.ts";
import {
  type RevisionHead,
  revisionDetail,
  revisionHead,
  revisionParams,
  revisionQuery,
} from "../contract/rest/config.ts";
import { organizationParams } from "../contract/rest/organizations.ts";
import { findRevision, listRevisions } from "../db/config-revisions.ts";
import { notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute } from "./define.ts";
import { shownConfig } from "./masks.ts";
import { success } from "./success.ts";

const REVISIONS = "/api/v1/controller/organizations/{organization_id}/config/revisions";

const list = defineRoute({
  method: "get",
  path: REVISIONS,
  tag: "Configuration",
  summary: "Published configurations of an organization",
  description: "Newest first, without their content.",
  permission: "config.read",
  request: { params: organizationParams, query: revisionQuery },
  response: envelope(pageOf(revisionHead)),
  errors: ["not_found", "database_unavailable"],
});

const detail = defineRoute({
  method: "get",
  path: `${REVISIONS}/{revision}`,
  tag: "Configuration",
  summary: "One published configuration",
  description: "To compare with, or to publish again.",
  permission: "config.read",
  request: { params: revisionParams },
  response: envelope(revisionDetail),
  errors: ["not_found", "database_unavailable"],
});

export const configRevisions = createRouter();

configRevisions.openapi(list, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const query = c.req.valid("query");
  const found = await listRevisions(c.env, c.get("actor"), id, query);
  if (!found) throw notFound(`Organization ${id}`);
  const items = found.rows.map((row) => toHead(row, found.current));
  const data = toPage(items, found.total, query, found.nextCursor);
  return success(c, "Revisions retrieved successfully", { data });
});

configRevisions.openapi(detail, async (c) => {
  const { organization_id: id, revision } = c.req.valid("param");
  const row = await findRevision(c.env, c.get("actor"), id, revision);
  if (!row) throw notFound(`Revision ${revision} of organization ${id}`);
  const { features, settings, policies, current } = row;
  const data = { organization_id: id, ...toHead(row, current), ...shownConfig(c, { features, settings, policies }) };
  return success(c, "Revision retrieved successfully", { data });
});

function toHead(
  row: { revision: number; hash: string; actor: string; createdAt: Date },
  current: number,
): RevisionHead {
  const { revision, hash, actor, createdAt } = row;
  return {
    revision,
    hash,
    created_at: createdAt.toISOString(),
    created_by: actor,
    is_current: revision === current,
  };
}
