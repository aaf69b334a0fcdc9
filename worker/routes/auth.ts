import { authOf } from "../auth/stub.ts";
import { canonicalName } from "../contract/people.ts";
import {
  loginAnswer,
  loginBody,
  logoutAllAnswer,
  logoutAnswer,
  meAnswer,
  tokenSessionBody,
} from "../contract/rest/auth.ts";
import type { NewSession } from "../contract/session.ts";
import { findCredentials, recordLogin } from "../db/users.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { behindAnswer, noteAccess } from "../middleware/audit.ts";
import { screenIdentity } from "../middleware/auth.ts";
import { digestOf, newSessionToken } from "../middleware/credentials.ts";
import { assertSameOrigin, isBrowser } from "../middleware/csrf.ts";
import { developmentLogin } from "../middleware/development.ts";
import { ApiError } from "../middleware/errors.ts";
import { verifyPassword } from "../platform/passwords.ts";
import { BUILD, mayUsePassword, settingsOf } from "../platform/settings.ts";
import { endSessionUrl } from "../sso/provider.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { deleteSessionCookie, setSessionCookie } from "./session-cookie.ts";
import { admitGuess, endSessionsOf } from "./sessions.ts";
import { success } from "./success.ts";

const MAX_COOKIE_AGE_SEC = 400 * 86_400;

const login = defineRoute({
  method: "post",
  path: "/api/v1/internal/auth/login",
  tag: "Auth",
  summary: "Log in",
  description: "Opens a session: a cookie for browsers, a bearer token for everyone else.",
  permission: "session.open",
  request: { body: json(loginBody) },
  response: loginAnswer,
  errors: ["invalid_credentials", "csrf_rejected", "origin_rejected", "rate_limited", "database_unavailable"],
});

const tokenSession = defineRoute({
  method: "post",
  path: "/api/v1/internal/auth/token-session",
  tag: "Auth",
  summary: "Log a wall screen in with a read-only token",
  description:
    "Sets the cookie of a read-only session for the organizations of the token. The session has no idle timeout and ends when the token expires or is revoked. The token needs an expiry and only the scope read.",
  permission: "session.open",
  request: { body: json(tokenSessionBody) },
  response: loginAnswer,
  errors: ["invalid_credentials", "csrf_rejected", "origin_rejected", "database_unavailable"],
});

const logout = defineRoute({
  method: "post",
  path: "/api/v1/internal/auth/logout",
  tag: "Auth",
  summary: "Log out",
  description:
    "Ends the session on the server. A session of single sign-on stays open at the provider until the browser opens `end_session_url`.",
  permission: "session.own",
  response: logoutAnswer,
});

const logoutAll = defineRoute({
  method: "post",
  path: "/api/v1/internal/auth/logout-all",
  tag: "Auth",
  summary: "Log out everywhere",
  description:
    "Ends every session of the caller, this one included, and closes their streams. A wall screen only logs out itself.",
  permission: "session.own",
  response: logoutAllAnswer,
});

const me = defineRoute({
  method: "get",
  path: "/api/v1/internal/auth/me",
  tag: "Auth",
  summary: "Who is calling",
  permission: "session.own",
  response: meAnswer,
});

export const auth = createRouter();

auth.openapi(login, async (c) => {
  const browser = isBrowser(c.req.raw.headers);
  if (browser) assertSameOrigin(c.req.raw, settingsOf(c.env).allowedOrigins);
  const { username, password } = c.req.valid("json");
  const target = { type: "user" as const, id: canonicalName(username) };
  const gate = await admitGuess(c, target.id);
  const user = await verify(c.env, username, password);
  if (!user) {
    noteAccess(c, { action: "auth.login_failed", target, code: "invalid_credentials" });
    throw new ApiError("invalid_credentials", "Invalid credentials");
  }
  const token = newSessionToken();
  const session = await authOf(c.env).openSession({
    ...user,
    digest: digestOf(token),
    attemptId: gate.attemptId,
    admittedAt: gate.admittedAt,
  });
  if (!session) throw new ApiError("overloaded", "Your access has just changed. Log in again");
  c.set("actor", { kind: "user", name: user.username, role: user.role, organizations: user.organizations });
  noteAccess(c, { action: "auth.login", target, code: null });
  behindAnswer(c, () => recordLogin(c.env, target.id));
  setSessionCookie(c, token);
  return success(c, "Login successful", {
    user: { username: user.username, role: user.role, ...(!browser && { token }) },
    expires_at: new Date(session.expiresAt).toISOString(),
  });
});

auth.openapi(tokenSession, async (c) => {
  if (isBrowser(c.req.raw.headers)) assertSameOrigin(c.req.raw, settingsOf(c.env).allowedOrigins);
  const { token } = c.req.valid("json");
  const screen = await screenIdentity(c, token);
  if (!screen) {
    const target = { type: "user" as const, id: "" };
    noteAccess(c, { action: "auth.login_failed", target, code: "invalid_credentials" });
    throw new ApiError("invalid_credentials", "Use a valid API token that has an expiry and only the scope read");
  }
  const { actor, endsAt } = screen;
  c.set("actor", actor);
  noteAccess(c, { action: "auth.login", target: { type: "user", id: actor.name }, code: null });
  setSessionCookie(c, token, screenCookieAge(endsAt - Date.now()));
  return success(c, "Login successful", {
    user: { username: actor.name, role: actor.role },
    expires_at: new Date(endsAt).toISOString(),
  });
});

/** Browsers keep a cookie for at most 400 days, and hono refuses a longer time. */
function screenCookieAge(leftMs: number): number {
  return Math.max(1, Math.min(Math.floor(leftMs / 1000), MAX_COOKIE_AGE_SEC));
}

auth.openapi(logout, async (c) => {
  const there = await logoutAtProvider(c);
  await endOwnSession(c);
  deleteSessionCookie(c);
  return success(c, "Logout successful", { ...there });
});

auth.openapi(logoutAll, async (c) => {
  const actor = c.get("actor");
  const there = await logoutAtProvider(c);
  let ended = 0;
  if (isScreen(c)) await endOwnSession(c);
  else if (actor.kind === "user") ended = await endSessionsOf(c, actor.name);
  deleteSessionCookie(c);
  return success(c, "All sessions ended", { ended, ...there });
});

auth.openapi(me, (c) => {
  const actor = c.get("actor");
  if (actor.kind !== "user") throw new ApiError("forbidden", "This is not allowed");
  return success(c, "User retrieved successfully", {
    user: { username: actor.name, role: actor.role, organizations: actor.organizations },
    method: methodOf(c),
    is_screen: isScreen(c),
    mode: BUILD,
  });
});

/** Whether the caller uses the token of a wall screen, which other screens may use too. */
function isScreen(c: AppContext): boolean {
  return c.get("actor").kind === "user" && c.get("credential")?.kind === "token";
}

function methodOf(c: AppContext): "password" | "sso" | "token" {
  return isScreen(c) ? "token" : (c.get("credential")?.method ?? "password");
}

/** How the session was opened, and where else it has to be ended. Read before it is ended. */
async function logoutAtProvider(c: AppContext) {
  const method = methodOf(c);
  const { login: settings } = settingsOf(c.env);
  const digest = c.get("credential")?.digest;
  if (method !== "sso" || digest === undefined || !settings.sso) return { method, end_session_url: null };
  const returnTo = `${settings.publicUrl ?? new URL(c.req.url).origin}/login`;
  const idToken = await authOf(c.env).idTokenOf(digest);
  return { method, end_session_url: await endSessionUrl(settings.sso, idToken, returnTo, Date.now()) };
}

/** A wall screen has nothing to end but the cookie. */
async function endOwnSession(c: AppContext): Promise<void> {
  const digest = c.get("credential")?.digest;
  const actor = c.get("actor");
  const ended = digest !== undefined && (isScreen(c) || (await authOf(c.env).endSession(digest)));
  if (ended) await dropViewers(c.env, { session: digest, comesBack: isScreen(c) });
  if (ended && actor.kind === "user") {
    noteAccess(c, { action: "auth.logout", target: { type: "user", id: actor.name }, code: null });
  }
}

type Identity = Pick<NewSession, "username" | "role" | "organizations">;

/** Asks each source of users in turn. */
async function verify(env: Env, username: string, password: string): Promise<Identity | null> {
  if (DEVELOPMENT_BUILD) {
    const user = developmentLogin(env, username, password);
    if (user) return user;
  }
  const name = canonicalName(username);
  const known = await findCredentials(env, name);
  if (!(await verifyPassword(password, known?.passwordHash ?? null)) || !known) return null;
  // Answered like a wrong password, so that a guess is not confirmed.
  if (!mayUsePassword(env, known.role)) return null;
  return { username: name, role: known.role, organizations: known.organizations };
}
