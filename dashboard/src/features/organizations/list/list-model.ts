/** The number of rows per request, the API's limit. */
export const WINDOW_SIZE = 100;

interface Answer {
  ids: readonly string[];
  total: number;
}

/**
 * The positions of organizations in the list. Windows load one by one and keep their rows: a later response that would
 * move rows waits in `pending` until the user asks for it.
 */
export interface ListModel {
  /** Identifies filter and sort order. */
  key: string | null;
  total: number;
  /** IDs by window number, 0-based. */
  windows: Readonly<Record<number, readonly string[]>>;
  pending: Readonly<Record<number, Answer>>;
}

export const EMPTY_LIST: ListModel = { key: null, total: 0, windows: {}, pending: {} };

/** Applies a response for window `number`. `mayMove`: rows may change positions. */
export function receive(
  model: ListModel,
  { key, number, ids, total }: Answer & { key: string; number: number },
  mayMove: boolean,
): ListModel {
  if (key !== model.key) return { key, total, windows: { [number]: ids }, pending: {} };
  const before = model.windows[number];
  if (before === undefined) return { ...model, total, windows: { ...model.windows, [number]: ids } };
  const { [number]: _, ...pending } = model.pending;
  if (total === model.total && isSame(before, ids)) return { ...model, pending };
  if (!mayMove) return { ...model, pending: { ...pending, [number]: { ids, total } } };
  return { ...model, total, windows: { ...model.windows, [number]: ids }, pending };
}

/** Applies pending responses. Windows out of view are dropped, because they may no longer fit. */
export function adopt(model: ListModel, inSight: readonly number[]): ListModel {
  const answers = Object.values(model.pending);
  if (answers.length === 0) return model;
  const windows: Record<number, readonly string[]> = {};
  for (const number of inSight) {
    const ids = model.pending[number]?.ids ?? model.windows[number];
    if (ids) windows[number] = ids;
  }
  return { ...model, total: answers.at(-1)?.total ?? model.total, windows, pending: {} };
}

/** How many rows would be added, removed or moved by the pending responses. */
export function countChanges({ total, windows, pending }: ListModel): number {
  const numbers = Object.keys(pending).map(Number);
  if (numbers.length === 0) return 0;
  const before = numbers.flatMap((number) => windows[number] ?? []);
  const after = numbers.flatMap((number) => pending[number]?.ids ?? []);
  const places = new Map(before.map((id, place) => [id, place]));
  const kept = after.map((id) => places.get(id)).filter((place) => place !== undefined);
  const came = after.length - kept.length;
  const went = before.length - kept.length;
  const moved = kept.length - longestRise(kept);
  // The end of the list may have changed out of view.
  const elsewhere = Math.max(...numbers.map((number) => Math.abs((pending[number]?.total ?? total) - total)));
  return Math.max(Math.max(came, went) + moved, elsewhere);
}

export function idAt({ windows }: ListModel, index: number): string | undefined {
  return windows[Math.floor(index / WINDOW_SIZE)]?.[index % WINDOW_SIZE];
}

/** null: not in a loaded window. */
export function indexOf({ windows }: ListModel, id: string): number | null {
  for (const [number, ids] of Object.entries(windows)) {
    const place = ids.indexOf(id);
    if (place !== -1) return Number(number) * WINDOW_SIZE + place;
  }
  return null;
}

/** The loaded IDs between two positions. */
export function idsBetween(model: ListModel, one: number, other: number): string[] {
  const ids: string[] = [];
  for (let index = Math.min(one, other); index <= Math.max(one, other); index += 1) {
    const id = idAt(model, index);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/** The length of the longest increasing subsequence: these rows need not move. */
function longestRise(places: readonly number[]): number {
  const ends: number[] = [];
  for (const place of places) {
    const at = ends.findIndex((end) => end >= place);
    ends[at === -1 ? ends.length : at] = place;
  }
  return ends.length;
}

/** Whether `after` contains all of `before` in the same order. */
export function isOnlyLonger(before: readonly string[], after: readonly string[]): boolean {
  const known = new Set(before);
  return (
    after.length > before.length &&
    isSame(
      before,
      after.filter((id) => known.has(id)),
    )
  );
}
