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

/** A loaded organization with the time of loading. */
export interface Item extends Organization {
  fetchedAt: number;
}

const LOOK_AGAIN_PAUSE_MS = 2500;
/** Debounces scrolling, so that passing windows are not loaded. */
const SETTLE_MS = 80;

const ROOT = "organizations";

/** The rows of the list, loaded by windows as they become visible. Rows keep their first position. */
export function useRows(state: ListState) {
  const [model, setModel] = createSignal<ListModel>(EMPTY_LIST);
  const [items, setItems] = createStore<Record<string, Item | undefined>>({});
  const [inSight, setInSight] = createSignal<readonly number[]>([0]);
  /** Whether the pointer or the focus is in the list. */
  const [attention, setAttention] = createSignal({ isPointed: false, isFocused: false });
  const [loadedAt, setLoadedAt] = createSignal<number | null>(null);

  /** New organizations appear by themselves in a short list while the pointer is elsewhere. */
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
    // Rows out of view are dropped; the query cache restores them.
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
  /** Call when rows `first` to `last` are visible. */
  const show = (first: number, last: number) => {
    clearTimeout(timer);
    const end = Math.floor(Math.min(last, Math.max(0, model().total - 1)) / WINDOW_SIZE);
    const begin = Math.min(Math.floor(Math.max(0, first) / WINDOW_SIZE), end);
    const wanted = Array.from({ length: end - begin + 1 }, (_, index) => begin + index);
    if (wanted.join() === untrack(inSight).join()) return;
    timer = setTimeout(() => setInSight(wanted), SETTLE_MS);
  };
  // A different filter or sort order starts at the top.
  createEffect(on(state.key, () => setInSight([0]), { defer: true }));

  // --- What has changed since ---

  // A window out of view is reloaded when it is opened again.
  const lookAgain = () => {
    for (const query of untrack(windows)) query.reloadAfterEvent();
  };
  const refreshOn = (event: FeedEvent) => isShaping(event, state.filter(), state.sort());
  askAfterEvents({ refreshOn, refreshPauseMs: LOOK_AGAIN_PAUSE_MS, isWrittenBehind: true }, lookAgain);

  /** Applies the current order, on request or after a change by this user. */
  const refresh = async () => {
    setModel((before) => adopt(before, inSight()));
    await queryClient.invalidateQueries({ queryKey: [ROOT] });
    setModel((before) => adopt(before, inSight()));
  };

  const failing = () => windows().find((query) => query.failure !== null);
  return {
    model,
    /** The organization at a position; undefined while its window loads. */
    at(index: number): Item | undefined {
      const id = idAt(model(), index);
      return id === undefined ? undefined : items[id];
    },
    idAt: (index: number) => idAt(model(), index),
    /** All loaded organizations. */
    loadedItems: () => Object.values(items).filter((item) => item !== undefined),
    total: () => model().total,
    changes: createMemo(() => countChanges(model())),
    isLoading: () => model().key === null,
    /** Whether the rows are of the previous filter. */
    isBehind: () => model().key !== null && model().key !== state.key(),
    show,
    setAttention: (part: Partial<{ isPointed: boolean; isFocused: boolean }>) =>
      setAttention((before) => ({ ...before, ...part })),
    refresh,
    /** The failure and age of the rows, for the banner. */
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

/** Whether an event may move rows of this list, or change data that only the database has. */
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
