import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PresenceReport } from "../../worker/contract/presence.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, fleetStub, orchestratorRpc } from "./client.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Item {
  index: number;
  at: string;
  first_at: string;
  type: string;
  types: Record<string, number>;
  count: number;
  orchestrator_id: string;
}

async function activityOf(id: string, query = "limit=1000"): Promise<Item[]> {
  const { status, body } = await call("GET", `${CONTROLLER}/activity?${query}`);
  expect(status).toBe(200);
  return body.data.items.filter((item: Item) => item.orchestrator_id === id);
}

const setClock = (at: number) => vi.useFakeTimers({ toFake: ["Date"], now: at });

/** Reports that its object would make: it comes and goes once in nine seconds. */
async function flap(id: string, times: number, startedAt: number): Promise<void> {
  const detail = await orchestratorRpc(id).describe();
  if (!detail) throw new Error(`${id} is not registered`);
  const shard = fleetOf(env, id);
  for (let round = 0; round < times; round++) {
    setClock(startedAt + round * 9_000);
    for (const connected of [true, false]) {
      const view = {
        ...detail.view,
        ...{ epoch: detail.view.epoch + round + 1, seq: connected ? 1 : 2, connected },
        status: connected ? ("active" as const) : ("inactive" as const),
      };
      const transition = connected ? ("connected" as const) : ("disconnected" as const);
      const report: PresenceReport = {
        ...{ view, transition, profile: detail.profile, beats: { processed: 0, ignored: 0 } },
        logs: [
          {
            ...{ at: Date.now(), level: "INFO", orchestratorId: id, count: 1 },
            message: `[C-OCS] Orchestrator ${id} ${transition}`,
          },
        ],
      };
      await shard.report(report);
    }
  }
}

describe("one orchestrator that comes and goes for an hour", () => {
  it("B26: is one entry with a count in the activity, and leaves what others did in it", async () => {
    await register("rep-quiet");
    await register("rep-flap");
    const startedAt = Date.now();
    await flap("rep-flap", 400, startedAt);
    const flapped = await activityOf("rep-flap");
    const [newest] = flapped;
    expect(flapped.length).toBeLessThanOrEqual(6);
    expect(newest).toMatchObject({ type: "disconnected" });
    expect(newest?.count).toBeGreaterThan(780);
    expect(Date.parse(newest?.at ?? "") - Date.parse(newest?.first_at ?? "")).toBeGreaterThan(3_500_000);
    // The counts agree with what they stand for.
    for (const item of flapped) {
      expect(Object.values(item.types).reduce((sum, count) => sum + count, 0)).toBe(item.count);
    }
    const total = (type: string) => flapped.reduce((sum, item) => sum + (item.types[type] ?? 0), 0);
    expect([total("connected"), total("disconnected")]).toEqual([400, 400]);
    expect(await activityOf("rep-quiet")).toEqual([expect.objectContaining({ type: "registered", count: 1 })]);
    const rows = await runInDurableObject(fleetStub("rep-flap"), (_instance, { storage }) =>
      storage.sql.exec("SELECT count(*) AS n FROM feed WHERE orchestrator_id = 'rep-flap'").one(),
    );
    expect(rows.n).toBeLessThan(10);
  });

  it("B26 sibling: is a few lines with a count in the log, and leaves the lines of others in it", async () => {
    await register("rep-quiet-log");
    await register("rep-flap-log");
    const startedAt = Date.now();
    await flap("rep-flap-log", 400, startedAt);
    const linesOf = async (id: string) =>
      (await call("GET", `${INTERNAL}/logs?limit=1000&q=${id}%20`)).body.logs as {
        message: string;
        count: number;
        timestamp: string;
        first_at: string;
      }[];
    const flapped = (await linesOf("rep-flap-log")).filter(({ message }) => message.endsWith(" connected"));
    expect(flapped.length).toBeLessThanOrEqual(6);
    expect(flapped.reduce((sum, line) => sum + line.count, 0)).toBe(400);
    const [newest] = flapped;
    expect(Date.parse(newest?.timestamp ?? "") - Date.parse(newest?.first_at ?? "")).toBeGreaterThan(3_500_000);
    const quiet = (await call("GET", `${INTERNAL}/logs?limit=1000&q=rep-quiet-log`)).body.logs;
    expect(quiet).not.toEqual([]);
  });

  it("B26 sibling: keeps what else it did in its own activity", async () => {
    const id = "rep-own";
    await register(id);
    await call("PUT", `${INTERNAL}/orchestrators/${id}/independence`, { body: { is_independent: true } });
    await call("PUT", `${INTERNAL}/orchestrators/${id}/independence`, { body: { is_independent: false } });
    for (let round = 0; round < 30; round++) {
      const client = await Client.connect(id);
      client.socket.close(1000);
      await eventually(async () => expect((await orchestratorRpc(id).describe())?.view.connected).toBe(false));
    }
    const { items } = (await call("GET", `${CONTROLLER}/orchestrators/${id}/activity?limit=1000`)).body.data;
    const of = (type: string) => items.filter((item: { type: string }) => item.type === type);
    expect(of("independence")).toHaveLength(2);
    expect(of("disconnect").length).toBeLessThanOrEqual(6);
    expect(of("disconnect").reduce((sum: number, item: { count: number }) => sum + item.count, 0)).toBe(30);
  });
});
