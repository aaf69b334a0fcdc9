import { describe, expect, it, vi } from "vitest";
import {
  dismissJob,
  JOB_CONCURRENCY,
  jobs,
  retryJob,
  startJob,
  stopJob,
} from "../../dashboard/src/features/organizations/jobs.ts";
import { Failure } from "../../dashboard/src/lib/failure.ts";

const ids = (count: number) => Array.from({ length: count }, (_, index) => `org-${index}`);
const jobOf = (key: number) => jobs.find((job) => job.key === key);
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
