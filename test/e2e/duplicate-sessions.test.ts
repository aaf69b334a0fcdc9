import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, handshake, openSession, RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const here = { hostname: "host-a", ip: "10.0.0.1" };
const there = { hostname: "host-b", ip: "10.0.0.2" };

describe("two sessions under one id", () => {
  let stack: Stack;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  async function open(id: string, fields = here, path = "/ws"): Promise<RawClient> {
    const client = await openSession(`${stack.controller.wsUrl}${path}`, id, fields);
    clients.push(client);
    client.send(beat());
    await client.next("keepalive_ack");
    return client;
  }

  const detail = async (id: string) =>
    (await stack.controller.call("GET", `/api/v1/controller/orchestrators/${id}`)).body.data;

  it.each(["/ws", "/ws/org-newest"])(
    "on %s the newest wins, the older is closed with 4409 and takes nothing along",
    async (path) => {
      const older = await open("org-newest", here, path);
      // The first handshake of all registers the id; its detail exists once Postgres has the row.
      const epoch = await eventually(async () => {
        const value = Number((await detail("org-newest"))?.session?.epoch);
        expect(value).toBeGreaterThan(0);
        return value;
      });
      const newer = await open("org-newest", here, path);
      expect((await older.closedWithin(15_000)).code).toBe(4409);
      // Longer than the close of the older one needs to arrive.
      await sleep(1_500);
      expect(newer.isOpen).toBe(true);
      newer.send(beat());
      await newer.next("keepalive_ack");
      expect(await detail("org-newest")).toMatchObject({
        status: "active",
        connected: true,
        session: { epoch: epoch + 1 },
      });
      const live = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
      expect(live.body.data?.orchestrators?.["org-newest"]).toMatchObject({ status: "connected" });
      await eventually(async () => expect(await stack.instance("org-newest")).toMatchObject({ status: "active" }));
      newer.kill();
    },
  );

  it("a socket that has not shaken hands takes over nothing", async () => {
    const first = await open("org-silent");
    const silent = await RawClient.open(`${stack.controller.wsUrl}/ws/org-silent`);
    clients.push(silent);
    silent.sendText("nonsense");
    await silent.next("error");
    first.send(beat());
    await first.next("keepalive_ack");
    silent.kill();
    await sleep(500);
    expect(first.isOpen).toBe(true);
    expect(await detail("org-silent")).toMatchObject({ status: "active", connected: true });
  });

  it("one machine may reconnect as often as it likes", async () => {
    let last = await open("org-restless");
    for (let round = 0; round < 6; round++) {
      const next = await open("org-restless");
      expect((await last.closedWithin(15_000)).code).toBe(4409);
      last = next;
    }
    expect(last.isOpen).toBe(true);
  });

  it("of two live machines the older one is refused, and reported once when it does not stop", async () => {
    const id = "org-twins";
    const older = await open(id, here);
    const current = await open(id, there);
    expect((await older.closedWithin(15_000)).code).toBe(4409);
    for (const since = Date.now(); Date.now() - since < 45_000; await sleep(3_000)) {
      const refused = await RawClient.open(`${stack.controller.wsUrl}/ws`);
      clients.push(refused);
      refused.send(handshake(id, here));
      expect(await refused.next()).toMatchObject({ type: "error", data: { code: "duplicate_identity", fatal: true } });
      expect((await refused.closedWithin(15_000)).code).toBe(4409);
      current.send(beat());
      await current.next("keepalive_ack");
    }
    expect(current.isOpen).toBe(true);
    expect(await detail(id)).toMatchObject({ status: "active", connected: true });
    await eventually(async () => {
      const types = await stack.activityTypes(id);
      expect(types.filter((type) => type === "duplicate_identity").length).toBe(1);
    });
  });
});
