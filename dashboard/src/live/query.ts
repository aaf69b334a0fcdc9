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
/** What the controller asks for is done, within reason. */
const MAX_ASKED_MS = 15 * 60_000;
/** So long after the stream has told it, a change is in Postgres: as a rule, and when Postgres is slow. */
const WRITTEN_MS = [1500, 5000] as const;
/** In a hidden page nothing runs more often (a browser would hold it back anyway). */
const HIDDEN_PAUSE_MS = 10_000;
const FINAL = new Set(["unauthorized", "forbidden", "not_found", "validation_failed", "invalid_json"]);

/** Shared by every page of a signed-in visit. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { networkMode: "always" }, mutations: { networkMode: "always" } },
});

export interface ListOptions {
  isEnabled?: Accessor<boolean>;
  /** Asked for anew when this says so. */
  refreshOn?: (event: FeedEvent) => boolean;
  /** But not more often than this, nor than every 1,500 ms. */
  refreshPauseMs?: number;
  /** Nothing of it is in Postgres at the moment of the event: not asked before it is. */
  isWrittenBehind?: boolean;
  /** Followed also while nobody looks at the tab, if more slowly; everything else is asked for on the return to it. */
  isFollowedHidden?: boolean;
  /** Asked for anew this often while the page is visible and not paused. */
  everyMs?: number;
  /** The field that tells the entries of lists apart, so that they are patched in place; "id" when absent. */
  idField?: string;
}

export interface ListQuery<T> {
  /** The last answer, kept while another is on its way or fails; patched in place. */
  readonly data: T | undefined;
  /** Nothing to show yet, and no failure either. */
  readonly isLoading: boolean;
  readonly isFetching: boolean;
  /** `data` answers the key before this one. */
  readonly isPlaceholderData: boolean;
  /** Why the last attempt failed; null after a success. */
  readonly failure: Failure | null;
  /** When the next attempt is due; null while one runs or none will be made. */
  readonly retryAt: number | null;
  /** When `data` was answered. */
  readonly loadedAt: number | null;
  refetch(): Promise<unknown>;
}

export function retryDelay(failures: number, failure: Failure, chance: number): number {
  const asked = Math.min((failure.retryAfterSec ?? 0) * 1000, MAX_ASKED_MS);
  return Math.max(asked, Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS) * (0.8 + 0.2 * chance));
}

/** A read of the API that keeps what it has, repeats what failed and follows what happens. */
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
        // A copy: the store writes later answers into the objects that it was given.
        const copy = structuredClone(result.data);
        setData("value", reconcile(copy, { key: options.idField ?? "id" }) as never);
      }
      setStatus({
        isLoading: result.data === undefined && reason === null,
        isFetching: result.isFetching,
        isPlaceholderData: result.isPlaceholderData,
        failure: reason === null ? null : toFailure(reason),
        retryAt: reason !== null && result.isFetching ? nextAt : null,
        // What answers the key before this one is as old as it was.
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
    // With nothing to show yet, a repeat that waits for its turn would make whoever asks wait as well.
    if (data.value === undefined && status.failure)
      await queryClient.cancelQueries({ queryKey: untrack(key), exact: true });
    return observer.refetch();
  };
  // What was missed while there was no stream; and when it is given up, whether anything answers at all.
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

/** Asks after an event, and again when Postgres has heard of it: of some the stream tells earlier. Life of the owner. */
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
    // Of a thousand events in one frame the first one sets the timer.
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

/** Asks again for what is shown when somebody comes back to the tab; for the life of the owner. */
export function refreshOnReturn(): void {
  // The client listens for that only while it is mounted.
  queryClient.mount();
  onCleanup(() => queryClient.unmount());
}
