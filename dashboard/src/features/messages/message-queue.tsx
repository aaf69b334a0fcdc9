import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from "solid-js";
import { MAX_LIMIT } from "../../../../worker/contract/values/limits.ts";
import { useCommands } from "../../lib/commands.ts";
import { plural } from "../../lib/numbers.ts";
import { announce } from "../../ui/announce.ts";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { stepCommands } from "../../ui/list-cursor.ts";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { notify } from "../../ui/toast.tsx";
import { mayOperate } from "../session/session.ts";
import { type Decision, undoable } from "./decisions.ts";
import { type MessageFilter, type MessageStatus, readFilter, readStatus, writeFilter } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { MessageDetail } from "./message-detail.tsx";
import { MessageList } from "./message-list.tsx";
import { decisions, resumeDecisions, sendLeftovers } from "./my-decisions.ts";
import { DECISION_WORDS } from "./place-words.ts";
import { createQueueCursor } from "./queue-cursor.ts";
import { createQueueModel } from "./queue-model.ts";
import { Independents, Nothing } from "./queue-notes.tsx";
import { StatusTabs } from "./status-tabs.tsx";
import { Refusals, UndoBar } from "./undo-bar.tsx";
import "../records/records.css";
import "./queue.css";

const FIRST = 200;

interface MessageQueueProps {
  /** Only the messages of this organization. */
  organizationId?: string;
  /** Receives the counts of the tabs. */
  onCounts?: (counts: Record<MessageStatus, number>) => void;
}

/** The message queue with the open message, and an undo before a decision is sent. */
export function MessageQueue(props: MessageQueueProps) {
  const [search, setSearch] = useSearchParams<Record<string, string>>();
  const [limit, setLimit] = createSignal(FIRST);
  const filter = createMemo<MessageFilter>(() => {
    const read = readFilter(search);
    return props.organizationId === undefined ? read : { ...read, organizationId: props.organizationId };
  });
  const status = createMemo(() => readStatus(search));
  const tab = createMemo(() => JSON.stringify([status(), writeFilter(filter())]));
  createEffect(on(tab, () => setLimit(FIRST), { defer: true }));

  const model = createQueueModel({ filter, status, limit });
  const cursor = createQueueCursor(model, tab, search.message);
  createEffect(() => {
    const counts = model.counts();
    if (counts) props.onCounts?.(counts);
  });

  onMount(() => {
    resumeDecisions();
    void sendLeftovers().then((refused) => {
      for (const { order, reason } of refused) {
        const text = `A decision from a closed page was not saved: ${reason} (${order.id}, ${DECISION_WORDS[order.decision].toLowerCase()})`;
        notify({ tone: "danger", text });
      }
    });
  });
  onCleanup(() => void decisions.flush(false));

  const change = (part: Partial<MessageFilter>) =>
    setSearch({ ...writeFilter({ ...readFilter(search), ...part }), message: undefined }, { replace: true });
  const reset = () =>
    change({ type: null, direction: null, severity: null, organizationId: "", includeIndependent: false });

  const decide = (ids: readonly string[], decision: Decision) => {
    if (ids.length === 0 || !mayOperate()) return;
    cursor.keepFocus(() => decisions.decide(ids, decision));
    announce(`${DECISION_WORDS[decision]} ${plural(ids.length, "message")}. Press u to undo.`, { isUrgent: true });
    cursor.goOn(ids);
    cursor.clear();
  };
  const decideHere = (decision: Decision) => {
    const message = cursor.current();
    if (cursor.selection().length > 0) decide(cursor.selection(), decision);
    else if (message && model.isOpen(message)) decide([message.id], decision);
  };
  const undo = () => {
    const batch = undoable(decisions.state());
    if (!batch) return;
    decisions.undo(batch.ids);
    announce(`Undone. ${plural(batch.ids.length, "message is", "messages are")} pending again.`, { isUrgent: true });
    const [first] = batch.ids;
    if (first === undefined || status() !== "pending") return;
    cursor.point(first);
    cursor.focusRow(first);
  };

  const isPending = () => status() === "pending" && mayOperate();
  const group = "Messages";
  useCommands(() => [
    ...stepCommands("messages", group, "message", cursor.moveBy),
    {
      id: "messages:accept",
      title: "Accept",
      group,
      keys: "y",
      isEnabled: isPending,
      run: () => decideHere("accepted"),
    },
    {
      id: "messages:dismiss",
      title: "Dismiss",
      group,
      keys: "n",
      isEnabled: isPending,
      run: () => decideHere("dismissed"),
    },
    { id: "messages:undo", title: "Undo last decision", group, keys: "u", isEnabled: isPending, run: undo },
    {
      id: "messages:select",
      title: "Select or deselect message",
      group,
      keys: "x",
      isHidden: true,
      isEnabled: isPending,
      run: () => cursor.select(cursor.current()?.id ?? "", false),
    },
    { id: "messages:new", title: "Show new messages", group, keys: ".", run: () => cursor.keepFocus(model.showNew) },
  ]);

  const openOnNarrow = (id: string) => {
    cursor.open(id);
    // The hidden queue had the focus.
    requestAnimationFrame(() => {
      if (matchMedia("(max-width: 900px)").matches) document.querySelector<HTMLElement>("#message-title")?.focus();
    });
  };
  const back = () => {
    cursor.setDetailShown(false);
    cursor.focusRow(cursor.current()?.id);
  };
  const arrows = (event: KeyboardEvent) => {
    if (event.key === "Escape" && cursor.isDetailShown()) return back();
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (!(event.target instanceof HTMLElement) || !event.target.closest(".msg-scroll")) return;
    event.preventDefault();
    cursor.moveBy(event.key === "ArrowDown" ? 1 : -1);
  };

  return (
    <>
      <StatusTabs status={status()} counts={model.counts()} />
      <FilterBar filter={filter()} isBound={props.organizationId !== undefined} onChange={change} onReset={reset} />
      <Refusals onShow={openOnNarrow} around={cursor.keepFocus} />
      <StaleBanner query={model.list} />
      <Switch>
        <Match when={model.items().length === 0 && model.list.failure && !model.list.data && model.list.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void model.list.refetch()} />}
        </Match>
        <Match when={model.items().length === 0 && !model.isCurrent()}>
          <Skeleton what="messages" />
        </Match>
        <Match when={model.items().length === 0}>
          <Nothing status={status()} filter={filter()} isBound={props.organizationId !== undefined} onReset={reset} />
        </Match>
        <Match when={cursor.current()}>
          {(message) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the buttons do the same as the arrow keys.
            <div class="msg-split" data-detail={cursor.isDetailShown()} onKeyDown={arrows}>
              <MessageList
                model={model}
                cursor={{ ...cursor, open: openOnNarrow }}
                isPending={status() === "pending"}
                onDecide={decide}
                onMore={() => setLimit(MAX_LIMIT)}
              />
              <MessageDetail
                message={message()}
                place={model.placeOf(message())}
                onDecide={(decision) => decide([message().id], decision)}
                onUndo={() => decisions.undo([message().id])}
                onBack={back}
              />
            </div>
          )}
        </Match>
      </Switch>
      <Show when={!filter().includeIndependent}>
        <Independents organizationId={props.organizationId} />
      </Show>
      <UndoBar onUndo={undo} onSend={() => cursor.keepFocus(() => void decisions.flush(false))} />
    </>
  );
}
