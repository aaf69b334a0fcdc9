import { authOf } from "../auth/stub.ts";
import { acceptLinkAnswer, acceptLinkBody, passwordAnswer, passwordBody } from "../contract/rest/auth.ts";
import { findLink, replacePassword, useLink } from "../db/people.ts";
import { findCredentials } from "../db/users.ts";
import { noteAccess } from "../middleware/audit.ts";
import { auditEntry } from "../middleware/caller.ts";
import { digestOf } from "../middleware/credentials.ts";
import { assertSameOrigin, isBrowser } from "../middleware/csrf.ts";
import { ApiError } from "../middleware/errors.ts";
import { hashNewPassword } from "../platform/new-password.ts";
import { verifyPassword } from "../platform/passwords.ts";
import { mayUsePassword, settingsOf } from "../platform/settings.ts";
import { digestsEqual, parseToken } from "../platform/tokens.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { endCredentialsBeyond } from "./revoke-credentials.ts";
import { admitGuess, endSessionsOf } from "./sessions.ts";
import { success } from "./success.ts";

const change = defineRoute({
  method: "put",
  path: "/api/v1/internal/auth/password",
  tag: "Auth",
  summary: "Change the caller's password",
  description:
    "Ends every other session of the caller, and, unless `end_tokens` is false, the API and join tokens and the links that the caller has made. Wrong guesses at the current password count as failed logins.",
  permission: "session.own",
  request: { body: json(passwordBody) },
  response: passwordAnswer,
  errors: ["invalid_credentials", "rate_limited", "database_unavailable"],
});

const accept = defineRoute({
  method: "post",
  path: "/api/v1/internal/auth/accept-link",
  tag: "Auth",
  summary: "Set a password with a one-time link",
  description:
    "Uses up the link and ends every session of that person, with the API tokens, join tokens and links that they made. Log in next.",
  permission: "session.open",
  request: { body: json(acceptLinkBody) },
  response: acceptLinkAnswer,
  errors: ["invalid_credentials", "csrf_rejected", "origin_rejected", "rate_limited", "database_unavailable"],
});

export const passwords = createRouter();

passwords.openapi(change, async (c) => {
  const actor = c.get("actor");
  const { current, new: wanted, end_tokens: endsTokens } = c.req.valid("json");
  const gate = await admitGuess(c, actor.kind === "user" ? actor.name : "");
  const known = actor.kind === "user" ? await findCredentials(c.env, actor.name) : null;
  const fits = await verifyPassword(current, known?.passwordHash ?? null);
  if (!fits || !known || actor.kind !== "user") {
    noteAccess(c, {
      action: "auth.password_failed",
      target: { type: "user", id: actor.kind === "user" ? actor.name : "" },
      code: "invalid_credentials",
    });
    throw new ApiError("invalid_credentials", "The current password is not correct");
  }
  const audit = auditEntry(c, {
    action: "user.password",
    targetType: "user",
    targetId: actor.name,
    organizationId: null,
    before: null,
    after: { by: "current password" },
  });
  const hashes = { from: known.passwordHash, to: await hashOf(wanted, "new", actor.name, gate.attemptId, c.env) };
  // Before the password changes, so that a failure can be repeated as a whole; once more after the sessions end.
  const before = endsTokens ? await endCredentialsBeyond(c, actor.name, null) : 0;
  if (!(await replacePassword(c.env, actor.name, hashes, audit))) {
    throw new ApiError("invalid_credentials", "The current password is not correct");
  }
  await authOf(c.env).forgive(gate.attemptId);
  const ended = await endSessionsOf(c, actor.name, c.get("credential")?.digest ?? "");
  const ended_tokens = before + (endsTokens ? await endCredentialsBeyond(c, actor.name, null) : 0);
  return success(c, "Password changed successfully", { ended, ended_tokens });
});

passwords.openapi(accept, async (c) => {
  if (isBrowser(c.req.raw.headers)) assertSameOrigin(c.req.raw, settingsOf(c.env).allowedOrigins);
  const { token, password } = c.req.valid("json");
  const parsed = parseToken(token);
  const keyId = parsed?.kind === "link" ? parsed.keyId : null;
  // A name that nobody can have, because guesses at links count for the address and against no person.
  const gate = await admitGuess(c, `link ${keyId ?? ""}`.trim());
  const link = keyId === null ? null : await findLink(c.env, keyId);
  const refuse = () => {
    const target = { type: "user" as const, id: link?.username ?? "" };
    noteAccess(c, { action: "auth.link_failed", target, code: "invalid_credentials" });
    return new ApiError("invalid_credentials", "This link is not valid any more");
  };
  if (!link || keyId === null || !digestsEqual(link.digest, digestOf(token))) throw refuse();
  const { username, role, organizations, purpose } = link;
  if (!mayUsePassword(c.env, role)) throw refuse();
  c.set("actor", { kind: "user", name: username, role, organizations });
  const audit = auditEntry(c, {
    action: "user.password",
    targetType: "user",
    targetId: username,
    organizationId: null,
    before: null,
    after: { by: `${purpose} link`, key_id: keyId },
  });
  const hash = await hashOf(password, "password", username, gate.attemptId, c.env);
  // Before the link is used up, so that a failure can be repeated as a whole.
  await endCredentialsBeyond(c, username, null);
  if (!(await useLink(c.env, keyId, hash, audit))) throw refuse();
  await authOf(c.env).forgive(gate.attemptId);
  await endSessionsOf(c, username);
  // After the sessions: for what was made meanwhile. A token that is being made finds out by itself.
  await endCredentialsBeyond(c, username, null);
  return success(c, "Password set successfully", { user: { username } });
});

/** The hash of a password that is hard to guess; another one is refused, which is no guess at a secret and uses no link up. */
async function hashOf(password: string, field: string, username: string, attemptId: number, env: Env): Promise<string> {
  const made = await hashNewPassword(password, username);
  if (made.ok) return made.hash;
  await authOf(env).forgive(attemptId);
  throw new ApiError("validation_failed", `The password ${made.problem}`, {
    details: [{ path: `/body/${field}`, code: "too_easy", message: made.problem }],
  });
}
