import { createMiddleware } from "hono/factory";
import { type Actor, actorName } from "../contract/actor.ts";
import type { AppContext, AppEnv } from "./app-env.ts";
import { networkOf } from "./caller.ts";
import { ApiError, handleError } from "./errors.ts";

/** A rate limiter of the platform; see `[[ratelimits]]` in wrangler.toml for limits and periods. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** The periods of the limiters, which a refusal asks to wait. */
const PERIOD_SEC = { address: 10, refusal: 60, call: 60 };

/**
 * Limits the requests of one address, wherever a credential is accepted. The limiters count by Cloudflare location
 * and approximately: they keep a flood out. Logins, which need an exact count, are counted in the Auth object.
 */
export const limitAddress = createMiddleware<AppEnv>(async (c, next) => {
  if (!(await isWithin(c.env.ADDRESS_RATE, networkOf(c)))) throw tooMany(PERIOD_SEC.address);
  await next();
});

/** Limits the refusals of one address, for every path, because any address can contain a credential. */
export const limitRefusals = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  if (c.res.status !== 401 || c.get("isRefusalCounted")) return;
  if (await isWithin(c.env.REFUSAL_RATE, networkOf(c))) return;
  // A failed login was counted by itself.
  if (c.get("errorCode") !== "invalid_credentials") c.set("isOverRefusals", true);
  // Assigning to a set response would merge the old headers in again.
  c.res = undefined;
  c.res = handleError(tooMany(PERIOD_SEC.refusal), c);
});

/**
 * Call this before Postgres looks up an unknown credential. It counts the credential as refused, and refuses it
 * without a lookup when too many were. So made-up credentials cost a bounded number of statements. This budget is
 * separate, so that a few orchestrators with a wrong token, which retry for ever, do not keep the others of their
 * site from joining.
 */
export async function countBeforeLookup(c: AppContext): Promise<void> {
  if (c.get("isRefusalCounted")) return;
  c.set("isRefusalCounted", true);
  if (await isWithin(c.env.REFUSAL_RATE, `lookup ${networkOf(c)}`)) return;
  c.set("isOverRefusals", true);
  throw tooMany(PERIOD_SEC.refusal);
}

/** Counts a call of an authenticated caller. */
export async function limitCaller(c: AppContext, actor: Actor): Promise<void> {
  if (!(await isWithin(c.env.CALL_RATE, actorName(actor)))) throw tooMany(PERIOD_SEC.call);
}

async function isWithin(limiter: RateLimiter, key: string): Promise<boolean> {
  return (await limiter.limit({ key })).success;
}

function tooMany(retryAfterSec: number): ApiError {
  const message = `Too many requests. Wait ${retryAfterSec} seconds, then go on more slowly`;
  return new ApiError("rate_limited", message, { retryAfterSec });
}
