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

/** By whom entries are held, from the outermost to the innermost: organizations share the store, orchestrators theirs. */
export type Holders<T> = readonly ((entry: T) => string)[];

/**
 * The entries that stay when there is room for `capacity` of them, in their order, which is from the oldest to the newest.
 * Holders have equal shares, and what one does not need is there for the others: who has no more than its share loses
 * nothing, and of the others the oldest entries go. Takes time in proportion to the entries.
 */
export function fairlyKept<T>(entries: readonly T[], capacity: number, holders: Holders<T>): T[] {
  const kept = new Set(keep(entries, capacity, holders));
  return entries.filter((entry) => kept.has(entry));
}

function keep<T>(entries: readonly T[], capacity: number, [holderOf, ...inner]: Holders<T>): readonly T[] {
  if (entries.length <= capacity) return entries;
  if (!holderOf) return entries.slice(-capacity);
  const groups = [...Map.groupBy(entries, holderOf).values()];
  const level = levelOf(
    groups.map(({ length }) => length),
    capacity,
  );
  if (level > 0) return groups.flatMap((group) => keep(group, level, inner));
  // More holders than places: those who were heard last have one each.
  const newest = new Set(groups.flatMap((group) => group.slice(-1)));
  return entries.filter((entry) => newest.has(entry)).slice(-capacity);
}
