import type { Command } from "../lib/commands.ts";
import { focusWhenDrawn } from "../lib/focus.ts";

interface CursorList {
  count(): number;
  index(): number;
  /** The cursor stands at another row now; the place to scroll to it. */
  setIndex(index: number): void;
  /** From elsewhere on the page the first step only goes to the row where the cursor stands. */
  isInside(): boolean;
  /** What gets the focus with a row. Absent: the list itself keeps it. */
  elementAt?(index: number): HTMLElement | null | undefined;
}

/** The one row of a list that the keys are about, and the focus with it. */
export function createListCursor(list: CursorList) {
  const focus = () => list.elementAt && focusWhenDrawn(() => list.elementAt?.(list.index()));
  const moveTo = (index: number) => {
    if (list.count() === 0) return;
    list.setIndex(Math.max(0, Math.min(index, list.count() - 1)));
    focus();
  };
  return { focus, moveTo, moveBy: (step: number) => moveTo(list.isInside() ? list.index() + step : list.index()) };
}

/** j and k, listed in the help as "Next event" and "Previous event". */
export function stepCommands(page: string, group: string, noun: string, moveBy: (step: 1 | -1) => void): Command[] {
  const common = { group, isHidden: true };
  return [
    { ...common, id: `${page}:next`, title: `Next ${noun}`, keys: "j", run: () => moveBy(1) },
    { ...common, id: `${page}:previous`, title: `Previous ${noun}`, keys: "k", run: () => moveBy(-1) },
  ];
}
