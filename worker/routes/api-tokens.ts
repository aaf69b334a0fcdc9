import { actorName } from "../contract/actor.ts";
import {
  type ApiTokenView,
  apiToken,
  apiTokenParams,
  apiTokenQuery,
  createdApiToken,
  newApiToken,
} from "../contract/rest/api-tokens.ts";
import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import { type ApiTokenRow, createApiToken, findVisibleApiToken, listApiTokens } from "../db/api-tokens.ts";
import { auditEntry } from "../middleware/caller.ts";
import { digestOf } from "../middleware/credentials.ts";
import { notFound } from "../middleware/errors.ts";
import { newToken } from "../platform/tokens.ts";
import { assertMayBind, bindingOf, soleOrganization } from "./access-rules.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { refuseSecrets } from "./masks.ts";
import { requireRoom } from "./quotas.ts";
import { assertStillAllowed, endApiToken } from "./revoke-credentials.ts";
import { success } from "./success.ts";

const ALL = "/api/v1/controller/api-tokens";
const DEFAULT_LIFETIME_MS = 90 * 86_400_000;

const list = defineRoute({
  method: "get",
  path: ALL,
  tag: "API tokens",
  summary: "List API tokens",
  description: "Newest first. A caller bound to organizations sees only tokens within them.",
  permission: "api_token.manage",
  request: { query: apiTokenQuery },
  response: envelope(pageOf(apiToken)),
  errors: ["database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: ALL,
  tag: "API tokens",
  summary: "Create an API token",
  description: "Only this answer contains the token. It ends when its maker may not make it any more.",
  permission: "api_token.manage",
  request: { body: json(newApiToken) },
  response: envelope(createdApiToken),
  errors: ["quota_exceeded", "database_unavailable"],
});

const revoke = defineRoute({
  method: "delete",
  path: `${ALL}/{key_id}`,
  tag: "API tokens",
  summary: "Revoke an API token",
  description:
    "Takes effect at once: streams opened with it are closed with 4401, and join tokens that it made end with it.",
  permission: "api_token.manage",
  request: { params: apiTokenParams },
  response: envelope(apiToken),
  errors: ["not_found", "database_unavailable"],
});

export const apiTokens = createRouter();

apiTokens.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const { rows, total, nextCursor } = await listApiTokens(c.env, c.get("actor"), query);
  const data = toPage(
    rows.map((row) => toView(row, Date.now())),
    total,
    query,
    nextCursor,
  );
  return success(c, "API tokens retrieved successfully", { data });
});

apiTokens.openapi(create, async (c) => {
  const { name, scopes, organizations: wanted, expires_at: until } = c.req.valid("json");
  const actor = c.get("actor");
  refuseSecrets({ name });
  const organizations = bindingOf(actor, wanted);
  assertMayBind(actor, organizations);
  await requireRoom(c, "api_tokens_per_account", actorName(actor));
  const expiresAt = until === null ? null : new Date(until ?? Date.now() + DEFAULT_LIFETIME_MS);
  const { text, keyId } = newToken("api");
  const audit = auditEntry(c, {
    action: "api_token.create",
    targetType: "api_token",
    targetId: keyId,
    organizationId: soleOrganization(organizations),
    before: null,
    after: { name, scopes, organizations, expires_at: isoMoment(expiresAt) },
  });
  const digest = digestOf(text);
  const token = { keyId, digest, name, scopes, organizations, expiresAt, createdBy: actorName(actor) };
  const row = await createApiToken(c.env, token, audit);
  await assertStillAllowed(c, () => endApiToken(c, { ...row, digest }));
  const data = { ...toView(row, Date.now()), api_token: text };
  return success(c, "API token created successfully", { data });
});

apiTokens.openapi(revoke, async (c) => {
  const { key_id: id } = c.req.valid("param");
  const row = await findVisibleApiToken(c.env, c.get("actor"), id);
  if (!row) throw notFound(`API token ${id}`);
  await endApiToken(c, row);
  const data = toView({ ...row, revokedAt: row.revokedAt ?? new Date() }, Date.now());
  return success(c, `API token ${id} revoked successfully`, { data });
});

function toView(row: ApiTokenRow & { isMakerGood?: boolean }, now: number): ApiTokenView {
  return {
    key_id: row.keyId,
    name: row.name,
    scopes: row.scopes,
    organizations: row.organizations,
    state: stateOf(row, now),
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    expires_at: isoMoment(row.expiresAt),
    last_used_at: isoMoment(row.lastUsedAt),
    revoked_at: isoMoment(row.revokedAt),
  };
}

function stateOf(
  { revokedAt, expiresAt, isMakerGood = true }: ApiTokenRow & { isMakerGood?: boolean },
  now: number,
): ApiTokenView["state"] {
  if (revokedAt !== null) return "revoked";
  if (expiresAt !== null && expiresAt.getTime() <= now) return "expired";
  return isMakerGood ? "valid" : "maker_ended";
}
