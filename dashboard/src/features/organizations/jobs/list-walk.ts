export interface ListWalk {
  /** Reads on, after the steps before; one that failed is done again by the next. */
  step(signal?: AbortSignal): Promise<void>;
  isOver(): boolean;
}

/**
 * Walks a list by cursor, step by step in order, however many ask for the next one at once. `take` is given what was read, and
 * says whether that is enough.
 */
export function createWalk<T>(
  read: (cursor: string | null, signal?: AbortSignal) => Promise<{ items: T[]; next_cursor: string | null }>,
  take: (items: readonly T[]) => boolean,
): ListWalk {
  let cursor: string | null = null;
  let isOver = false;
  let last: Promise<unknown> = Promise.resolve();
  const readOn = async (signal?: AbortSignal) => {
    if (isOver) return;
    const { items, next_cursor } = await read(cursor, signal);
    cursor = next_cursor;
    isOver = take(items) || next_cursor === null;
  };
  return {
    isOver: () => isOver,
    step(signal) {
      const step = last.then(() => readOn(signal));
      last = step.catch(() => undefined);
      return step;
    },
  };
}
