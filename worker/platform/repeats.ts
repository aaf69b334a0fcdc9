import type { Millis } from "../contract/presence.ts";

/** A repeat within this time after the last occurrence is folded into it. */
export const REPEAT_WINDOW_MS = 10 * 60_000;

export interface Occurrence {
  /** The time of the last occurrence. */
  at: Millis;
  /** Whether others were folded into it. */
  isFolded: boolean;
}

/**
 * Whether an event is folded into its newest equal. The first few, newest first in `recent`, stay separate. Only an
 * event that repeats over and over would push out the events of others.
 */
export function isRepeat(recent: readonly Occurrence[], now: Millis, singly: number): boolean {
  const [newest] = recent;
  if (!newest || now - newest.at > REPEAT_WINDOW_MS) return false;
  if (newest.isFolded) return true;
  return recent.filter(({ at }) => now - at <= REPEAT_WINDOW_MS).length >= singly;
}
