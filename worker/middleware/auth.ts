import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { authOf } from "../auth/stub.ts";
import { settingsOf } from "../config.ts";
import type { Actor } from "../contract/actor.ts";
import { isForAgents, isPublic, type Permission, permits } from "../contract/permissions.ts";
import { agentActor } from "./agent.ts";
import type { AppContext, AppEnv } from "./app-env.ts";
import { digestOf, isSessionToken, SESSION_COOKIE } from "./credentials.ts";
import { assertCookieWrite } from "./csrf.ts";
import { developmentActor, developmentAgent } from "./development.ts";
import { ApiError } from "./errors.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i;
const ANONYMOUS: Actor = { kind: "anonymous" };

/** Lets a request pass when its actor has the permission that the route requires. */
export function guard(permission: Permission) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!isPublic(permission)) {
      const actor = await identify(c, permission);
      c.set("actor", actor);
      if (!permits(actor, permission)) {
        throw actor.kind === "anonymous"
          ? new ApiError("unauthorized", "Authentication is required")
          : new ApiError("forbidden", "This is not allowed");
      }
    }
    await next();
  });
}

/** Tokens are looked for in the Authorization header and the session cookie, never in the query string. */
async function identify(c: AppContext, permission: Permission): Promise<Actor> {
  const authorization = c.req.header("Authorization");
  if (authorization !== undefined) return await fromAuthorization(c.env, authorization);
  const token = getCookie(c, SESSION_COOKIE);
  const actor = token === undefined ? null : await sessionActor(c.env, token);
  if (actor) {
    assertCookieWrite(c.req.raw, settingsOf(c.env).allowedOrigins);
    return actor;
  }
  if (process.env.NODE_ENV !== "production" && isForAgents(permission)) return developmentAgent;
  return ANONYMOUS;
}

/** Two Authorization headers arrive joined by a comma, which no token contains. */
async function fromAuthorization(env: Env, authorization: string): Promise<Actor> {
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) {
    if (process.env.NODE_ENV !== "production") {
      const actor = await developmentActor(env, token);
      if (actor) return actor;
    }
    const actor = (await agentActor(env, token)) ?? (await sessionActor(env, token));
    if (actor) return actor;
  }
  throw new ApiError("unauthorized", "The credentials are not valid");
}

/** The digest of the session this request presents, or null. */
export async function presentedSession(c: AppContext): Promise<string | null> {
  const authorization = c.req.header("Authorization");
  const token = authorization === undefined ? getCookie(c, SESSION_COOKIE) : BEARER.exec(authorization)?.[1];
  return token !== undefined && isSessionToken(token) ? await digestOf(token) : null;
}

async function sessionActor(env: Env, token: string): Promise<Actor | null> {
  if (!isSessionToken(token)) return null;
  const session = await authOf(env).session(await digestOf(token));
  if (!session) return null;
  return { kind: "user", name: session.username, role: session.role, organizations: session.organizations };
}
