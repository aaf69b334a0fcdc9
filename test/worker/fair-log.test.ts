import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LogLine } from "../../worker/contract/presence.ts";
import type { RefusalReport } from "../../worker/contract/refusals.ts";
import { Refusals } from "../../worker/fleet/refusals.ts";
import { crowdShard, evict, report } from "./shards.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A shard writes no more often than once a second: the next moment at which its alarm does. */
async function saveNow(stub: Parameters<typeof runDurableObjectAlarm>[0]): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  expect(await runDurableObjectAlarm(stub)).toBe(true);
}

const QUIET = "fair-quiet";
const CHATTY = "fair-chatty";

function line(organizationId: string, orchestratorId: string, message: string): LogLine {
  return { at: Date.now(), level: "INFO", message, orchestratorId, organizationId, count: 1 };
}

function linesOf(shard: ReturnType<typeof crowdShard>["rpc"], organizationId: string) {
  return shard.logs({ q: null, level: null, limit: 1000, organizations: [organizationId] });
}

describe("the log of a shard that two organizations share", () => {
  it("keeps the lines of one however many lines the orchestrators of the other write", async () => {
    const { stub, rpc } = crowdShard("fair-log");
    await rpc.log(Array.from({ length: 6 }, (_, index) => line(QUIET, `${QUIET}-1`, `said once: ${index}`)));
    for (let round = 0; round < 20; round++) {
      const ids = Array.from({ length: 500 }, (_, index) => `${CHATTY}-${index}`);
      await rpc.log(ids.map((id) => line(CHATTY, id, `round ${round} of ${id}`)));
      if (round % 4 === 0) await saveNow(stub);
    }
    expect((await linesOf(rpc, QUIET)).total).toBe(6);
    await saveNow(stub);
    await evict(stub);
    expect((await linesOf(rpc, QUIET)).total).toBe(6);
    expect((await linesOf(rpc, CHATTY)).total).toBeGreaterThan(1_400);
    expect((await linesOf(rpc, CHATTY)).total).toBeLessThanOrEqual(1_994);
  });

  it("takes more long lines at once than one row holds", async () => {
    const { stub, rpc } = crowdShard("fair-long-lines");
    for (let part = 0; part < 12; part++) {
      const long = (index: number) => `${part} ${index} ${"語".repeat(1_900)}`;
      await rpc.log(Array.from({ length: 100 }, (_, index) => line(CHATTY, `${CHATTY}-1`, long(index))));
    }
    await saveNow(stub);
    await evict(stub);
    expect((await linesOf(rpc, CHATTY)).total).toBe(1_200);
  });
});

describe("the feed of a shard that two organizations share", () => {
  it("keeps what happened in one, however much happens in the other", async () => {
    const { rpc } = crowdShard("fair-feed");
    const quiet = { organizationId: QUIET };
    for (let seq = 1; seq <= 4; seq++)
      await rpc.report(report(`${QUIET}-1`, seq, { ...quiet, healthStatus: seq % 2 === 0 ? "healthy" : "degraded" }));
    const before = await rpc.eventCount([QUIET]);
    expect(before).toBeGreaterThan(0);
    for (let round = 0; round < 12; round++) {
      const announcements = Array.from({ length: 1_000 }, (_, index) => ({
        type: "message" as const,
        orchestratorId: `${CHATTY}-${index % 600}`,
        organizationId: CHATTY,
        detail: `round ${round}, ${index}`,
      }));
      await rpc.log([], announcements);
    }
    expect(await rpc.eventCount([QUIET])).toBe(before);
    expect(await rpc.eventCount(null)).toBeLessThanOrEqual(5_250);
  });
});

describe("the refused connections of a shard that two organizations share", () => {
  it("keep those of one, however many ids of the other are refused", async () => {
    const { stub } = crowdShard("fair-refusals");
    const now = Date.now();
    const refusal = (organizationId: string | null, index: number): RefusalReport => ({
      orchestratorId: `${organizationId}-${index}`,
      organizationId,
      reason: "wrong_token",
      address: null,
      since: now + index,
      lastAt: now + index,
      count: 1,
    });
    const counts = await runInDurableObject(stub, (_instance, { storage }) => {
      const refusals = new Refusals(storage.sql);
      refusals.add(
        [0, 1, 2].map((index) => refusal(QUIET, index)),
        now,
      );
      for (let round = 0; round < 15; round++) {
        const chatty = Array.from({ length: 100 }, (_, index) => refusal(CHATTY, 10 + round * 100 + index));
        refusals.add(chatty, now);
      }
      return [[QUIET], [CHATTY]].map((ids) => refusals.list(ids, now).length);
    });
    expect(counts[0]).toBe(3);
    expect(counts[1]).toBeLessThanOrEqual(1_100);
  });
});
