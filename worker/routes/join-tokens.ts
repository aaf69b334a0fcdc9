import { actorName, organizationsOf } from "../contract/actor.ts";
import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import { organizationParams } from "../contract/rest/organizations.ts";
import {
  DEFAULT_JOIN_DAYS,
  issuedJoinToken,
  type JoinTokenView,
  joinAnswer,
  joinBody,
  joinTokenBody,
  joinTokenParams,
  joinTokenQuery,
  joinTokenView,
  revokedJoinToken,
} from "../contract/rest/tokens.ts";
import { MAX_SIGN_OF_LIFE_BYTES } from "../contract/values/limits.ts";
import {
  createJoinToken,
  findJoinToken,
  type JoinTokenRow,
  listJoinTokens,
  returnJoinUse,
  takeJoinUse,
} from "../db/join-tokens.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { readAuthorization } from "../middleware/authorization.ts";
import { auditEntry, auditOf } from "../middleware/caller.ts";
import { digestOf } from "../middleware/credentials.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { countBeforeLookup } from "../middleware/rate.ts";
import { noteRefusedAgent } from "../middleware/refused-agents.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { digestsEqual, newToken, parseToken } from "../platform/tokens.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { connectUrl, makeAgentToken } from "./issue-agent-token.ts";
import { refuseSecrets } from "./masks.ts";
import { droppedOf, unwrap } from "./orchestrator-calls.ts";
import { requireRoom, requireRoomForOrchestrator } from "./quotas.ts";
import { assertStillAllowed, endJoinToken } from "./revoke-credentials.ts";
import { success } from "./success.ts";

const OF_ORGANIZATION = "/api/v1/controller/organizations/{organization_id}/join-tokens";
const DAY_MS = 86_400_000;

const list = defineRoute({
  method: "get",
  path: OF_ORGANIZATION,
  tag: "Agent tokens",
  summary: "Join tokens of an organization",
  description: "Newest first, including expired and revoked tokens. Secrets are never returned.",
  permission: "join_token.manage",
  request: { params: organizationParams, query: joinTokenQuery },
  response: envelope(pageOf(joinTokenView)),
  errors: ["not_found", "database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: OF_ORGANIZATION,
  tag: "Agent tokens",
  summary: "Make a join token",
  description:
    "Orchestrators of this organization use it to register themselves and to fetch a token of their own. The answer contains the secret, only this once.",
  permission: "join_token.manage",
  request: { params: organizationParams, body: json(joinTokenBody) },
  response: envelope(issuedJoinToken),
  errors: ["quota_exceeded", "not_found", "database_unavailable"],
});

const revoke = defineRoute({
  method: "delete",
  path: `${OF_ORGANIZATION}/{key_id}`,
  tag: "Agent tokens",
  summary: "Revoke a join token",
  description: "Nobody can join with it any more. Tokens that were fetched with it stay valid.",
  permission: "join_token.manage",
  request: { params: joinTokenParams },
  response: envelope(revokedJoinToken),
  errors: ["not_found", "database_unavailable"],
});

const join = defineRoute({
  method: "post",
  path: "/api/v1/internal/orchestrators/join",
  tag: "Agent tokens",
  summary: "Join an organization",
  description:
    "With `Authorization: Bearer <join token>`: registers a new orchestrator and returns its token, only this once. An orchestrator with a valid token is refused (`already_exists`), unless the join token names it.",
  permission: "orchestrator.join",
  readsToken: true,
  request: { body: json(joinBody) },
  response: joinAnswer,
  maxBodyBytes: MAX_SIGN_OF_LIFE_BYTES,
  isTolerant: true,
  errors: ["quota_exceeded", "unauthorized", "already_exists", "database_unavailable"],
});

export const joinTokens = createRouter();

joinTokens.openapi(list, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const query = c.req.valid("query");
  const found = await listJoinTokens(c.env, c.get("actor"), id, query);
  if (!found) throw notFound(`Organization ${id}`);
  const data = toPage(found.rows.map(toView), found.total, query, found.nextCursor);
  return success(c, "Join tokens retrieved successfully", { data });
});

joinTokens.openapi(create, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const body = c.req.valid("json");
  assertVisible(c, id);
  refuseSecrets({ label: body.label });
  await requireRoom(c, "join_tokens_per_organization", id);
  const { text, keyId } = newToken("join");
  const row = {
    keyId,
    organizationId: id,
    orchestratorId: body.orchestrator_id ?? null,
    label: body.label ?? null,
    maxUses: body.max_uses,
    createdBy: actorName(c.get("actor")),
    createdAt: new Date(),
    expiresAt: new Date(body.expires_at ?? Date.now() + DEFAULT_JOIN_DAYS * DAY_MS),
  };
  const { orchestratorId: orchestrator_id, maxUses: max_uses } = row;
  const audit = auditEntry(c, {
    action: "join_token.create",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    before: null,
    after: { key_id: keyId, orchestrator_id, label: row.label, max_uses, expires_at: row.expiresAt.toISOString() },
  });
  if (!(await createJoinToken(c.env, { ...row, digest: digestOf(text) }, audit))) {
    throw notFound(`Organization ${id}`);
  }
  await assertStillAllowed(c, () => endJoinToken(c, id, keyId));
  const data = { ...toView({ ...row, uses: 0, revokedAt: null, isMakerGood: true }), join_token: text };
  return success(c, "Join token created successfully", { data });
});

joinTokens.openapi(revoke, async (c) => {
  const { organization_id: id, key_id: keyId } = c.req.valid("param");
  assertVisible(c, id);
  if (!(await endJoinToken(c, id, keyId))) throw notFound(`Join token ${keyId}`);
  const data = { organization_id: id, key_id: keyId };
  return success(c, `Join token ${keyId} revoked successfully`, { data });
});

joinTokens.openapi(join, async (c) => {
  const { orchestrator_id: id, name, location, metadata } = c.req.valid("json");
  const pass = await takePass(c, id);
  if (!pass) {
    noteRefusedAgent(c, id, "wrong_token");
    throw new ApiError("unauthorized", "The join token is not valid");
  }
  const { text, credential } = makeAgentToken(id);
  let joined = false;
  try {
    await requireRoomForOrchestrator(c, id, pass.organizationId);
    const stub = orchestratorOf(c.env, id);
    const result = unwrap(
      await stub.register({
        organizationId: pass.organizationId,
        fields: { ...(name && { name }), ...(location && { location }), ...(metadata && { metadata }) },
        audit: { ...auditOf(c), actor: `join:${pass.keyId}` },
        credential,
        ...droppedOf(c),
        isOwn: true,
        join: pass.isForOne ? "any" : "vacant",
      }),
    );
    joined = true;
    return success(c, `Orchestrator ${id} joined ${result.organizationId}`, {
      orchestrator_id: id,
      organization_id: result.organizationId,
      created: result.created,
      key_id: credential.keyId,
      agent_token: text,
      connect_url: connectUrl(c, id, text),
      ...droppedOf(c, result.dropped),
      timestamp: new Date().toISOString(),
    });
  } finally {
    if (!joined) await returnJoinUse(c.env, pass.keyId).catch(() => {});
  }
});

function assertVisible(c: AppContext, organizationId: string): void {
  const bound = organizationsOf(c.get("actor"));
  if (bound !== null && !bound.includes(organizationId)) throw notFound(`Organization ${organizationId}`);
}

/** Digests of join tokens that were valid when this isolate last checked: they are no guesses. */
const goodLately = new Set<string>();
const MAX_GOOD = 1_000;

/** Counts a use of the presented join token. Null: it is not valid. A mistyped token costs no query. */
async function takePass(c: AppContext, orchestratorId: string) {
  const text = readAuthorization(c.req.header("Authorization") ?? "")?.secret ?? "";
  const token = parseToken(text);
  if (token?.kind !== "join") return null;
  const digest = digestOf(text);
  if (!goodLately.has(digest)) await countBeforeLookup(c);
  const pass = await findPass(c.env, { keyId: token.keyId, digest, orchestratorId });
  if (goodLately.size >= MAX_GOOD) goodLately.clear();
  if (pass) goodLately.add(digest);
  else goodLately.delete(digest);
  return pass;
}

/** The row of the token decides what it allows, never the caller. */
async function findPass(env: Env, presented: { keyId: string; digest: string; orchestratorId: string }) {
  const { keyId, digest, orchestratorId } = presented;
  const known = await findJoinToken(env, keyId);
  if (!known || !digestsEqual(known.digest, digest)) return null;
  if (known.orchestratorId !== null && known.orchestratorId !== orchestratorId) return null;
  if (!(await takeJoinUse(env, keyId))) return null;
  return { keyId, organizationId: known.organizationId, isForOne: known.orchestratorId !== null };
}

type ListedJoinToken = JoinTokenRow & { isMakerGood: boolean };

function toView(row: ListedJoinToken): JoinTokenView {
  return {
    key_id: row.keyId,
    organization_id: row.organizationId,
    orchestrator_id: row.orchestratorId,
    label: row.label,
    max_uses: row.maxUses,
    uses: row.uses,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    revoked_at: isoMoment(row.revokedAt),
    state: stateOf(row, Date.now()),
  };
}

function stateOf(row: ListedJoinToken, now: number): JoinTokenView["state"] {
  if (row.revokedAt !== null) return "revoked";
  if (row.expiresAt.getTime() <= now) return "expired";
  if (!row.isMakerGood) return "maker_ended";
  return row.uses >= row.maxUses ? "used" : "valid";
}
