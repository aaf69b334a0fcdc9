/** What the queue needs to know of a message. */
interface Entry {
  id: string;
  created_at: string;
}

export interface QueueView<T extends Entry> {
  /** What is on the screen, in this order: nothing moves, and what is older is added at the end. */
  readonly items: readonly T[];
  /** What else the controller lists, newest first; shown on demand. */
  readonly fresh: readonly T[];
  /** Ids of `items` that the controller no longer lists: decided elsewhere, hidden or gone. */
  readonly missing: readonly string[];
}

/** Newest first, as the controller lists them. */
function isOlder(one: Entry, other: Entry): boolean {
  return one.created_at < other.created_at || (one.created_at === other.created_at && one.id < other.id);
}

/**
 * Holds what is shown against a new answer without moving anything. `isComplete`: the answer has every match; otherwise
 * what is older than its last entry may be there still.
 */
export function compareView<T extends Entry>(
  shown: readonly T[],
  listed: readonly T[],
  isComplete: boolean,
): QueueView<T> {
  const known = new Set(shown.map((item) => item.id));
  const current = new Map(listed.map((item) => [item.id, item]));
  const [end, listedEnd] = [shown.at(-1), listed.at(-1)];
  const isMissing = (item: T) => !current.has(item.id) && (isComplete || !listedEnd || !isOlder(item, listedEnd));
  const added = listed.filter((item) => !known.has(item.id));
  const isBeyond = (item: T) => !end || isOlder(item, end);
  return {
    items: [...shown.map((item) => current.get(item.id) ?? item), ...added.filter(isBeyond)],
    fresh: added.filter((item) => !isBeyond(item)),
    missing: shown.filter(isMissing).map((item) => item.id),
  };
}

/** Where to go from an item that is done: the next one that is open, else the one before it, else nowhere. */
export function advance(ids: readonly string[], from: string | null, isOpen: (id: string) => boolean): string | null {
  const at = from === null ? -1 : ids.indexOf(from);
  return ids.slice(at + 1).find(isOpen) ?? ids.slice(0, Math.max(0, at)).findLast(isOpen) ?? null;
}

/** The ids from one to another, both included, in the order of the list. */
export function between(ids: readonly string[], one: string, other: string): string[] {
  const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b);
  return from === undefined || to === undefined || from < 0 ? [other] : ids.slice(from, to + 1);
}
