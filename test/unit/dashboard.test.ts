import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { relativeTime, shortTime, standingTime } from "../../dashboard/src/lib/time.ts";
import { toOrganizations } from "../../dashboard/src/live/poll.ts";
import { createPoller, delayAfter } from "../../dashboard/src/live/poller.ts";

describe("the poller of the dashboard", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp(run: () => Promise<void>) {
    const page = { isVisible: true };
    const poller = createPoller({
      run,
      intervalMs: () => 2000,
      maxIntervalMs: 30_000,
      isVisible: () => page.isVisible,
      random: () => 1,
    });
    return { page, poller };
  }

  it("never runs twice at a time, and once more when poked meanwhile", async () => {
    let running = 0;
    let most = 0;
    const run = vi.fn(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5000));
      running -= 1;
    });
    const { poller } = setUp(run);
    poller.poke();
    poller.poke();
    poller.poke();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(run).toHaveBeenCalledTimes(2);
    expect(most).toBe(1);
    poller.stop();
  });

  it("rests while the page is hidden and goes on at once when it is seen", async () => {
    const run = vi.fn(async () => undefined);
    const { page, poller } = setUp(run);
    poller.poke();
    await vi.advanceTimersByTimeAsync(4100);
    expect(run).toHaveBeenCalledTimes(3);
    page.isVisible = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(run).toHaveBeenCalledTimes(3);
    page.isVisible = true;
    poller.poke();
    await vi.advanceTimersByTimeAsync(0);
    expect(run).toHaveBeenCalledTimes(4);
    poller.stop();
  });

  it("slows down while it fails and is back to normal after one success", async () => {
    let isDown = true;
    const run = vi.fn(async () => {
      if (isDown) throw new Error("down");
    });
    const { poller } = setUp(run);
    poller.poke();
    await vi.advanceTimersByTimeAsync(4000 + 8000 + 16_000);
    expect(run).toHaveBeenCalledTimes(4);
    isDown = false;
    await vi.advanceTimersByTimeAsync(30_000 + 2000);
    expect(run).toHaveBeenCalledTimes(6);
    poller.stop();
  });

  it("never waits longer than its limit", () => {
    expect(delayAfter(0, 2000, 30_000, 0)).toBe(2000);
    expect(delayAfter(3, 2000, 30_000, 0)).toBe(12_800);
    expect(delayAfter(50, 2000, 30_000, 1)).toBe(30_000);
  });
});

describe("what a row says", () => {
  it("counts an organization as the controller does, while the page asks by REST", () => {
    const of = (...statuses: ("active" | "inactive" | "independent")[]) => {
      const rows = statuses.map((status, index) => ({
        orchestrator_id: `o-${index}`,
        organization_id: "g",
        status,
        connected: status === "active",
        connected_at: null,
        health_status: "healthy" as const,
        is_independent: status === "independent",
        privacy_mode: false,
        last_seen: index === 0 ? null : index,
        config_revision: 0,
        config_state: "none" as const,
        config_error: null,
      }));
      return toOrganizations(rows)[0];
    };
    expect(of()).toBeUndefined();
    expect(of("independent", "independent")?.status).toBe("independent");
    expect(of("independent", "inactive")?.status).toBe("inactive");
    expect(of("independent", "active", "inactive")).toEqual({
      organization_id: "g",
      status: "active",
      orchestrators: 3,
      connected: 1,
      last_seen: 2,
    });
  });

  it("tells the year of a moment that may be of another one", () => {
    const now = Date.UTC(2026, 10, 28);
    expect(shortTime(Date.UTC(2026, 10, 1), now, "utc")).toBe("Nov 1, 00:00:00");
    expect(shortTime(Date.UTC(2025, 10, 28), now, "utc")).toBe("Nov 28, 2025, 00:00:00");
    expect(shortTime(Date.UTC(2027, 10, 28), now, "utc")).toBe("Nov 28, 2027, 00:00:00");
  });

  it("tells time in few words", () => {
    const at = Date.UTC(2026, 0, 1);
    expect(relativeTime(at, at - 500)).toBe("now");
    expect(relativeTime(at, at + 12_000)).toBe("12 s ago");
    expect(relativeTime(at, at + 3_700_000)).toBe("1 h ago");
    expect(standingTime(at, at + 5000)).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});
