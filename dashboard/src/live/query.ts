import {
  focusManager,
  keepPreviousData,
  QueryClient,
  QueryObserver,
  type QueryObserverResult,
} from "@tanstack/solid-query";
import { type Accessor, batch, createComputed, createEffect, on, onCleanup, untrack } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
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
  defaultOptions: { queries: { networkMode: "always" }, mutations: { networkMode: "always" } },
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
  const [data, setData] = createStore<{ value: T | undefined }>({ value: undefined });
  const [status, setStatus] = createStore<Omit<ListQuery<T>, "data" | "refetch">>({
    isLoading: true,
    isFetching: false,
    isPlaceholderData: false,
    failure: null,
    retryAt: null,
    loadedAt: null,
  });

  const refetchInterval = (): number | false => {
    const { mode } = fleet.connection();
    if (mode === "paused") return false;
    return mode === "polling" ? preferences.pollIntervalSec * 1000 : (options.everyMs ?? false);
  };
  let nextAt: number | null = null;
  const toOptions = () => ({
    queryKey: key(),
    queryFn: ({ signal }: { signal: AbortSignal }) => load(signal),
    enabled: options.isEnabled?.() ?? true,
    placeholderData: keepPreviousData,
    refetchInterval: refetchInterval(),
    retry: (_failures: number, error: unknown) => !FINAL.has(toFailure(error).code),
    retryDelay: (failures: number, error: unknown) => {
      const wait = retryDelay(failures, toFailure(error), Math.random());
      nextAt = controllerNow() + wait;
      return wait;
    },
    staleTime: 0,
    refetchOnWindowFocus: fleet.connection().mode !== "paused",
  });
  const observer = new QueryObserver<T, unknown, T, T, readonly unknown[]>(queryClient, untrack(toOptions));

  let shown: T | undefined;
  const show = (result: QueryObserverResult<T, unknown>) => {
    const reason = result.failureReason ?? result.error;
    batch(() => {
      if (result.data !== shown) {
        shown = result.data;
        // A copy, because the store patches later data into the objects it was given.
        const copy = structuredClone(result.data);
        setData("value", reconcile(copy, { key: options.idField ?? "id" }) as never);
      }
      setStatus({
        isLoading: result.data === undefined && reason === null,
        isFetching: result.isFetching,
        isPlaceholderData: result.isPlaceholderData,
        failure: reason === null ? null : toFailure(reason),
        retryAt: reason !== null && result.isFetching ? nextAt : null,
        // Data of the previous key keeps its own age.
        loadedAt:
          (result.dataUpdatedAt && toControllerTime(result.dataUpdatedAt)) ||
          (result.isPlaceholderData ? untrack(() => status.loadedAt) : null),
      });
    });
  };
  createComputed(() => {
    observer.setOptions(toOptions());
    show(observer.getCurrentResult());
  });
  onCleanup(observer.subscribe(show));

  const refetch = async () => {
    // Without data, a pending retry would also block the caller.
    if (data.value === undefined && status.failure)
      await queryClient.cancelQueries({ queryKey: untrack(key), exact: true });
    return observer.refetch();
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
  if (refreshOn) askAfterEvents({ ...options, refreshOn }, () => void refetch());

  return {
    get data() {
      return data.value;
    },
    get isLoading() {
      return status.isLoading;
    },
    get isFetching() {
      return status.isFetching;
    },
    get isPlaceholderData() {
      return status.isPlaceholderData;
    },
    get failure() {
      return status.failure;
    },
    get retryAt() {
      return status.retryAt;
    },
    get loadedAt() {
      return status.loadedAt;
    },
    refetch,
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
