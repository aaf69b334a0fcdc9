import { type Accessor, createEffect, createMemo, createSignal, on } from "solid-js";
import { focusWhenDrawn, rescueFocus } from "../../lib/focus.ts";
import { createListCursor } from "../../ui/list-cursor.ts";
import type { VirtualListHandle } from "../../ui/virtual-list.tsx";
import type { Message } from "./api.ts";
import type { QueueModel } from "./queue-model.ts";
import { advance, between } from "./view.ts";

/** Tracks the open message, the selection and the focus. */
export function createQueueCursor(model: QueueModel, tab: Accessor<string>, first: string | undefined) {
  const [wanted, setWanted] = createSignal<string | null>(first ?? null);
  const [selected, setSelected] = createSignal<ReadonlySet<string>>(new Set());
  /** On a narrow screen, which shows either the queue or the detail. */
  const [isDetailShown, setDetailShown] = createSignal(first !== undefined);
  let anchor: string | null = null;
  let handle: VirtualListHandle | undefined;

  const ids = createMemo(() => model.items().map(({ id }) => id));
  const current = createMemo<Message | undefined>(() => {
    const items = model.items();
    return items.find(({ id }) => id === wanted()) ?? items.find(model.isOpen) ?? items[0];
  });
  createEffect(
    on(
      tab,
      () => {
        setWanted(null);
        setSelected(new Set<string>());
        setDetailShown(false);
      },
      { defer: true },
    ),
  );
  const isOpenId = (id: string) => model.items().some((message) => message.id === id && model.isOpen(message));
  const selection = createMemo(() => ids().filter((id) => selected().has(id) && isOpenId(id)));

  const focusRow = (id = "") => {
    const index = ids().indexOf(id);
    if (index < 0) return;
    handle?.scrollToIndex(index);
    focusWhenDrawn(() => handle?.element.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] .msg-open`));
  };
  const isFocusInList = () => handle?.element.contains(document.activeElement) ?? false;

  /** Runs an action that removes the pressed button, and moves the focus to the open message. */
  const keepFocus = (act: () => void) => {
    act();
    rescueFocus(() => focusRow(current()?.id));
  };

  const open = (id: string) => {
    setWanted(id);
    setDetailShown(true);
  };
  const { moveBy } = createListCursor({
    count: () => ids().length,
    index: () => ids().indexOf(current()?.id ?? ""),
    setIndex(index) {
      setWanted(ids()[index] ?? null);
      if (!isDetailShown() || isFocusInList()) focusRow(ids()[index]);
    },
    isInside: () => true,
  });
  /** After a decision: opens the next pending message and keeps the focus. */
  const goOn = (decided: readonly string[]) => {
    const from = current()?.id ?? null;
    if (from === null || !decided.includes(from)) return;
    const hadFocus = isFocusInList();
    const next = advance(ids(), from, isOpenId);
    // Stays when nothing is pending, so that the decided message remains visible.
    setWanted(next ?? from);
    if (hadFocus) focusRow(next ?? from);
  };

  const select = (id: string, isRange: boolean) => {
    if (!isOpenId(id)) return;
    const chosen = new Set(selected());
    const isOn = !chosen.has(id);
    for (const each of isRange && anchor !== null ? between(ids(), anchor, id) : [id]) {
      if (isOn) chosen.add(each);
      else chosen.delete(each);
    }
    anchor = id;
    setSelected(chosen);
  };

  return {
    current,
    selected,
    selection,
    isDetailShown,
    setDetailShown,
    focusRow,
    keepFocus,
    /** Makes the message current; a narrow screen keeps showing the queue. */
    point: (id: string) => setWanted(id),
    open,
    moveBy,
    goOn,
    select,
    selectAll: () => setSelected(new Set(ids().filter(isOpenId))),
    clear: () => setSelected(new Set<string>()),
    attach: (list: VirtualListHandle) => {
      handle = list;
    },
  };
}

export type QueueCursor = ReturnType<typeof createQueueCursor>;
