import { createEffect, createSignal, on } from "solid-js";
import { createListCursor } from "../../../ui/list-cursor.ts";
import { idAt, indexOf, type ListModel } from "./list-model.ts";
import type { Rows } from "./rows.ts";

/** How the table or the cards scroll to a row. */
export interface Surface {
  element: HTMLElement;
  scrollToIndex: (index: number) => void;
}

/** The current row of the keyboard. The focus follows it, and it follows its organization when rows move. */
export function createCursor(rows: Rows) {
  const [index, setIndex] = createSignal(0);
  const [hasFocus, setFocus] = createSignal(false);
  /** The start of a range selection. */
  const [anchor, setAnchor] = createSignal<number | null>(null);
  let surface: Surface | null = null;

  const { focus, moveTo, moveBy } = createListCursor({
    count: () => rows.total(),
    index,
    setIndex(next) {
      setIndex(next);
      surface?.scrollToIndex(next);
    },
    isInside: hasFocus,
    elementAt: (at) => surface?.element.querySelector<HTMLElement>(`[data-index="${at}"]`),
  });

  createEffect(
    on(rows.model, (after: ListModel, before: ListModel | undefined) => {
      if (!before) return;
      const id = idAt(before, index());
      if (before.key !== after.key || id === undefined)
        return setIndex((at) => Math.min(at, Math.max(0, after.total - 1)));
      const next = indexOf(after, id) ?? Math.min(index(), Math.max(0, after.total - 1));
      if (next === index()) return;
      setIndex(next);
      if (hasFocus()) focus();
    }),
  );

  return {
    index,
    setIndex,
    hasFocus,
    anchor,
    setAnchor,
    moveTo,
    moveBy,
    attach(next: Surface | null) {
      surface = next;
    },
    onFocusIn(event: FocusEvent) {
      setFocus(true);
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-index]") : null;
      if (row) setIndex(Number(row.dataset.index));
    },
    onFocusOut: () => setFocus(false),
  };
}

export type Cursor = ReturnType<typeof createCursor>;
