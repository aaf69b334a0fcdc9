import { focusManager, keepPreviousData, QueryClient, useQuery } from "@tanstack/solid-query";
import { type Accessor, createEffect, createMemo, on, onCleanup, untrack } from "solid-js";
import { reconcile } from "solid-js/store";
import type { FeedEvent } from "../../../worker/contract/stream.ts";
import { controllerNow, toControllerTime } from "../lib/controller-time.ts";
import { type Failure, toFailure } from "../lib/failure.ts";
import { preferences } from "../lib/preferences.ts";
import { useFleet } from "./context.ts";

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
/** The longest wait that a `Retry-After` can impose. */
const MAX_ASKED_MS = 15 * 60_000;
/** How long after its event a change is in Postgres: usually, and when Postgres is slow. */
const WRITTEN_MS = [1500, 5000] as const;
/** The minimum pause in a hidden page, where browsers throttle timers anyway. */
const HIDDEN_PAUSE_MS = 10_000;
const FINAL = new Set(["unauthorized", "forbidden", "not_found", "validation_failed", "invalid_json"]);

/** Shared by all pages behind the login. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 0,
      retry: (_failures, error) => !FINAL.has(toFailure(error).code),
      retryDelay: (failures, error) => retryDelay(failures, toFailure(error), Math.random()),
    },
  },
});

export interface ListOptions {
  isEnabled?: Accessor<boolean>;
  /** Events for which the list reloads. */
  refreshOn?: (event: FeedEvent) => boolean;
  /** The minimum time between such reloads, at least 1,500 ms. */
  refreshPauseMs?: number;
  /** The change is not in Postgres yet when the event arrives, so wait before reloading. */
  isWrittenBehind?: boolean;
  /** Also reloads, at a lower rate, while the tab is hidden; other queries reload when the tab becomes visible. */
  isFollowedHidden?: boolean;
  /** Reloads at this interval while the page is visible and not paused. */
  everyMs?: number;
  /** The field that identifies entries of lists, so that they are patched in place; defaults to "id". */
  idField?: string;
}

export interface ListQuery<T> {
  /** The last data, kept while a reload is pending or fails; patched in place. */
  readonly data: T | undefined;
  /** There is neither data nor a failure yet. */
  readonly isLoading: boolean;
  readonly isFetching: boolean;
  /** `data` belongs to the previous key. */
  readonly isPlaceholderData: boolean;
  /** The failure of the last attempt; null after a success. */
  readonly failure: Failure | null;
  /** When the next attempt is due; null while one runs or none will be made. */
  readonly retryAt: number | null;
  /** When `data` was loaded. */
  readonly loadedAt: number | null;
  refetch(): Promise<unknown>;
  /** Reloads, unless a retry is due later: it reads the change too, and the controller asked for this wait. */
  reloadAfterEvent(): void;
}

export function retryDelay(failures: number, failure: Failure, chance: number): number {
  const asked = Math.min((failure.retryAfterSec ?? 0) * 1000, MAX_ASKED_MS);
  return Math.max(asked, Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS) * (0.8 + 0.2 * chance));
}

/** A read of the API that keeps the last data, retries failures and reloads on events. */
export function useList<T>(
  key: Accessor<readonly unknown[]>,
  load: (signal: AbortSignal) => Promise<T>,
  options: ListOptions = {},
): ListQuery<T> {
  const fleet = useFleet();
  const refetchInterval = (): number | false => {
    const { mode } = fleet.connection();
    if (mode === "paused") return false;
    return mode === "polling" ? preferences.pollIntervalSec * 1000 : (options.everyMs ?? false);
  };
  let nextAt: number | null = null;
  let answer: T | undefined;
  const query = useQuery<T, unknown, T, readonly unknown[]>(
    () => ({
      queryKey: key(),
      queryFn: ({ signal }) => load(signal),
      enabled: options.isEnabled?.() ?? true,
      placeholderData: keepPreviousData,
      refetchInterval: refetchInterval(),
      retryDelay: (failures, error) => {
        const wait = retryDelay(failures, toFailure(error), Math.random());
        nextAt = controllerNow() + wait;
        return wait;
      },
      refetchOnWindowFocus: fleet.connection().mode !== "paused",
      reconcile: (shown, next) => {
        if (next === answer) return shown as T;
        answer = next;
        // A copy: the store writes later answers into the objects that it was given, which the cache keeps.
        return reconcile(structuredClone(next), { key: options.idField ?? "id" })(shown);
      },
    }),
    () => queryClient,
  );
  const data = () => {
    // Before there is an answer, reading it would suspend the page around it.
    return query.dataUpdatedAt > 0 || query.isPlaceholderData ? query.data : undefined;
  };
  const failure = () => {
    const reason = query.failureReason ?? query.error;
    return reason === null ? null : toFailure(reason);
  };
  // What answers the key before this one is as old as it was.
  const loadedAt = createMemo<number | null>(
    (before) =>
      (query.dataUpdatedAt && toControllerTime(query.dataUpdatedAt)) || (query.isPlaceholderData ? before : null),
    null,
  );

  const refetch = async () => {
    // Without data, a pending retry would also block the caller.
    if (data() === undefined && failure()) await queryClient.cancelQueries({ queryKey: untrack(key), exact: true });
    return query.refetch();
  };
  const retryAt = () => (query.failureCount > 0 && query.isFetching ? nextAt : null);
  const reloadAfterEvent = () => {
    if ((untrack(retryAt) ?? 0) <= controllerNow()) void refetch();
  };
  // Reloads when the stream is back, because events were missed, and when it is given up, to detect an unreachable API.
  createEffect(
    on(
      () => fleet.connection().mode,
      (mode, before) => {
        if (before === undefined || mode === before) return;
        if (mode === "polling" || (mode === "live" && before !== "connecting")) void refetch();
      },
    ),
  );
  const { refreshOn } = options;
  if (refreshOn) askAfterEvents({ ...options, refreshOn }, reloadAfterEvent);

  return {
    get data() {
      return data();
    },
    get isLoading() {
      return data() === undefined && failure() === null;
    },
    get isFetching() {
      return query.isFetching;
    },
    get isPlaceholderData() {
      return query.isPlaceholderData;
    },
    get failure() {
      return failure();
    },
    get retryAt() {
      return retryAt();
    },
    get loadedAt() {
      return loadedAt();
    },
    refetch,
    reloadAfterEvent,
  };
}

interface Following extends ListOptions {
  refreshOn: (event: FeedEvent) => boolean;
}

/** Reloads after an event, and again once the change is in Postgres, which may be later. For the life of the owner. */
export function askAfterEvents(
  { refreshOn, refreshPauseMs = 0, isWrittenBehind = false, isFollowedHidden = false }: Following,
  ask: () => unknown,
): void {
  const pauseMs = () => Math.max(refreshPauseMs, focusManager.isFocused() ? WRITTEN_MS[0] : HIDDEN_PAUSE_MS);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let lastAt = 0;
  let happenedAt = 0;
  const isUnwatched = () => !isFollowedHidden && !focusManager.isFocused();
  const schedule = (wantedAt: number) => {
    const at = Math.max(wantedAt, lastAt + pauseMs());
    // The first event of a frame sets the timer for all.
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(run, at - Date.now());
  };
  const run = () => {
    dueAt = Number.POSITIVE_INFINITY;
    if (isUnwatched()) return;
    lastAt = Date.now();
    ask();
    const next = WRITTEN_MS.map((ms) => happenedAt + ms).find((at) => at > lastAt);
    if (next !== undefined) schedule(next);
  };
  useFleet().onEvent((event) => {
    if (isUnwatched() || !refreshOn(event)) return;
    happenedAt = Date.now();
    schedule(happenedAt + (isWrittenBehind ? WRITTEN_MS[0] : 0));
  });
  onCleanup(() => clearTimeout(timer));
}

/** Reloads the visible data when the tab becomes visible; for the life of the owner. */
export function refreshOnReturn(): void {
  // The client watches visibility only while it is mounted.
  queryClient.mount();
  onCleanup(() => queryClient.unmount());
}
