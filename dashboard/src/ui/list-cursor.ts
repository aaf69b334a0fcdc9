import type { Command } from "../lib/commands.ts";
import { focusWhenDrawn } from "../lib/focus.ts";

interface CursorList {
  count(): number;
  index(): number;
  /** Called when the cursor moves to another row; scroll to it here. */
  setIndex(index: number): void;
  /** Whether the focus is in the list. If it is elsewhere, the first step only goes to the current row. */
  isInside(): boolean;
  /** The element that gets the focus with a row. Absent: the list itself keeps the focus. */
  elementAt?(index: number): HTMLElement | null | undefined;
}

/** The current row of a list for the keyboard, and its focus. */
export function createListCursor(list: CursorList) {
  const focus = () => list.elementAt && focusWhenDrawn(() => list.elementAt?.(list.index()));
  const moveTo = (index: number) => {
    if (list.count() === 0) return;
    list.setIndex(Math.max(0, Math.min(index, list.count() - 1)));
    focus();
  };
  return { focus, moveTo, moveBy: (step: number) => moveTo(list.isInside() ? list.index() + step : list.index()) };
}

/** The commands of j and k, such as "Next event" and "Previous event". */
export function stepCommands(page: string, group: string, noun: string, moveBy: (step: 1 | -1) => void): Command[] {
  const common = { group, isHidden: true };
  return [
    { ...common, id: `${page}:next`, title: `Next ${noun}`, keys: "j", run: () => moveBy(1) },
    { ...common, id: `${page}:previous`, title: `Previous ${noun}`, keys: "k", run: () => moveBy(-1) },
  ];
}
