import type { Millis } from "./presence.ts";

/** Where an entry stands in one source of a list, newest first: `n` tells apart what happened in the same millisecond. */
export interface Place {
  at: Millis;
  /** Unique within its millisecond, and higher for the newer. */
  n: number;
}

/** Of what older code has given, `n` is not known. */
export function placeOf({ at, n = 0 }: { at: Millis; n?: number }): Place {
  return { at, n };
}
