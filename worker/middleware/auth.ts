import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { authOf } from "../auth/stub.ts";
import { type Actor, apiTokenActor, organizationsOf } from "../contract/actor.ts";
import { isForAgents, isPublic, type Permission, permits } from "../contract/permissions.ts";
import type { Millis } from "../contract/presence.ts";
import type { ViewerIdentity } from "../contract/session.ts";
import { recordApiTokenUse } from "../db/api-tokens.ts";
import { DatabaseUnavailable } from "../db/client.ts";
import { settingsOf } from "../platform/settings.ts";
import { parseToken } from "../platform/tokens.ts";
import { agentActor, readAgentToken } from "./agent-token.ts";
import type { AppContext, AppEnv, Credential } from "./app-env.ts";
import { behindAnswer } from "./audit.ts";
import { type Presented, readAuthorization } from "./authorization.ts";
import { accountOf } from "./caller.ts";
import { digestOf, isSessionToken, SESSION_COOKIE } from "./credentials.ts";
import { assertCookieWrite } from "./csrf.ts";
import { developmentActor, developmentAgent } from "./development.ts";
import { ApiError } from "./errors.ts";
import { countBeforeLookup, limitCaller } from "./rate.ts";
import { claimedId, noteRefusedAgent } from "./refused-agents.ts";
import { isWebSocketUpgrade } from "./upgrade.ts";

/** Marks requests that the dashboard makes by itself while nobody uses the page. */
const UNATTENDED_HEADER = "X-Moolai-Unattended";
/** The person that the page shows, percent-encoded: another tab may have logged in as another user. */
const USER_HEADER = "X-Moolai-User";
const ANONYMOUS: Actor = { kind: "anonymous" };

interface Identity {
  actor: Actor;
  credential?: Credential;
}

interface ScreenIdentity extends Identity {
  actor: Extract<Actor, { kind: "user" }>;
  endsAt: Millis;
}

/** Lets a request pass when its actor has the permission that the route requires. */
export function guard(permission: Permission) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!isPublic(permission)) {
      const { actor, credential } = await identify(c, permission);
      c.set("actor", actor);
      c.set("credential", credential);
      if (!permits(actor, permission)) {
        throw actor.kind === "anonymous"
          ? new ApiError("unauthorized", "Authentication is required")
          : new ApiError("forbidden", "This is not allowed");
      }
      await limitCaller(c, actor);
    }
    await next();
  });
}

/** Tokens are read from the Authorization header and the session cookie, never from the query string. */
async function identify(c: AppContext, permission: Permission): Promise<Identity> {
  const authorization = c.req.header("Authorization");
  if (authorization !== undefined) return await fromAuthorization(c, authorization);
  const token = getCookie(c, SESSION_COOKIE);
  const identity = token === undefined ? null : await cookieIdentity(c, token);
  if (identity) {
    assertCookieWrite(c.req.raw, settingsOf(c.env).allowedOrigins);
    assertSameUser(c, identity.actor);
    return identity;
  }
  if (DEVELOPMENT_BUILD && isForAgents(permission)) return { actor: developmentAgent };
  return { actor: ANONYMOUS };
}

async function fromAuthorization(c: AppContext, authorization: string): Promise<Identity> {
  const presented = readAuthorization(authorization);
  const identity = presented && (await presentedIdentity(c, presented));
  if (!identity) throw new ApiError("unauthorized", "The credentials are not valid");
  return identity;
}

async function presentedIdentity(c: AppContext, { scheme, user, secret }: Presented): Promise<Identity | null> {
  if (scheme === "basic") return await basicIdentity(c, user, secret);
  return secret === null ? null : await bearerIdentity(c, secret);
}

/** Only orchestrators send `ID:TOKEN`. Passwords of people belong to the login, where guesses are counted. */
async function basicIdentity(c: AppContext, user: string | null, secret: string | null): Promise<Identity | null> {
  const credential = secret === null ? null : readAgentToken(secret);
  if (!credential || user === null) {
    noteRefusedAgent(c, user ?? credential?.orchestratorId ?? claimedId(secret ?? "") ?? "", "wrong_token");
    return null;
  }
  if (credential.orchestratorId !== user) {
    noteRefusedAgent(c, user, "wrong_id");
    return null;
  }
  const actor = await agentActor(c, credential);
  return actor && { actor };
}

async function bearerIdentity(c: AppContext, token: string): Promise<Identity | null> {
  if (DEVELOPMENT_BUILD) {
    const actor = developmentActor(c.env, token);
    if (actor) return { actor };
  }
  const parsed = parseToken(token);
  if (parsed?.kind === "api") return await apiTokenIdentity(c, parsed.keyId, token);
  const credential = readAgentToken(token);
  if (credential) {
    const actor = await agentActor(c, credential);
    return actor && { actor };
  }
  const claimed = claimedId(token);
  if (claimed !== null) noteRefusedAgent(c, claimed, "wrong_token");
  return await sessionIdentity(c, token);
}

/** The session of a person, or the read-only token of a wall screen. */
async function cookieIdentity(c: AppContext, token: string): Promise<Identity | null> {
  return (await sessionIdentity(c, token)) ?? (await screenIdentity(c, token));
}

/**
 * A wall screen is a viewer of what its token covers, until the token expires or is revoked. Null when the token may
 * do more than read, or never ends: the browser of a screen is left open to everybody who passes.
 */
export async function screenIdentity(c: AppContext, text: string): Promise<ScreenIdentity | null> {
  const token = parseToken(text);
  const identity = token?.kind === "api" ? await apiTokenIdentity(c, token.keyId, text) : null;
  const { actor, credential } = identity ?? {};
  if (actor?.kind !== "token" || !credential || credential.endsAt === null) return null;
  if (actor.scopes.some((scope) => scope !== "read")) return null;
  const { name, organizations } = actor;
  return { actor: { kind: "user", name, role: "viewer", organizations }, credential, endsAt: credential.endsAt };
}

async function sessionIdentity(c: AppContext, token: string): Promise<Identity | null> {
  if (!isSessionToken(token)) return null;
  const digest = digestOf(token);
  const session = await authOf(c.env).session(digest, isUse(c));
  if (!session) return null;
  const { username: name, role, organizations, expiresAt: endsAt, method = "password" } = session;
  return {
    actor: { kind: "user", name, role, organizations },
    credential: { kind: "session", digest, keyId: null, endsAt, method },
  };
}

/** Tabs share one cookie. A page must not show or send data of one person as another. */
function assertSameUser(c: AppContext, actor: Actor): void {
  // A page cannot set headers of a WebSocket.
  const inQuery = isWebSocketUpgrade(c.req.raw) ? c.req.query("user") : undefined;
  const claimed = c.req.header(USER_HEADER) ?? (inQuery && encodeURIComponent(inQuery));
  if (claimed === undefined || actor.kind !== "user" || claimed === encodeURIComponent(actor.name)) return;
  throw new ApiError("session_changed", "This browser is logged in as another user now. Reload the page.", {
    details: [{ path: "/session/user", code: "session_changed", message: actor.name }],
  });
}

/** A page that is only open does not extend its session, neither by its own requests nor by its stream. */
function isUse(c: AppContext): boolean {
  return c.req.header(UNATTENDED_HEADER) === undefined && c.req.header("Upgrade") === undefined;
}

async function apiTokenIdentity(c: AppContext, keyId: string, token: string): Promise<Identity | null> {
  const digest = digestOf(token);
  const known = await presentedToken(c, keyId, digest);
  if (typeof known === "string") throw new DatabaseUnavailable("The token cannot be looked up");
  if (!known) return null;
  if (known.tellUse) behindAnswer(c, () => tellUse(c.env, keyId));
  const { expiresAt: endsAt } = known;
  return {
    actor: apiTokenActor({ ...known, keyId }),
    credential: { kind: "token", digest, keyId, endsAt, maker: known.maker ?? undefined },
  };
}

/** A token that was never presented costs a lookup, which a flood of made-up ones must not exhaust. */
async function presentedToken(c: AppContext, keyId: string, digest: string) {
  const auth = authOf(c.env);
  const known = await auth.apiToken(keyId, digest, false);
  if (known !== "unread") return known;
  await countBeforeLookup(c);
  return await auth.apiToken(keyId, digest);
}

/** Postgres stores the use and has the last word: a token without a row is refused from now on. */
async function tellUse(env: Env, keyId: string): Promise<void> {
  if (!(await recordApiTokenUse(env, keyId))) await authOf(env).revokeApiToken(keyId);
}

/** The viewer that would follow the stream with this request. */
export function viewerOf(c: AppContext): ViewerIdentity {
  const actor = c.get("actor");
  if (actor.kind === "anonymous") throw new ApiError("unauthorized", "Authentication is required");
  const credential = c.get("credential");
  const { kind, name, organizations } = actor;
  return {
    kind,
    name,
    organizations,
    account: accountOf(c),
    session: credential?.digest ?? null,
    endsAt: credential?.endsAt ?? null,
  };
}

/** Whether the credential of this request still grants the same access: "changed" when it grants another one. */
export async function accessNow(c: AppContext): Promise<"same" | "changed" | "over"> {
  const credential = c.get("credential");
  if (!credential) return "same";
  const { kind, digest, keyId } = credential;
  const auth = authOf(c.env);
  const known =
    kind === "session" || keyId === null ? await auth.session(digest, false) : await auth.apiToken(keyId, digest);
  // A token that was valid a moment ago is found without Postgres, unless the object has lost its storage.
  if (!known || typeof known === "string") return "over";
  const actor = c.get("actor");
  const isSameRole = !("role" in known && actor.kind === "user") || known.role === actor.role;
  const isSameView = JSON.stringify(known.organizations) === JSON.stringify(organizationsOf(actor));
  return isSameRole && isSameView ? "same" : "changed";
}
