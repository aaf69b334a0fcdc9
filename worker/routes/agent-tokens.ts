import type { CredentialView } from "../contract/credentials.ts";
import { envelope, isoMoment } from "../contract/rest/common.ts";
import { orchestratorParams } from "../contract/rest/orchestrators.ts";
import {
  agentTokenBody,
  agentTokenList,
  agentTokenParams,
  exchangeBody,
  issuedAgentToken,
  revokedAgentToken,
} from "../contract/rest/tokens.ts";
import { listAgentTokens } from "../db/agent-tokens.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditOf } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { noteForeignAgent } from "../middleware/refused-agents.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { redact } from "../platform/redact.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { connectUrl, makeAgentToken } from "./issue-agent-token.ts";
import { refuseSecrets } from "./masks.ts";
import { requireVisible, unwrap } from "./orchestrator-calls.ts";
import { success } from "./success.ts";

const OF_ORCHESTRATOR = "/api/v1/controller/orchestrators/{orchestrator_id}/tokens";

const list = defineRoute({
  method: "get",
  path: OF_ORCHESTRATOR,
  tag: "Agent tokens",
  summary: "Tokens of an orchestrator",
  description: "Newest first, including expired and revoked tokens. Secrets are never returned.",
  permission: "agent_token.read",
  request: { params: orchestratorParams },
  response: envelope(agentTokenList),
  errors: ["not_found", "database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: OF_ORCHESTRATOR,
  tag: "Agent tokens",
  summary: "Create a token for an orchestrator",
  description:
    "The answer contains the secret, only this once. At most two tokens are valid at a time, so that one can replace the other without a gap; with two, the answer is `already_exists`.",
  permission: "agent_token.manage",
  request: { params: orchestratorParams, body: json(agentTokenBody) },
  response: envelope(issuedAgentToken),
  errors: ["not_found", "already_exists", "database_unavailable"],
});

const revoke = defineRoute({
  method: "delete",
  path: `${OF_ORCHESTRATOR}/{key_id}`,
  tag: "Agent tokens",
  summary: "Revoke a token of an orchestrator",
  description: "Takes effect at once and is final: the WebSocket that uses it is closed with 4401.",
  permission: "agent_token.manage",
  request: { params: agentTokenParams },
  response: envelope(revokedAgentToken),
  errors: ["not_found", "database_unavailable"],
});

const exchange = defineRoute({
  method: "post",
  path: "/api/v1/internal/orchestrators/{orchestrator_id}/tokens",
  tag: "Agent tokens",
  summary: "Fetch the next token",
  description:
    "An orchestrator presents its token and receives a successor with the same lifetime. The presented token ends after `overlap_sec`. If the answer is lost, the same call replaces the successor that was never used.",
  permission: "agent_token.rotate",
  request: { params: orchestratorParams, body: json(exchangeBody) },
  response: envelope(issuedAgentToken),
  errors: ["not_found", "already_exists"],
});

export const agentTokens = createRouter();

agentTokens.openapi(list, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const rows = await listAgentTokens(c.env, c.get("actor"), id);
  if (!rows) throw notFound(`Orchestrator ${id}`);
  // The object decides what is valid. A row that it does not hold any more has ended.
  const known = new Map((await orchestratorOf(c.env, id).credentials())?.map((each) => [each.keyId, each]));
  const items = rows.map((row) => {
    const credential = known.get(row.keyId);
    const revokedAt = credential ? credential.revokedAt : (row.revokedAt?.getTime() ?? null);
    const expiresAt = credential ? credential.expiresAt : (row.expiresAt?.getTime() ?? null);
    const over = revokedAt === null && expiresAt !== null && expiresAt <= Date.now() ? "expired" : "revoked";
    return {
      orchestrator_id: id,
      key_id: row.keyId,
      label: row.label,
      created_by: row.createdBy,
      maker_ended: row.hasMakerEnded,
      created_at: row.createdAt.toISOString(),
      expires_at: isoMoment(expiresAt),
      revoked_at: isoMoment(revokedAt),
      state: credential?.valid ? ("valid" as const) : (over as "expired" | "revoked"),
      connected: credential?.connected ?? false,
    };
  });
  const data = { orchestrator_id: id, items };
  return success(c, "Tokens retrieved successfully", { data });
});

agentTokens.openapi(create, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const { label, expires_at: expiresAt } = c.req.valid("json");
  refuseSecrets({ label });
  await requireVisible(c, id);
  const { text, credential } = makeAgentToken(id);
  const made = unwrap(
    await orchestratorOf(c.env, id).issueCredential({
      credential,
      label: label ?? null,
      expiresAt: expiresAt ? Date.parse(expiresAt) : null,
      audit: auditOf(c),
    }),
  );
  return success(c, "Token created successfully", { data: toIssued(c, id, made, text) });
});

agentTokens.openapi(revoke, async (c) => {
  const { orchestrator_id: id, key_id: keyId } = c.req.valid("param");
  await requireVisible(c, id);
  unwrap(await orchestratorOf(c.env, id).revokeCredential(keyId, auditOf(c)));
  const data = { orchestrator_id: id, key_id: keyId };
  return success(c, `Token ${keyId} revoked successfully`, { data });
});

agentTokens.openapi(exchange, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const { label, overlap_sec: overlapSec } = c.req.valid("json");
  const actor = c.get("actor");
  if (actor.kind !== "agent" || actor.keyId === undefined) {
    throw new ApiError("forbidden", "Present the token that the new one replaces");
  }
  if (actor.orchestratorId !== id) {
    noteForeignAgent(c, id);
    throw notFound(`Orchestrator ${id}`);
  }
  const { text, credential } = makeAgentToken(id);
  const made = unwrap(
    await orchestratorOf(c.env, id).exchangeCredential({
      presented: actor.keyId,
      credential,
      ...(label !== undefined && { label: label && redact(label) }),
      overlapMs: overlapSec * 1000,
      audit: auditOf(c),
    }),
  );
  return success(c, "Token created successfully", { data: toIssued(c, id, made, text) });
});

function toIssued(c: AppContext, id: string, made: CredentialView, text: string) {
  return {
    orchestrator_id: id,
    key_id: made.keyId,
    label: made.label,
    created_at: new Date(made.createdAt).toISOString(),
    expires_at: isoMoment(made.expiresAt),
    agent_token: text,
    connect_url: connectUrl(c, id, text),
  };
}
