export interface ListWalk {
  /** Loads the next step after the previous ones; a failed step is repeated by the next call. */
  step(signal?: AbortSignal): Promise<void>;
  isOver(): boolean;
}

/**
 * Walks a list by cursor, one step at a time even with concurrent calls. `take` receives the loaded items and returns
 * whether they are enough.
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
