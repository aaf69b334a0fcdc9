import type { Millis } from "../contract/presence.ts";
import type { LoginThrottle } from "../contract/session.ts";

export const THROTTLE_WINDOW_MS = 15 * 60_000;
/** How long a name counts as known at an address after a login. */
export const KNOWN_MS = 30 * 86_400_000;
export const MAX_FAILURES_PER_NAME_AND_ADDRESS = 5;
/** For a name that has logged in from the address before: probably its owner, with a forgotten password. */
export const MAX_FAILURES_WHERE_KNOWN = 30;
/** After this many failures, attempts from an address are spaced by growing gaps. */
export const FREE_FAILURES_PER_ADDRESS = 20;
const GAP_STEP_MS = 1_000;
const MAX_GAP_MS = 30_000;
/** An attempt that would have to wait longer for its turn is refused, because browsers do not wait that long. */
export const MAX_TURN_WAIT_MS = 5_000;
const DELAY_STEP_MS = 250;
const MAX_DELAY_MS = 2_000;

/** Times of failed attempts within the window, oldest first. An attempt that waits for its turn has the time of its turn. */
export interface Failures {
  byNameAndAddress: Millis[];
  byAddress: Millis[];
  /** From any address. */
  byName: number;
  /** The name has logged in from the address before. */
  isKnown: boolean;
}

export type Verdict = { ok: true; delayMs: number } | { ok: false; retryAfterMs: number };

/**
 * Decides on a login attempt. Only failures with the same name and address lock it out. Other failures from the address,
 * which a whole office may share, only make it wait for its turn, and only if the name is not known there. So nobody can lock
 * out another person, and guesses at many names are limited to a few a minute.
 */
export function judgeLogin(failures: Failures, now: Millis): Verdict {
  const { byNameAndAddress, byName, isKnown } = failures;
  const retryAfterMs = waitFor(byNameAndAddress, failuresAllowed(isKnown), now);
  if (retryAfterMs > 0) return { ok: false, retryAfterMs };
  const turnMs = isKnown ? 0 : turnAfter(failures.byAddress, now);
  if (turnMs > MAX_TURN_WAIT_MS) return { ok: false, retryAfterMs: turnMs - MAX_TURN_WAIT_MS };
  const beyond = Math.max(0, byName - MAX_FAILURES_PER_NAME_AND_ADDRESS + 1);
  return { ok: true, delayMs: Math.max(turnMs, Math.min(beyond * DELAY_STEP_MS, MAX_DELAY_MS)) };
}

function failuresAllowed(isKnown: boolean): number {
  return isKnown ? MAX_FAILURES_WHERE_KNOWN : MAX_FAILURES_PER_NAME_AND_ADDRESS;
}

/** How long the next attempt from an address has to wait for its turn. */
function turnAfter(times: Millis[], now: Millis): Millis {
  const last = times.at(-1);
  const beyond = times.length - FREE_FAILURES_PER_ADDRESS + 1;
  if (last === undefined || beyond <= 0) return 0;
  return Math.max(0, last + Math.min(beyond * GAP_STEP_MS, MAX_GAP_MS) - now);
}

/** How long until fewer than `limit` of these times are within the window. */
function waitFor(times: Millis[], limit: number, now: Millis): Millis {
  const deciding = times.at(-limit);
  return deciding === undefined ? 0 : Math.max(0, deciding + THROTTLE_WINDOW_MS - now);
}

/** A failed attempt within the window. */
export interface Attempt {
  name: string;
  address: string;
  at: Millis;
  isKnown: boolean;
}

/** Accounts that are locked out and addresses whose attempts have to wait, the longest first. */
export function listThrottles(attempts: readonly Attempt[], now: Millis): LoginThrottle[] {
  const pairs = Map.groupBy(attempts, ({ name, address }) => JSON.stringify([name, address]));
  const locked = [...pairs.values()].flatMap((group): LoginThrottle[] => {
    const [first] = group;
    if (!first) return [];
    const endsInMs = waitFor(timesOf(group), failuresAllowed(first.isKnown), now);
    if (endsInMs === 0) return [];
    return [{ username: first.name, address: first.address, failures: group.length, until: now + endsInMs }];
  });
  const addresses = Map.groupBy(attempts, ({ address }) => address);
  const slowed = [...addresses].flatMap(([address, group]): LoginThrottle[] => {
    const endsInMs = waitFor(timesOf(group), FREE_FAILURES_PER_ADDRESS, now);
    return endsInMs === 0 ? [] : [{ username: null, address, failures: group.length, until: now + endsInMs }];
  });
  return [...locked, ...slowed].sort((a, b) => b.until - a.until);
}

function timesOf(attempts: readonly Attempt[]): Millis[] {
  return attempts.map(({ at }) => at).sort((a, b) => a - b);
}
