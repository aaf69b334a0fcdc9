import type { Millis } from "../contract/presence.ts";

export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_ABSOLUTE_MS = 12 * 3_600_000;
/** The last use is stored at most this often, so that a busy session costs one row a minute and not one per request. */
export const SESSION_TOUCH_MS = 60_000;

/** Sessions of one person. One more ends the least recently used one, because forgotten sessions must not block a login. */
export const MAX_SESSIONS = 50;

export interface SessionTimes {
  openedAt: Millis;
  usedAt: Millis;
}

/** When the session ends if it is not used again. */
export function sessionExpiry({ openedAt, usedAt }: SessionTimes): Millis {
  return Math.min(openedAt + SESSION_ABSOLUTE_MS, usedAt + SESSION_IDLE_MS);
}

export function isSessionOver(times: SessionTimes, now: Millis): boolean {
  return now >= sessionExpiry(times);
}

export function shouldTouch(times: SessionTimes, now: Millis): boolean {
  return now - times.usedAt >= SESSION_TOUCH_MS;
}
