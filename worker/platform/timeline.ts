import type { Place } from "../contract/timeline.ts";
import { CursorRefused, type Key, readCursor, writeCursor } from "./cursor.ts";

/** Sorts the newest first. */
export function comparePlaces(left: Place, right: Place): number {
  return right.at - left.at || right.n - left.n;
}

/** Without `before`, every place is. */
export function isBefore(place: Place, before: Place | null | undefined): boolean {
  return !before || comparePlaces(before, place) < 0;
}

/** The list that the cursor belongs to, and the cursor. */
interface Filters {
  cursor?: string | undefined;
  [name: string]: unknown;
}

interface Entry<T> {
  value: T;
  place: Place;
  source: number;
}

function compareEntries(left: Entry<unknown>, right: Entry<unknown>): number {
  return right.place.at - left.place.at || left.source - right.source || right.place.n - left.place.n;
}

/**
 * A walk by cursor over the entries of several sources, newest first. Of entries in the same millisecond, those of
 * the first source come first. As with `Keyset`, the cursor names the last returned entry.
 */
export class TimelineWalk<T> {
  readonly #list: string;
  readonly #filters: Filters;
  readonly #placeOf: (value: T) => Place;
  readonly #last: (Place & { source: number }) | null;

  constructor(list: string, filters: Filters, placeOf: (value: T) => Place) {
    this.#list = list;
    this.#filters = filters;
    this.#placeOf = placeOf;
    this.#last = filters.cursor === undefined ? null : lastOf(readCursor(list, filters, filters.cursor));
  }

  /** The position at which to continue in this source; null: at its newest entry. */
  before(source: number): Place | null {
    if (!this.#last) return null;
    const { at, n } = this.#last;
    if (source === this.#last.source) return { at, n };
    // In this millisecond the sources before this one are finished, and those after it have not begun.
    return { at, n: source < this.#last.source ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER };
  }

  /** The entries to return. Each source was asked for one more than `limit`, which shows whether there is more. */
  take(answers: readonly (readonly T[])[], limit: number): { items: T[]; nextCursor: string | null } {
    const entries = answers.flatMap((values, source) =>
      values.map((value): Entry<T> => ({ value, place: this.#placeOf(value), source })),
    );
    // A source that still runs older code starts with its newest entry again.
    const left = entries.filter(({ place, source }) => isBefore(place, this.before(source))).sort(compareEntries);
    const given = left.slice(0, limit);
    const hasMore = left.length > limit || answers.some((values) => values.length > limit);
    return { items: given.map(({ value }) => value), nextCursor: hasMore ? this.#cursorAfter(given.at(-1)) : null };
  }

  #cursorAfter(last: Entry<T> | undefined): string | null {
    if (!last) return this.#filters.cursor ?? null;
    return writeCursor(this.#list, this.#filters, [last.place.at, last.source, last.place.n]);
  }
}

function lastOf(key: Key): Place & { source: number } {
  const [at, source, n] = key.filter((value) => Number.isSafeInteger(value)).map(Number);
  if (key.length !== 3 || at === undefined || source === undefined || n === undefined) {
    throw new CursorRefused("is not a cursor of this list");
  }
  return { at, source, n };
}
