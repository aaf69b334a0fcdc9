import { createEffect, createMemo, Show } from "solid-js";
import { MAX_LIMIT } from "../../../../worker/contract/values/limits.ts";
import { formatCount, plural } from "../../lib/numbers.ts";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { NewPill } from "../records/new-pill.tsx";
import { mayOperate } from "../session/session.ts";
import type { Decision } from "./decisions.ts";
import { MessageRow } from "./message-row.tsx";
import type { QueueCursor } from "./queue-cursor.ts";
import type { QueueModel } from "./queue-model.ts";

const ROW_PX = 60;

interface MessageListProps {
  model: QueueModel;
  cursor: QueueCursor;
  isPending: boolean;
  onDecide: (ids: readonly string[], decision: Decision) => void;
  onMore: () => void;
}

export function MessageList(props: MessageListProps) {
  const total = () => props.model.list.data?.total ?? 0;
  const listed = () => props.model.list.data?.messages.length ?? 0;
  const showNew = () => props.cursor.keepFocus(props.model.showNew);
  const maySelect = () => props.isPending && mayOperate();
  const openCount = createMemo(() => props.model.items().filter(props.model.isOpen).length);
  const isAll = () => openCount() > 0 && props.cursor.selection().length === openCount();

  return (
    <section class="panel msg-queue" aria-label="Message list" data-pending={props.isPending}>
      <header class="msg-queue-head">
        <Show when={maySelect()}>
          <SelectAll isAll={isAll()} isSome={props.cursor.selection().length > 0} cursor={props.cursor} />
        </Show>
        <Show
          when={props.cursor.selection().length > 0}
          fallback={
            <span class="muted">
              {plural(props.isPending ? openCount() : total(), "message")}
              {props.isPending ? " pending" : ""}
            </span>
          }
        >
          <strong>{formatCount(props.cursor.selection().length)} selected</strong>
          <button class="button" type="button" onClick={() => props.onDecide(props.cursor.selection(), "accepted")}>
            Accept
          </button>
          <button class="button" type="button" onClick={() => props.onDecide(props.cursor.selection(), "dismissed")}>
            Dismiss
          </button>
          <button
            class="button"
            data-kind="quiet"
            type="button"
            onClick={() => props.cursor.keepFocus(() => props.cursor.clear())}
          >
            Clear
          </button>
        </Show>
        <NewPill count={props.model.fresh().length} one="message" onShow={() => showNew()} />
        <Show when={props.model.doneCount() > 0 && props.model.fresh().length === 0}>
          <button class="button" data-kind="quiet" type="button" onClick={() => showNew()}>
            Remove {formatCount(props.model.doneCount())} decided
          </button>
        </Show>
      </header>
      <VirtualList
        class="msg-scroll"
        label="Messages, newest first"
        items={props.model.items()}
        keyOf={(message) => message.id}
        rowHeightPx={ROW_PX}
        ref={props.cursor.attach}
      >
        {(message) => (
          <MessageRow
            message={message()}
            place={props.model.placeOf(message())}
            isCurrent={props.cursor.current()?.id === message().id}
            isSelectable={props.model.isOpen(message())}
            isSelected={maySelect() ? props.cursor.selected().has(message().id) : null}
            onOpen={() => props.cursor.open(message().id)}
            onSelect={(isRange) => props.cursor.select(message().id, isRange)}
          />
        )}
      </VirtualList>
      <Show when={total() > listed()}>
        <footer class="msg-queue-foot">
          <span class="muted">
            Newest {formatCount(listed())} of {formatCount(total())}
          </span>
          <Show when={listed() < MAX_LIMIT} fallback={<span class="muted">Use filters to find older messages.</span>}>
            <button class="button" data-kind="quiet" type="button" onClick={() => props.onMore()}>
              Show more
            </button>
          </Show>
        </footer>
      </Show>
    </section>
  );
}

function SelectAll(props: { isAll: boolean; isSome: boolean; cursor: QueueCursor }) {
  let box: HTMLInputElement | undefined;
  createEffect(() => {
    if (box) box.indeterminate = props.isSome && !props.isAll;
  });
  return (
    <label class="msg-check">
      <input
        ref={box}
        type="checkbox"
        aria-label="Select all"
        checked={props.isAll}
        onClick={() => (props.isAll ? props.cursor.clear() : props.cursor.selectAll())}
      />
    </label>
  );
}
