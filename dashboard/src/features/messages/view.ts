/** The part of a message that the queue needs. */
interface Entry {
  id: string;
  created_at: string;
}

export interface QueueView<T extends Entry> {
  /** The messages on the screen in this order: nothing moves, and older messages are appended. */
  readonly items: readonly T[];
  /** New messages that are not shown yet, newest first; shown on demand. */
  readonly fresh: readonly T[];
  /** IDs of `items` that the controller no longer lists: decided elsewhere, hidden or deleted. */
  readonly missing: readonly string[];
}

/** Newest first, like the controller's list. */
function isOlder(one: Entry, other: Entry): boolean {
  return one.created_at < other.created_at || (one.created_at === other.created_at && one.id < other.id);
}

/**
 * Compares the shown messages with a new response without moving any. `isComplete`: the response has all matches;
 * otherwise messages older than its last entry may still exist.
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

/** The message to open after a decided one: the next pending one, otherwise the previous one, or null. */
export function advance(ids: readonly string[], from: string | null, isOpen: (id: string) => boolean): string | null {
  const at = from === null ? -1 : ids.indexOf(from);
  return ids.slice(at + 1).find(isOpen) ?? ids.slice(0, Math.max(0, at)).findLast(isOpen) ?? null;
}

/** The IDs of a range, both ends included, in the order of the list. */
export function between(ids: readonly string[], one: string, other: string): string[] {
  const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b);
  return from === undefined || to === undefined || from < 0 ? [other] : ids.slice(from, to + 1);
}
