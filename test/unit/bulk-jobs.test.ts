import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  dismissJob,
  JOB_CONCURRENCY,
  jobs,
  retryJob,
  startJob,
  stopJob,
} from "../../dashboard/src/features/organizations/jobs/jobs.ts";
import { Failure } from "../../dashboard/src/lib/failure.ts";
import { Pace } from "../../dashboard/src/lib/pace.ts";
import { retryAfterSec } from "../../dashboard/src/lib/retry-after.ts";

const ids = (count: number) => Array.from({ length: count }, (_, index) => `org-${index}`);
const jobOf = (key: number) => jobs.find((job) => job.key === key);
/** Runs the timers of a job until it is over. */
async function finish(finished: Promise<void>): Promise<void> {
  let isOver = false;
  void finished.then(() => {
    isOver = true;
  });
  while (!isOver) await vi.advanceTimersByTimeAsync(500);
}
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

describe("a bulk job", () => {
  it("handles every item once, at most five at a time", async () => {
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    const onRound = vi.fn();
    const { key, finished } = startJob({
      title: "Set independent",
      noun: "organizations",
      ids: ids(23),
      onRound,
      run: async (id) => {
        running += 1;
        most = Math.max(most, running);
        seen.push(id);
        await pause();
        running -= 1;
      },
    });
    expect(jobOf(key)).toMatchObject({ state: "running", total: 23 });
    await finished;
    expect(most).toBe(JOB_CONCURRENCY);
    expect(seen.toSorted()).toEqual(ids(23).toSorted());
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 23, failures: [] });
    expect(onRound).toHaveBeenCalledExactlyOnceWith({ succeeded: expect.arrayContaining(ids(23)), failed: 0, rest: 0 });
  });

  it("names what failed with the reason, goes on with the others, and tries only that again", async () => {
    const tried: string[] = [];
    let isBroken = true;
    const { key, finished } = startJob({
      title: "Delete",
      noun: "organizations",
      ids: ids(8),
      run: async (id) => {
        tried.push(id);
        if (isBroken && (id === "org-2" || id === "org-5")) throw new Failure("not_found", `${id} is gone`);
      },
    });
    await finished;
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 6 });
    expect(jobOf(key)?.failures).toEqual([
      { id: "org-2", message: "org-2 is gone" },
      { id: "org-5", message: "org-5 is gone" },
    ]);
    isBroken = false;
    tried.length = 0;
    await retryJob(key);
    expect(tried).toEqual(["org-2", "org-5"]);
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 8, failures: [] });
  });

  it("begins nothing more once it is stopped, and can go on later", async () => {
    const tried: string[] = [];
    const { key, finished } = startJob({
      title: "Push",
      noun: "organizations",
      ids: ids(20),
      run: async (id) => {
        tried.push(id);
        await pause();
      },
    });
    stopJob(key);
    await finished;
    expect(tried).toHaveLength(JOB_CONCURRENCY);
    expect(jobOf(key)).toMatchObject({ state: "stopped", succeeded: JOB_CONCURRENCY });
    await retryJob(key);
    expect(new Set(tried).size).toBe(20);
    expect(tried).toHaveLength(20);
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 20 });
  });

  it("does not run on against a session that has ended", async () => {
    const run = vi.fn(async () => {
      await pause();
      throw new Failure("unauthorized", "Log in first");
    });
    const { key, finished } = startJob({ title: "Push", noun: "organizations", ids: ids(50), run });
    await finished;
    expect(run).toHaveBeenCalledTimes(JOB_CONCURRENCY);
    expect(jobOf(key)?.state).toBe("stopped");
  });

  it("is gone when it is dismissed", async () => {
    const { key, finished } = startJob({ title: "Push", noun: "organizations", ids: ids(1), run: async () => {} });
    await finished;
    dismissJob(key);
    expect(jobOf(key)).toBeUndefined();
  });
});

describe("a bulk job that the controller puts off", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const spec = { title: "Set independent", noun: "organization" };
  const slowDown = (sec: number | null = 2) => new Failure("rate_limited", "Too many requests", sec);

  it("B12: waits as Retry-After says, says so, and finishes all 4,000 without anybody's help", async () => {
    let refusals = 1;
    const calls: number[] = [];
    const run = vi.fn(async () => {
      calls.push(Date.now());
      await Promise.resolve();
      if (calls.length > 1000 && refusals > 0) {
        refusals -= 1;
        throw slowDown();
      }
    });
    const { key, finished } = startJob({ ...spec, ids: ids(4000), run });
    await vi.advanceTimersByTimeAsync(100);
    const waits = jobOf(key)?.waits;
    expect(waits?.reason).toBe("too many requests");
    const refusedAt = (waits?.until ?? 0) - 2000;
    await finish(finished);
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 4000, failures: [], waits: null });
    expect(run).toHaveBeenCalledTimes(4001);
    expect(calls.filter((at) => at > refusedAt && at < refusedAt + 2000)).toEqual([]);
  });

  it("B12 sibling: waits as well for 503, a database that is away and a controller that does not answer", async () => {
    const failures = [
      new Failure("overloaded", "Busy", 1),
      new Failure("database_unavailable", "The database is not available, try again shortly", 5),
      new Failure("unreachable", "The controller is not responding"),
      slowDown(null),
    ];
    const { key, finished } = startJob({
      ...spec,
      ids: ids(20),
      run: async () => {
        await Promise.resolve();
        const failure = failures.shift();
        if (failure) throw failure;
      },
    });
    await finish(finished);
    expect(jobOf(key)).toMatchObject({ state: "finished", succeeded: 20, failures: [] });
  });

  it("B12 sibling: tries what is put off after the others, and gives it up when nothing goes on for 15 minutes", async () => {
    const { key, finished } = startJob({
      ...spec,
      ids: ids(30),
      run: async (id) => {
        await Promise.resolve();
        if (id === "org-3") throw new Failure("rate_limited", "Too much waits for the database already", 1);
      },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(jobOf(key)).toMatchObject({ state: "running", succeeded: 29, failures: [] });
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    await finished;
    expect(jobOf(key)).toMatchObject({
      state: "finished",
      succeeded: 29,
      failures: [{ id: "org-3", message: "Too much waits for the database already" }],
    });
  });

  it("ends at once when it is stopped while it waits", async () => {
    const { key, finished } = startJob({
      ...spec,
      ids: ids(10),
      run: async () => {
        await Promise.resolve();
        throw slowDown(60);
      },
    });
    await vi.advanceTimersByTimeAsync(10);
    expect(jobOf(key)?.waits).not.toBeNull();
    stopJob(key);
    await vi.advanceTimersByTimeAsync(10);
    await finished;
    expect(jobOf(key)).toMatchObject({ state: "stopped", failures: [], waits: null });
  });
});

describe("the pace of bulk jobs", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("B12: leaves room under the limit of the controller for other tabs, and slows down when it was too much", async () => {
    const pace = new Pace();
    let calls = 0;
    const work = async () => {
      while (calls < 100_000) {
        await pace.turn();
        calls += 1;
        pace.answered();
      }
    };
    for (let worker = 0; worker < 5; worker++) void work();
    await vi.advanceTimersByTimeAsync(60_000);
    // 3,000 a minute are what one caller has.
    expect(calls).toBeLessThan(2_300);
    expect(calls).toBeGreaterThan(1_700);
    const before = calls;
    pace.refused();
    expect(pace.perSec).toBe(15);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls - before).toBeLessThan(25);
    calls = 100_000;
  });
});

describe("Retry-After", () => {
  const NOW = Date.parse("2026-11-29T12:00:00Z");
  const secOf = (headers: Record<string, string>) => retryAfterSec(new Headers(headers), NOW);

  it.each([
    ["seconds", { "Retry-After": "2" }, 2],
    ["a date", { "Retry-After": "Sun, 29 Nov 2026 12:00:30 GMT" }, 30],
    // Of a viewer whose clock is wrong by an hour.
    [
      "a date beside its own",
      { "Retry-After": "Sun, 29 Nov 2026 13:00:05 GMT", Date: "Sun, 29 Nov 2026 13:00:00 GMT" },
      5,
    ],
    ["a date that is over", { "Retry-After": "Sun, 29 Nov 2026 11:00:00 GMT" }, null],
    ["nothing", {}, null],
    ["no number", { "Retry-After": "soon" }, null],
    ["zero", { "Retry-After": "0" }, null],
  ])("is read: %s", (_what, headers, expected) => expect(secOf(headers as Record<string, string>)).toBe(expected));
});
