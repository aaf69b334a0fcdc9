import { createComputed, createEffect, createMemo, createSignal, mapArray, on, onCleanup, untrack } from "solid-js";
import { createStore, reconcile, unwrap } from "solid-js/store";
import type { FeedEvent } from "../../../../../worker/contract/stream.ts";
import type { Organization } from "../../../lib/api.ts";
import type { Filter } from "../../../lib/filter.ts";
import { askAfterEvents, queryClient, useList } from "../../../live/query.ts";
import { fetchWindow } from "./api.ts";
import {
  adopt,
  countChanges,
  EMPTY_LIST,
  idAt,
  isOnlyLonger,
  type ListModel,
  receive,
  WINDOW_SIZE,
} from "./list-model.ts";
import type { ListState, Sort } from "./state.ts";

/** An organization as it was fetched, and when. */
export interface Item extends Organization {
  fetchedAt: number;
}

const LOOK_AGAIN_PAUSE_MS = 2500;
/** A quick drag of the scroll bar passes windows that nobody looks at. */
const SETTLE_MS = 80;

const ROOT = "organizations";

/** The rows of the list, fetched by windows as they come into sight, each standing where it was first shown. */
export function useRows(state: ListState) {
  const [model, setModel] = createSignal<ListModel>(EMPTY_LIST);
  const [items, setItems] = createStore<Record<string, Item | undefined>>({});
  const [inSight, setInSight] = createSignal<readonly number[]>([0]);
  /** Somebody points at the list, or has the focus in it. */
  const [attention, setAttention] = createSignal({ isPointed: false, isFocused: false });
  const [loadedAt, setLoadedAt] = createSignal<number | null>(null);

  /** Newly registered organizations of a short list may come by themselves while nobody points at it. */
  const mayMove = (ids: readonly string[]) =>
    !attention().isPointed &&
    !attention().isFocused &&
    ids.length < WINDOW_SIZE &&
    isOnlyLonger(model().windows[0] ?? [], ids);

  const openWindow = (number: number) => {
    const query = useList(
      () => [ROOT, "window", state.key(), number],
      async (signal) => ({
        key: untrack(state.key),
        ...(await fetchWindow(state.filter(), state.sort(), number, signal)),
      }),
      { idField: "organization_id" },
    );
    createComputed(
      on([() => query.loadedAt, () => query.isPlaceholderData], ([loadedAt, isPlaceholder]) => {
        const answer = query.data;
        if (!answer || isPlaceholder || loadedAt === null) return;
        const { key, total, items: list } = unwrap(answer);
        const ids = list.map((organization) => organization.organization_id);
        if (key !== model().key) forget(Object.keys(unwrap(items)), ids);
        for (const organization of list) {
          const item = { ...structuredClone(organization), fetchedAt: loadedAt };
          setItems(organization.organization_id, reconcile(item));
        }
        setModel((before) => receive(before, { key, number, ids, total }, mayMove(ids)));
        setLoadedAt(loadedAt);
      }),
    );
    // Rows out of sight are drawn by nobody; the query cache brings them back.
    onCleanup(() => {
      const { windows: known } = untrack(model);
      const others = untrack(inSight).filter((other) => other !== number);
      forget(
        known[number] ?? [],
        others.flatMap((other) => known[other] ?? []),
      );
    });
    return query;
  };
  const forget = (ids: readonly string[], kept: readonly string[]) => {
    const stays = new Set(kept);
    for (const id of ids) if (!stays.has(id)) setItems(id, undefined);
  };
  const windows = createMemo(mapArray(inSight, openWindow));

  // --- Which windows ---

  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  /** The rows from `first` to `last` are in sight. */
  const show = (first: number, last: number) => {
    clearTimeout(timer);
    const end = Math.floor(Math.min(last, Math.max(0, model().total - 1)) / WINDOW_SIZE);
    const begin = Math.min(Math.floor(Math.max(0, first) / WINDOW_SIZE), end);
    const wanted = Array.from({ length: end - begin + 1 }, (_, index) => begin + index);
    if (wanted.join() === untrack(inSight).join()) return;
    timer = setTimeout(() => setInSight(wanted), SETTLE_MS);
  };
  // Another filter or sorting begins at the top.
  createEffect(on(state.key, () => setInSight([0]), { defer: true }));

  // --- What has changed since ---

  const lookAgain = () => void queryClient.invalidateQueries({ queryKey: [ROOT] });
  const refreshOn = (event: FeedEvent) => isShaping(event, state.filter(), state.sort());
  askAfterEvents({ refreshOn, refreshPauseMs: LOOK_AGAIN_PAUSE_MS, isWrittenBehind: true }, lookAgain);

  /** Shows the order as it is now: somebody asked for it, or has just changed something himself. */
  const refresh = async () => {
    setModel((before) => adopt(before, inSight()));
    await queryClient.invalidateQueries({ queryKey: [ROOT] });
    setModel((before) => adopt(before, inSight()));
  };

  const failing = () => windows().find((query) => query.failure !== null);
  return {
    model,
    /** The organization at a place; undefined while its window is under way. */
    at(index: number): Item | undefined {
      const id = idAt(model(), index);
      return id === undefined ? undefined : items[id];
    },
    idAt: (index: number) => idAt(model(), index),
    /** All that is here at the moment. */
    loadedItems: () => Object.values(items).filter((item) => item !== undefined),
    total: () => model().total,
    changes: createMemo(() => countChanges(model())),
    isLoading: () => model().key === null,
    /** What stands on the page answers the filter before this one. */
    isBehind: () => model().key !== null && model().key !== state.key(),
    show,
    setAttention: (part: Partial<{ isPointed: boolean; isFocused: boolean }>) =>
      setAttention((before) => ({ ...before, ...part })),
    refresh,
    /** As the banner wants it: what went wrong and from when the rows are. */
    status: {
      get failure() {
        return failing()?.failure ?? null;
      },
      get retryAt() {
        return failing()?.retryAt ?? null;
      },
      get loadedAt() {
        return loadedAt();
      },
      refetch: lookAgain,
    },
  };
}

export type Rows = ReturnType<typeof useRows>;

/** Whether a change may move rows of this list, or change what only the database says. */
function isShaping(event: FeedEvent, filter: Filter, sort: Sort): boolean {
  const follows = (key: string) => filter.terms.some((term) => term.key === key) || sort.replace("-", "") === key;
  switch (event.type) {
    case "registered":
    case "deregistered":
    case "message":
    case "message_decided":
      return true;
    case "health":
      return follows("health");
    case "config":
      return follows("config");
    default:
      return follows("status") || follows("seen") || follows("last_seen");
  }
}
