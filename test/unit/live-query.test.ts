import { environmentManager, focusManager } from "@tanstack/solid-query";
import { createRoot, createSignal, untrack } from "solid-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../dashboard/src/lib/failure.ts";
import { type ConnectionMode, FleetContext, type FleetLive } from "../../dashboard/src/live/context.ts";
import {
  type ListOptions,
  type ListQuery,
  queryClient,
  refreshOnReturn,
  retryDelay,
  useList,
} from "../../dashboard/src/live/query.ts";
import type { FeedEvent } from "../../worker/contract/stream.ts";

interface Page {
  query: ListQuery<{ items: { id: string; n: number }[] }>;
  setMode: (mode: ConnectionMode) => void;
  setKey: (key: string) => void;
  happen: (type: FeedEvent["type"]) => void;
  leave: () => void;
}

/** A page that shows one list. */
function open(
  load: () => Promise<{ items: { id: string; n: number }[] }>,
  options: ListOptions = {},
  name = "list",
): Page {
  const listeners: ((event: FeedEvent) => void)[] = [];
  return createRoot((leave) => {
    const [mode, setMode] = createSignal<ConnectionMode>("live");
    const [key, setKey] = createSignal("one");
    const fleet = {
      connection: () => ({ mode: mode(), sinceAt: 0, retryAt: null, refusal: null }),
      onEvent: (listener: (event: FeedEvent) => void) => listeners.push(listener),
    } as unknown as FleetLive;
    let query: Page["query"] | undefined;
    refreshOnReturn();
    FleetContext.Provider({
      value: fleet,
      get children() {
        // As in a component, which does not follow what it reads.
        query = untrack(() => useList(() => [name, key()], load, options));
        return undefined;
      },
    });
    if (!query) throw new Error("the context did not show its children");
    const happen = (type: FeedEvent["type"]) => {
      for (const listener of listeners) {
        listener({ index: 1, at: 0, type, orchestrator_id: "a", organization_id: "a", detail: null });
      }
    };
    return { query, setMode, setKey, happen, leave };
  });
}

describe("a list of the dashboard", () => {
  const pages: Page[] = [];
  const show = (...args: Parameters<typeof open>) => {
    const page = open(...args);
    pages.push(page);
    return page;
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(() => {
    // Without a window it takes Node for a server, which polls nothing.
    environmentManager.setIsServer(() => false);
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
  });
  afterEach(() => {
    for (const page of pages.splice(0)) page.leave();
    queryClient.clear();
    focusManager.setFocused(undefined);
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("is loading, then there, and patched in place", async () => {
    let n = 1;
    const { query } = show(async () => ({ items: [{ id: "a", n }] }));
    expect(query.isLoading).toBe(true);
    await settle();
    expect(query.isLoading).toBe(false);
    const first = query.data?.items[0];
    n = 2;
    await query.refetch();
    expect(query.data?.items[0]?.n).toBe(2);
    expect(query.data?.items[0]).toBe(first);
  });

  it("keeps what it has while it fails, says since when and when it tries again, and recovers", async () => {
    let failure: Failure | null = null;
    const load = vi.fn(async () => {
      if (failure) throw failure;
      return { items: [{ id: "a", n: 1 }] };
    });
    const { query } = show(load);
    await settle();
    const loadedAt = query.loadedAt;
    expect(loadedAt).toBe(Date.now());
    failure = new Failure("database_unavailable", "The database is not available");
    void query.refetch();
    await settle();
    expect(query.data?.items).toHaveLength(1);
    expect(query.failure?.code).toBe("database_unavailable");
    expect(query.loadedAt).toBe(loadedAt);
    expect(query.retryAt).toBe(Date.now() + 1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(query.retryAt).toBe(Date.now() + 2000);
    expect(load).toHaveBeenCalledTimes(3);
    failure = null;
    // Retry now: nobody has to wait for the delay.
    void query.refetch();
    await settle();
    expect(query.failure).toBeNull();
    expect(query.retryAt).toBeNull();
  });

  it("does not repeat what will not change by repeating", async () => {
    const load = vi.fn(async () => {
      throw new Failure("forbidden", "Not permitted");
    });
    const { query } = show(load);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    expect(query.failure?.code).toBe("forbidden");
    expect(query.isLoading).toBe(false);
    expect(query.retryAt).toBeNull();
  });

  it("waits as long as the controller asks, within reason", () => {
    expect(retryDelay(0, new Failure("rate_limited", "", 8), 1)).toBe(8000);
    expect(retryDelay(0, new Failure("rate_limited", "", 60), 1)).toBe(60_000);
    expect(retryDelay(0, new Failure("rate_limited", "", 3600), 1)).toBe(900_000);
    expect(retryDelay(20, new Failure("unreachable", ""), 1)).toBe(30_000);
  });

  it("shows the old page until the next one is there, and says so", async () => {
    const { query, setKey } = show(async () => ({ items: [{ id: "a", n: 1 }] }));
    await settle();
    setKey("two");
    expect(query.isPlaceholderData).toBe(true);
    expect(query.data?.items).toHaveLength(1);
    await settle();
    expect(query.isPlaceholderData).toBe(false);
  });

  it("asks after an event at once and once more, and a burst of them costs no more", async () => {
    const load = vi.fn(async () => ({ items: [] }));
    const { happen } = show(load, { refreshOn: ({ type }) => type === "message" });
    await settle();
    happen("health");
    await vi.advanceTimersByTimeAsync(5000);
    expect(load).toHaveBeenCalledTimes(1);
    for (let count = 0; count < 50; count += 1) happen("message");
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1500);
    expect(load).toHaveBeenCalledTimes(3);
    // Once more, for a database that is slow.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(4);
    happen("message");
    await vi.advanceTimersByTimeAsync(2000);
    expect(load).toHaveBeenCalledTimes(6);
    // Not as late as the look for a slow database, which is still to come.
    happen("message");
    await settle();
    expect(load).toHaveBeenCalledTimes(6);
    await vi.advanceTimersByTimeAsync(1000);
    expect(load).toHaveBeenCalledTimes(7);
  });

  it("asks after an event that Postgres has yet to hear of when it has, and misses none that comes meanwhile", async () => {
    const load = vi.fn(async () => ({ items: [] }));
    const { happen } = show(load, { refreshOn: () => true, refreshPauseMs: 5000, isWrittenBehind: true });
    await settle();
    happen("lost");
    await vi.advanceTimersByTimeAsync(1400);
    happen("disconnected");
    expect(load).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(load).toHaveBeenCalledTimes(2);
    // The second one was too young for that; the pause holds.
    await vi.advanceTimersByTimeAsync(4900);
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(load).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(3);
    // A lone one: when it is there as a rule, and for a slow database.
    happen("lost");
    await vi.advanceTimersByTimeAsync(1500);
    expect(load).toHaveBeenCalledTimes(4);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(5);
  });

  it("leaves a retry that waits for its time alone when an event arrives, but not when the user asks", async () => {
    let failure: Failure | null = null;
    const load = vi.fn(async () => {
      if (failure) throw failure;
      return { items: [] };
    });
    const page = show(load, { refreshOn: () => true });
    await settle();
    failure = new Failure("rate_limited", "Too many requests", 60);
    page.happen("health");
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    for (let second = 0; second < 59; second += 1) {
      page.happen("health");
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(load).toHaveBeenCalledTimes(3);
    failure = null;
    void page.query.refetch();
    await settle();
    expect(load).toHaveBeenCalledTimes(4);
    page.happen("health");
    await vi.advanceTimersByTimeAsync(1500);
    expect(load.mock.calls.length).toBeGreaterThan(4);
  });

  it("asks nothing while nobody looks, but for what the title of the tab says", async () => {
    const load = vi.fn(async () => ({ items: [] }));
    const count = vi.fn(async () => ({ items: [] }));
    const options = { refreshOn: () => true };
    const pages = [show(load, options), show(count, { ...options, isFollowedHidden: true }, "count")];
    await settle();
    focusManager.setFocused(false);
    for (let second = 0; second < 60; second += 1) {
      for (const { happen } of pages) happen("health");
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(load).toHaveBeenCalledTimes(1);
    expect(count.mock.calls.length).toBeGreaterThan(5);
    expect(count.mock.calls.length).toBeLessThanOrEqual(8);
    focusManager.setFocused(true);
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("asks when somebody comes back to the tab, unless the page is paused", async () => {
    const load = vi.fn(async () => ({ items: [] }));
    const { setMode } = show(load);
    await settle();
    const comeBack = async () => {
      focusManager.setFocused(false);
      focusManager.setFocused(true);
      await settle();
    };
    await comeBack();
    expect(load).toHaveBeenCalledTimes(2);
    setMode("paused");
    await comeBack();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("polls while there is no stream, rests while paused, and catches up when it is live again", async () => {
    const load = vi.fn(async () => ({ items: [] }));
    const { setMode } = show(load);
    await settle();
    setMode("reconnecting");
    await vi.advanceTimersByTimeAsync(9000);
    expect(load).toHaveBeenCalledTimes(1);
    setMode("polling");
    await vi.advanceTimersByTimeAsync(20_500);
    expect(load).toHaveBeenCalledTimes(4);
    setMode("live");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(5);
    setMode("paused");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(5);
    setMode("live");
    await settle();
    expect(load).toHaveBeenCalledTimes(6);
  });
});
