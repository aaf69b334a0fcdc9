import { authOf } from "../auth/stub.ts";
import { type Actor, actorName, apiTokenActor, coversBinding, type Role } from "../contract/actor.ts";
import { permits } from "../contract/permissions.ts";
import { type ApiTokenRow, listMadeApiTokens, revokeApiToken } from "../db/api-tokens.ts";
import { type JoinTokenRow, listMadeJoinTokens, revokeJoinToken } from "../db/join-tokens.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { accessNow } from "../middleware/auth.ts";
import { ApiError } from "../middleware/errors.ts";
import { soleOrganization } from "./access-rules.ts";
import { auditEntry } from "./stubs.ts";

/*
 * Whoever makes a token may keep a copy of it: so it ends when they could not make it any more. Agent tokens stay, because
 * an orchestrator would go with each; who made them is listed.
 */

/** Ends the tokens that a person made and, with this access, could not make now. null: no access at all. */
export async function endTokensBeyond(
  c: AppContext,
  name: string,
  access: { role: Role; organizations: string[] | null } | null,
): Promise<void> {
  const maker: Actor = access ? { kind: "user", name, ...access } : { kind: "anonymous" };
  const createdBy = actorName({ kind: "user", name, role: "viewer", organizations: null });
  for (const token of await listMadeApiTokens(c.env, createdBy)) {
    if (permits(maker, "api_token.manage") && coversBinding(maker, token.organizations)) continue;
    await endApiToken(c, token);
  }
  await endJoinTokens(c, createdBy, ({ organizationId }) => {
    return permits(maker, "join_token.manage") && coversBinding(maker, [organizationId]);
  });
}

/** Ends an API token, its streams, and the join tokens that it made. */
export async function endApiToken(c: AppContext, token: ApiTokenRow & { digest: string }): Promise<void> {
  const { keyId, digest, name, scopes, organizations } = token;
  const audit = auditEntry(c, {
    action: "api_token.revoke",
    targetType: "api_token",
    targetId: keyId,
    organizationId: soleOrganization(organizations),
    before: { name, scopes, organizations },
    after: null,
  });
  await revokeApiToken(c.env, keyId, audit);
  await authOf(c.env).revokeApiToken(keyId);
  await dropViewers(c.env, { session: digest });
  await endJoinTokens(c, actorName(apiTokenActor(token)), () => false);
}

/** Ends a join token; false: the organization has no such token. */
export async function endJoinToken(c: AppContext, organizationId: string, keyId: string): Promise<boolean> {
  const audit = auditEntry(c, {
    action: "join_token.revoke",
    targetType: "organization",
    targetId: organizationId,
    organizationId,
    before: { key_id: keyId },
    after: null,
  });
  return await revokeJoinToken(c.env, { organizationId, keyId }, audit);
}

/** After a token was made: ends it when its maker has lost access meanwhile, and was not found to have made one. */
export async function assertStillAllowed(c: AppContext, undo: () => Promise<unknown>): Promise<void> {
  if ((await accessNow(c)) === "same") return;
  await undo();
  throw new ApiError("forbidden", "What you may do has just been changed");
}

async function endJoinTokens(c: AppContext, createdBy: string, stays: (token: JoinTokenRow) => boolean): Promise<void> {
  for (const token of await listMadeJoinTokens(c.env, createdBy)) {
    if (!stays(token)) await endJoinToken(c, token.organizationId, token.keyId);
  }
}
