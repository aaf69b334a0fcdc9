import type { Millis } from "../contract/presence.ts";

/** The number of tokens left, and the moment of that number. */
export interface Bucket {
  tokens: number;
  tokensAt: Millis;
}

export interface Refill {
  burst: number;
  perSec: number;
}

/** The bucket after taking one token. Below zero: there was none, so the call is over the rate. */
export function takeToken({ tokens, tokensAt }: Bucket, { burst, perSec }: Refill, now: Millis): Bucket {
  const refill = (Math.max(0, now - tokensAt) / 1000) * perSec;
  return { tokens: Math.min(burst, tokens + refill) - 1, tokensAt: now };
}
