import { environmentManager, focusManager } from "@tanstack/solid-query";
import { createRoot, createSignal } from "solid-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pollFleet } from "../../dashboard/src/live/poll.ts";
import { queryClient, refreshOnReturn } from "../../dashboard/src/live/query.ts";

const load = vi.hoisted(() => vi.fn());
vi.mock("../../dashboard/src/lib/api.ts", () => ({ api: { GET: () => load() }, ask: (call: unknown) => call }));

const EMPTY = { orchestrators: [], total_count: 0 };

describe("the fleet while it is polled", () => {
  const onAnswer = vi.fn();
  let leave = () => {};
  let want = (_isWanted: boolean) => {};

  beforeEach(() => {
    // Without a window the library takes Node for a server, which polls nothing.
    environmentManager.setIsServer(() => false);
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
    load.mockReset().mockResolvedValue(EMPTY);
    onAnswer.mockReset();
    createRoot((dispose) => {
      const [isWanted, setWanted] = createSignal(false);
      refreshOnReturn();
      pollFleet(isWanted, onAnswer);
      leave = dispose;
      want = setWanted;
    });
  });
  afterEach(() => {
    leave();
    queryClient.clear();
    focusManager.setFocused(undefined);
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("is asked for at once and again and again, and no longer than it is wanted", async () => {
    await pass(60_000);
    expect(load).not.toHaveBeenCalled();
    want(true);
    await pass(20_500);
    expect(load).toHaveBeenCalledTimes(3);
    expect(onAnswer).toHaveBeenCalledTimes(3);
    expect(onAnswer).toHaveBeenLastCalledWith(expect.objectContaining({ isComplete: true }));
    want(false);
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(3);
    want(true);
    await pass(0);
    expect(load).toHaveBeenCalledTimes(4);
  });

  it("is never asked for twice at a time", async () => {
    let running = 0;
    let most = 0;
    load.mockImplementation(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      running -= 1;
      return EMPTY;
    });
    want(true);
    await pass(120_000);
    expect(load.mock.calls.length).toBeGreaterThan(2);
    expect(most).toBe(1);
  });

  it("is not asked for while the page is hidden, and at once when it is seen again", async () => {
    want(true);
    await pass(500);
    focusManager.setFocused(false);
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    focusManager.setFocused(true);
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is asked for more slowly while that fails, and as before after one success", async () => {
    load.mockRejectedValue(new Error("down"));
    want(true);
    // After 1, 2, 4, 8, 16 and 30 s.
    await pass(1000 + 2000 + 4000 + 8000 + 16_000 + 500);
    expect(load).toHaveBeenCalledTimes(6);
    expect(onAnswer).not.toHaveBeenCalled();
    load.mockResolvedValue(EMPTY);
    await pass(30_000);
    expect(onAnswer).toHaveBeenCalledTimes(1);
    await pass(20_000);
    expect(onAnswer).toHaveBeenCalledTimes(3);
  });

  it("is not shown when the answer comes too late", async () => {
    load.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      return EMPTY;
    });
    want(true);
    await pass(1000);
    want(false);
    await pass(10_000);
    expect(onAnswer).not.toHaveBeenCalled();
  });
});
