import type { Millis } from "../contract/presence.ts";

export const THROTTLE_WINDOW_MS = 15 * 60_000;
export const MAX_FAILURES_PER_NAME_AND_ADDRESS = 5;
export const MAX_FAILURES_PER_ADDRESS = 20;
const DELAY_STEP_MS = 250;
const MAX_DELAY_MS = 2_000;

/** Times of failed attempts within the window, oldest first. */
export interface Failures {
  byNameAndAddress: Millis[];
  byAddress: Millis[];
  /** From any address. */
  byName: number;
}

export type Verdict = { ok: true; delayMs: number } | { ok: false; retryAfterMs: number };

/** DESIGN §8. A name alone only adds delay, so that nobody can lock somebody else out. */
export function judgeLogin(failures: Failures, now: Millis): Verdict {
  const retryAfterMs = Math.max(
    waitFor(failures.byNameAndAddress, MAX_FAILURES_PER_NAME_AND_ADDRESS, now),
    waitFor(failures.byAddress, MAX_FAILURES_PER_ADDRESS, now),
  );
  if (retryAfterMs > 0) return { ok: false, retryAfterMs };
  const beyond = Math.max(0, failures.byName - MAX_FAILURES_PER_NAME_AND_ADDRESS + 1);
  return { ok: true, delayMs: Math.min(beyond * DELAY_STEP_MS, MAX_DELAY_MS) };
}

/** How long until fewer than `limit` of these are left in the window. */
function waitFor(times: Millis[], limit: number, now: Millis): Millis {
  const deciding = times.at(-limit);
  return deciding === undefined ? 0 : Math.max(0, deciding + THROTTLE_WINDOW_MS - now);
}
