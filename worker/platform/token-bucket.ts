import type { Millis } from "../contract/presence.ts";

/** How much may still come, and at which moment that was so. */
export interface Bucket {
  tokens: number;
  tokensAt: Millis;
}

export interface Refill {
  burst: number;
  perSec: number;
}

/** The bucket with one token taken out. Below zero: there was none, and what asked for it is too much. */
export function takeToken({ tokens, tokensAt }: Bucket, { burst, perSec }: Refill, now: Millis): Bucket {
  const refill = (Math.max(0, now - tokensAt) / 1000) * perSec;
  return { tokens: Math.min(burst, tokens + refill) - 1, tokensAt: now };
}
