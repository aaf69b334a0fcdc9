import { createMiddleware } from "hono/factory";
import { type Actor, actorName } from "../contract/actor.ts";
import type { AppContext, AppEnv } from "./app-env.ts";
import { networkOf } from "./caller.ts";
import { ApiError, handleError } from "./errors.ts";

/** What the platform counts per key; see `[[ratelimits]]` in wrangler.toml for limits and periods. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** The periods of the limiters, after which their counts have gone down: that is what a refusal asks to wait. */
const PERIOD_SEC = { address: 10, refusal: 60, call: 60 };

/**
 * Around everything that takes a credential: how much may come from one address. The counts of all limiters are those of one
 * Cloudflare location and approximate: they keep a flood out. What has to be exact (logins) is counted in the Auth object.
 */
export const limitAddress = createMiddleware<AppEnv>(async (c, next) => {
  if (!(await isWithin(c.env.ADDRESS_RATE, networkOf(c)))) throw tooMany(PERIOD_SEC.address);
  await next();
});

/** Around everything, because a page can be asked for with a credential in its address: how many may be refused. */
export const limitRefusals = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  if (c.res.status !== 401 || c.get("isRefusalCounted")) return;
  if (await isWithin(c.env.REFUSAL_RATE, networkOf(c))) return;
  // A failed login has told of itself.
  if (c.get("errorCode") !== "invalid_credentials") c.set("isOverRefusals", true);
  // Assigning over a set response would merge the old headers in again.
  c.res = undefined;
  c.res = handleError(tooMany(PERIOD_SEC.refusal), c);
});

/**
 * To be called before Postgres or the audit hears of a credential that nothing here knows: it counts as refused from then on, and
 * is not looked at when too many were. So made-up credentials cost no more statements than may be refused. It has a count of
 * its own: a few orchestrators of a site with a wrong token, which retry for ever, must not keep the others from joining.
 */
export async function countBeforeLookup(c: AppContext): Promise<void> {
  if (c.get("isRefusalCounted")) return;
  c.set("isRefusalCounted", true);
  if (await isWithin(c.env.REFUSAL_RATE, `lookup ${networkOf(c)}`)) return;
  c.set("isOverRefusals", true);
  throw tooMany(PERIOD_SEC.refusal);
}

/** Counts a call of somebody who is known. */
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
