import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ID = "org-cost";
const BEATS = 120;

// A steady-state heartbeat costs no statement. Rows and alarms are counted in test/worker. The interval is ten
// times that of a deployment: on a busy machine the next report could fall due while statements are counted.
describe("with one report in 1,100 s", () => {
  let stack: Stack;
  let client: RawClient;

  beforeAll(async () => {
    stack = await startStack({ vars: { PRESENCE_REPORT_INTERVAL_SEC: "1100", HEARTBEAT_TTL_SEC: "1200" } });
    client = await openSession(`${stack.controller.wsUrl}/ws/${ID}`, ID);
    await sendBeats(3);
    await settled();
  });

  afterAll(async () => {
    client?.kill();
    await stack?.stop();
  });

  async function sendBeats(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
      client.send(beat());
      await sleep(55);
      await client.next("keepalive_ack");
    }
  }

  /** Registration and the first beat are transitions: their statements come first. */
  async function settled(): Promise<void> {
    let seen = -1;
    await eventually(async () => expect(await stack.instance(ID)).toMatchObject({ status: "active" }));
    await eventually(
      async () => {
        const before = seen;
        seen = stack.database.statements().length;
        expect(seen).toBe(before);
      },
      { timeoutMs: 60_000, everyMs: 4_000 },
    );
    stack.database.clearStatements();
  }

  it(`makes no statement for ${BEATS} beats, an eviction among them`, async () => {
    const { connected_at: connectedAt } = await detail();
    await sendBeats(BEATS / 2);
    await stack.controller.evict("Orchestrator", ID);
    await sendBeats(BEATS / 2 - 1);
    const lastAt = Date.now();
    await sendBeats(1);
    expect(client.isOpen).toBe(true);
    // A write-behind would come a little later.
    await sleep(3_000);
    expect(stack.database.statements()).toEqual([]);
    // The detail route is exact although nothing was reported, and the eviction was no reconnect.
    const { connected_at, last_seen } = await detail();
    expect(connected_at).toBe(connectedAt);
    expect(Date.parse(last_seen)).toBeGreaterThanOrEqual(lastAt);
  });

  it("makes none while the Fleet shard has lost its memory", async () => {
    // Idle that long, it sleeps; only one that runs can be evicted.
    await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
    await stack.controller.evict("Fleet", "0/1");
    stack.database.clearStatements();
    await sendBeats(20);
    await sleep(3_000);
    expect(stack.database.statements()).toEqual([]);
  });

  async function detail(): Promise<{ connected_at: string; last_seen: string }> {
    const { body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${ID}`);
    stack.database.clearStatements();
    return { connected_at: String(body.data?.connected_at), last_seen: String(body.data?.last_seen) };
  }
});
