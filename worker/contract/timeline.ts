/** The position of an entry in one source of a list, newest first. `n` orders entries of the same millisecond. */
export interface Place {
  /** In epoch milliseconds. */
  at: number;
  /** Unique within its millisecond, and higher for the newer. */
  n: number;
}

/** Entries of older code have no known `n`. */
export function placeOf({ at, n = 0 }: { at: number; n?: number }): Place {
  return { at, n };
}
