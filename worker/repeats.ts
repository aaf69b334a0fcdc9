import type { Millis } from "./contract/presence.ts";

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

/**
 * The most that each holder of a full store may keep, so that all of it fits and no room is left unused: who has less
 * keeps everything. `counts`: what each holder has now.
 */
export function levelOf(counts: readonly number[], capacity: number): number {
  let room = capacity;
  let holders = counts.length;
  for (const count of [...counts].sort((a, b) => a - b)) {
    const level = Math.floor(room / holders);
    if (count > level) return level;
    room -= count;
    holders -= 1;
  }
  return capacity;
}
