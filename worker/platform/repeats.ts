import type { Millis } from "../contract/presence.ts";

/** What repeats within this time after the last time is one entry. */
export const REPEAT_WINDOW_MS = 10 * 60_000;

export interface Occurrence {
  /** The last time. */
  at: Millis;
  /** Others were folded into it already. */
  isFolded: boolean;
}

/**
 * Whether what happens now is to be folded into the newest of its equals. The first few of them, newest first in `recent`,
 * stay by themselves: only one that repeats over and over would push out what others did.
 */
export function isRepeat(recent: readonly Occurrence[], now: Millis, singly: number): boolean {
  const [newest] = recent;
  if (!newest || now - newest.at > REPEAT_WINDOW_MS) return false;
  if (newest.isFolded) return true;
  return recent.filter(({ at }) => now - at <= REPEAT_WINDOW_MS).length >= singly;
}
