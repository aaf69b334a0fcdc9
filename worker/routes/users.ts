import { authOf } from "../auth/stub.ts";
import { type Actor, actorName, coversRole, organizationsOf } from "../contract/actor.ts";
import { LINK_LIFETIME_MS } from "../contract/people.ts";
import { endedSessions } from "../contract/rest/auth.ts";
import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import {
  createdLink,
  newLink,
  newUser,
  type UserView,
  user,
  userChange,
  userParams,
  userQuery,
} from "../contract/rest/users.ts";
import { changeUser, createLink, createUser, findUser, type UserAccess } from "../db/people.ts";
import { listUsers, type UserRow } from "../db/users.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry } from "../middleware/caller.ts";
import { digestOf } from "../middleware/credentials.ts";
import { ApiError, afterChange, notFound } from "../middleware/errors.ts";
import { differenceOf } from "../platform/json-difference.ts";
import { mayUsePassword, settingsOf } from "../platform/settings.ts";
import { newToken } from "../platform/tokens.ts";
import { assertMayBind, assertMayGrant, bindingOf, soleOrganization } from "./access-rules.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { expectedOf } from "./etag.ts";
import { refuseSecrets } from "./masks.ts";
import { requireRoom } from "./quotas.ts";
import { endCredentialsBeyond } from "./revoke-credentials.ts";
import { endSessionsOf } from "./sessions.ts";
import { success } from "./success.ts";

const ALL = "/api/v1/controller/users";
const ONE = `${ALL}/{user_id}` as const;

const list = defineRoute({
  method: "get",
  path: ALL,
  tag: "Users",
  summary: "List users",
  description: "Sorted by name. A caller bound to organizations sees the users who share one of them.",
  permission: "user.read",
  request: { query: userQuery },
  response: envelope(pageOf(user)),
  errors: ["database_unavailable"],
});

const create = defineRoute({
  method: "post",
  path: ALL,
  tag: "Users",
  summary: "Create a user",
  description:
    "Without a password: make an invite link next. Nobody gives a role above their own, or organizations beyond their own.",
  permission: "user.manage",
  request: { body: json(newUser) },
  response: envelope(user),
  errors: ["already_exists", "quota_exceeded", "sso_decides", "database_unavailable"],
});

const update = defineRoute({
  method: "put",
  path: ONE,
  tag: "Users",
  summary: "Change what a user may do",
  description:
    "Acts at once on open sessions and streams, and ends the API and join tokens that this person made and could not make any more. The last active superadmin can be neither deactivated nor demoted. Role and organizations of somebody who logs in with single sign-on come from there.",
  permission: "user.manage",
  request: { params: userParams, body: json(userChange) },
  response: envelope(user),
  errors: ["not_found", "version_conflict", "quota_exceeded", "last_superadmin", "sso_decides", "database_unavailable"],
});

const link = defineRoute({
  method: "post",
  path: `${ONE}/links`,
  tag: "Users",
  summary: "Create a link to set a password",
  description:
    "Valid once and for 24 hours; it ends every earlier link. Hand it over yourself, because no mail is sent. The secret follows the `#`, which browsers send to nobody.",
  permission: "user.manage",
  request: { params: userParams, body: json(newLink) },
  response: envelope(createdLink),
  errors: ["not_found", "sso_decides", "database_unavailable"],
});

const endSessions = defineRoute({
  method: "post",
  path: `${ONE}/end-sessions`,
  tag: "Users",
  summary: "End all sessions of a user",
  permission: "user.manage",
  request: { params: userParams },
  response: endedSessions,
  errors: ["not_found", "database_unavailable"],
});

export const users = createRouter();

users.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const actor = c.get("actor");
  const { rows, total, nextCursor } = await listUsers(c.env, actor, query);
  const items = rows.map((row) => toUser(row, actor));
  const data = toPage(items, total, query, nextCursor);
  return success(c, "Users retrieved successfully", { data });
});

users.openapi(create, async (c) => {
  const { username, role, organizations: wanted } = c.req.valid("json");
  const actor = c.get("actor");
  refuseSecrets({ username });
  const organizations = role === "superadmin" && wanted === undefined ? null : bindingOf(actor, wanted);
  assertMayHave(actor, { role, organizations, isActive: true });
  if (!mayUsePassword(c.env, role)) {
    throw new ApiError(
      "sso_decides",
      "People log in with single sign-on here, and the first login creates their account",
    );
  }
  for (const id of organizations ?? []) await requireRoom(c, "users_per_organization", id);
  const userId = crypto.randomUUID();
  const audit = auditEntry(c, {
    action: "user.create",
    targetType: "user",
    targetId: username,
    organizationId: soleOrganization(organizations),
    before: null,
    after: { role, organizations },
  });
  if (!(await createUser(c.env, { userId, username, role, organizations }, audit))) {
    throw new ApiError("already_exists", `There is a user ${username} already`);
  }
  const message = `User ${username} is created, but the database is not available now to show it`;
  const created = await afterChange({ message, accepted: true }, () => readUser(c, userId));
  const data = toUser(created, actor);
  return success(c, `User ${username} created successfully`, { data });
});

users.openapi(update, async (c) => {
  const change = c.req.valid("json");
  const before = await readChangeable(c, c.req.valid("param").user_id);
  const expected = expectedOf(c, change.expected_version);
  const next: UserAccess = {
    role: change.role ?? before.role,
    organizations: change.organizations === undefined ? before.organizations : change.organizations,
    isActive: change.is_active ?? before.isActive,
  };
  const audited = differenceOf(toAudit(before), toAudit(next));
  // A repeated request, whose change is stored already, is no conflict: it ends what may still be open.
  if (audited && expected !== null && expected !== before.updatedAt.getTime()) {
    throw await changedMeanwhile(c, before.userId);
  }
  assertMayHave(c.get("actor"), next);
  if (before.isSso && (next.role !== before.role || change.organizations !== undefined)) {
    assertSsoIsSetUp(c, before.username);
    throw new ApiError(
      "sso_decides",
      `Role and organizations of ${before.username} come from single sign-on at each login. Change the groups there`,
    );
  }
  for (const id of next.organizations ?? []) {
    if (!before.organizations?.includes(id)) await requireRoom(c, "users_per_organization", id);
  }
  const audit = auditEntry(c, {
    action: "user.update",
    targetType: "user",
    targetId: before.username,
    organizationId: soleOrganization(next.organizations),
    before: audited?.before ?? {},
    after: audited?.after ?? {},
  });
  const outcome = await changeUser(c.env, before, next, audit);
  if (outcome === "conflict") throw await changedMeanwhile(c, before.userId);
  if (outcome === "last_superadmin") {
    throw new ApiError("last_superadmin", "The last active superadmin cannot be deactivated or demoted");
  }
  const { role, organizations, isActive } = next;
  const username = before.username.toLowerCase();
  const access = isActive ? { role, organizations } : null;
  const open = `The access of ${before.username} is changed, but some sessions or tokens may not have ended yet. Send the same change again`;
  await afterChange({ message: open, accepted: false }, async () => {
    await authOf(c.env).changeAccess({ username, access });
    await dropViewers(c.env, { user: username, comesBack: isActive });
    // After the sessions: the request that makes a token checks the access again when the token is made.
    await endCredentialsBeyond(c, username, access);
  });
  const unread = `The access of ${before.username} is changed, but the database is not available now to show it`;
  const after = await afterChange({ message: unread, accepted: true }, () => readUser(c, before.userId));
  const data = toUser(after, c.get("actor"));
  return success(c, `User ${before.username} updated successfully`, { data });
});

users.openapi(link, async (c) => {
  const { userId, username, organizations, role, isSso } = await readChangeable(c, c.req.valid("param").user_id);
  if (isSso) assertSsoIsSetUp(c, username);
  if (isSso || !mayUsePassword(c.env, role)) {
    throw new ApiError("sso_decides", `${username} cannot log in with a password here, but with single sign-on`);
  }
  const { purpose } = c.req.valid("json");
  const { text, keyId } = newToken("link");
  const expiresAt = new Date(Date.now() + LINK_LIFETIME_MS);
  const audit = auditEntry(c, {
    action: `user.${purpose}_link`,
    targetType: "user",
    targetId: username,
    organizationId: soleOrganization(organizations),
    before: null,
    after: { key_id: keyId, expires_at: expiresAt.toISOString() },
  });
  const createdBy = actorName(c.get("actor"));
  await createLink(c.env, { keyId, digest: digestOf(text), userId, purpose, createdBy, expiresAt }, audit);
  const data = { purpose, link: `/welcome#${text}`, expires_at: expiresAt.toISOString() };
  return success(c, `Link for ${username} created successfully`, { data });
});

users.openapi(endSessions, async (c) => {
  const { username } = await readChangeable(c, c.req.valid("param").user_id);
  const ended = await endSessionsOf(c, username.toLowerCase());
  return success(c, `Sessions of ${username} ended successfully`, { ended });
});

async function changedMeanwhile(c: AppContext, userId: string): Promise<ApiError> {
  const current = toUser(await readUser(c, userId), c.get("actor"));
  return new ApiError("version_conflict", "This user was changed in the meantime", { current });
}

async function readUser(c: AppContext, userId: string): Promise<UserRow> {
  const row = await findUser(c.env, c.get("actor"), userId);
  if (!row) throw notFound(`User ${userId}`);
  return row;
}

/** A user that the caller may change: without a higher role and without organizations beyond the caller's. */
async function readChangeable(c: AppContext, userId: string): Promise<UserRow> {
  const row = await readUser(c, userId);
  assertMayGrant(c.get("actor"), row.role);
  assertMayBind(c.get("actor"), row.organizations);
  return row;
}

function assertMayHave(actor: Actor, { role, organizations }: UserAccess): void {
  if (role === "superadmin" && organizations !== null && coversRole(actor, role)) {
    const details = [{ path: "/body/organizations", code: "custom", message: "a superadmin is not bound: send null" }];
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  assertMayGrant(actor, role);
  assertMayBind(actor, organizations);
}

/** Refuses with what helps where there is no provider any more that could decide for an account of single sign-on. */
function assertSsoIsSetUp(c: AppContext, username: string): void {
  if (settingsOf(c.env).login.sso) return;
  const remedy = "Create a local account for this person under another name, or set single sign-on up again";
  throw new ApiError("sso_decides", `${username} is an account of single sign-on, which is not set up here. ${remedy}`);
}

function toAudit({ role, organizations, isActive }: UserAccess) {
  return { role, organizations, is_active: isActive };
}

/** Leaves out organizations that the caller may not see. */
function toUser(row: UserRow, actor: Actor): UserView {
  const own = organizationsOf(actor);
  return {
    user_id: row.userId,
    username: row.username,
    role: row.role,
    organizations: own === null ? row.organizations : (row.organizations?.filter((id) => own.includes(id)) ?? null),
    is_active: row.isActive,
    has_password: row.hasPassword,
    is_sso: row.isSso,
    last_login: isoMoment(row.lastLogin),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    edit_version: row.updatedAt.getTime(),
  };
}
