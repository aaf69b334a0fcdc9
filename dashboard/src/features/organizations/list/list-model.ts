/** Rows that one request brings; the most that the API gives. */
export const WINDOW_SIZE = 100;

interface Answer {
  ids: readonly string[];
  total: number;
}

/**
 * Which organization stands at which place of the list. Windows come one by one, and what stands in one stays: a later
 * answer that would move rows waits in `pending` until somebody wants it.
 */
export interface ListModel {
  /** What the list answers: filter and sorting. */
  key: string | null;
  total: number;
  /** Ids by the number of their window, from 0. */
  windows: Readonly<Record<number, readonly string[]>>;
  pending: Readonly<Record<number, Answer>>;
}

export const EMPTY_LIST: ListModel = { key: null, total: 0, windows: {}, pending: {} };

/** An answer for window `number`. `mayMove`: nobody minds when rows change places. */
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

/** Shows what waits. Windows out of sight are forgotten: they would not fit to it any more. */
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

/** How many rows would come, go or change places if what waits were shown. */
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
  // The end of the list may have changed out of sight.
  const elsewhere = Math.max(...numbers.map((number) => Math.abs((pending[number]?.total ?? total) - total)));
  return Math.max(Math.max(came, went) + moved, elsewhere);
}

export function idAt({ windows }: ListModel, index: number): string | undefined {
  return windows[Math.floor(index / WINDOW_SIZE)]?.[index % WINDOW_SIZE];
}

/** null: in no window that is here. */
export function indexOf({ windows }: ListModel, id: string): number | null {
  for (const [number, ids] of Object.entries(windows)) {
    const place = ids.indexOf(id);
    if (place !== -1) return Number(number) * WINDOW_SIZE + place;
  }
  return null;
}

/** The ids from one place to another, as far as they are known. */
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

/** Length of the longest rising part of a sequence: those need not move. */
function longestRise(places: readonly number[]): number {
  const ends: number[] = [];
  for (const place of places) {
    const at = ends.findIndex((end) => end >= place);
    ends[at === -1 ? ends.length : at] = place;
  }
  return ends.length;
}

/** Whether `after` has everything of `before` in the same order, and more. */
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
