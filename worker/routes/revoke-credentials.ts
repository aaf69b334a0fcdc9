import { authOf } from "../auth/stub.ts";
import { type Actor, actorName, apiTokenActor, type Role } from "../contract/actor.ts";
import { couldMake } from "../contract/makers.ts";
import { type ApiTokenRow, listMadeApiTokens, revokeApiToken } from "../db/api-tokens.ts";
import { type JoinTokenRow, listMadeJoinTokens, revokeJoinToken } from "../db/join-tokens.ts";
import { deleteLinks, listMadeLinks } from "../db/people.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { accessNow } from "../middleware/auth.ts";
import { auditEntry } from "../middleware/caller.ts";
import { ApiError } from "../middleware/errors.ts";
import { soleOrganization } from "./access-rules.ts";

/*
 * A maker may keep a copy of a credential, so it ends when they could not make it any more
 * (docs/design.md#credentials). The code here ends it for good, so that it does not come back with the right to make
 * it.
 */

/**
 * Ends the credentials that a person could not make with this access; null: no access at all. Returns the number of
 * tokens.
 */
export async function endCredentialsBeyond(
  c: AppContext,
  name: string,
  access: { role: Role; organizations: string[] | null } | null,
): Promise<number> {
  let ended = 0;
  const maker: Actor = access ? { kind: "user", name, ...access } : { kind: "anonymous" };
  const createdBy = actorName({ kind: "user", name, role: "viewer", organizations: null });
  for (const token of await listMadeApiTokens(c.env, createdBy)) {
    if (couldMake(maker, { kind: "api_token", organizations: token.organizations })) continue;
    ended += 1 + (await endApiToken(c, token));
  }
  const links = await listMadeLinks(c.env, createdBy);
  const over = links.filter(({ role, organizations }) => !couldMake(maker, { kind: "link", role, organizations }));
  await deleteLinks(
    c.env,
    over.map(({ keyId }) => keyId),
  );
  const stays = ({ organizationId }: JoinTokenRow) => couldMake(maker, { kind: "join_token", organizationId });
  return ended + (await endJoinTokens(c, createdBy, stays));
}

/** Ends an API token, its streams, and the join tokens that it made. Returns the number of these. */
export async function endApiToken(c: AppContext, token: ApiTokenRow & { digest: string }): Promise<number> {
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
  return await endJoinTokens(c, actorName(apiTokenActor(token)), () => false);
}

/** Ends a join token. False: the organization has no such token. */
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

/**
 * Called after a token was made. Ends it when its maker has lost access meanwhile, because that change did not find
 * it.
 */
export async function assertStillAllowed(c: AppContext, undo: () => Promise<unknown>): Promise<void> {
  if ((await accessNow(c)) === "same") return;
  await undo();
  throw new ApiError("forbidden", "Your access has just changed");
}

async function endJoinTokens(
  c: AppContext,
  createdBy: string,
  stays: (token: JoinTokenRow) => boolean,
): Promise<number> {
  const over = (await listMadeJoinTokens(c.env, createdBy)).filter((token) => !stays(token));
  for (const { organizationId, keyId } of over) await endJoinToken(c, organizationId, keyId);
  return over.length;
}
