import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, openSession } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { StreamClient } from "../support/stream-client.ts";

describe("the stream", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    stack?.database.unfreeze();
    await stack?.stop();
  });

  const view = async () => await (await StreamClient.open(stack.controller.wsUrl)).ready();

  it("begins with hello and a snapshot, then tells of every transition", async () => {
    const first = await openSession(`${stack.controller.wsUrl}/ws`, "before");
    first.send(beat());
    await first.next("keepalive_ack");
    // The shard hears of a new one a moment after its beat is answered.
    await eventually(async () => {
      const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
      expect(body.data).toMatchObject({ total_count: 1 });
    });
    const viewer = await view();
    expect(viewer.frames[0]?.frame).toMatchObject({ type: "hello", shard: 0, shards: 1, resumed: false });
    expect(viewer.state.rows.get("before")).toMatchObject({ status: "active", connected: true });
    expect(viewer.state.organizations.get("before")).toMatchObject({ status: "active", orchestrators: 1 });

    const second = await openSession(`${stack.controller.wsUrl}/ws`, "after");
    await eventually(() => expect(viewer.state.rows.get("after")).toMatchObject({ connected: true }));
    await second.close(1000);
    await eventually(() => expect(viewer.state.rows.get("after")).toMatchObject({ status: "inactive" }));
    await eventually(() => {
      const events = viewer.state.events.filter(({ orchestrator_id: id }) => id === "after");
      expect(events.map(({ type }) => type)).toEqual(["registered", "connected", "disconnected"]);
    });
    expect(viewer.state.problems).toEqual([]);

    viewer.sendText("ping");
    await eventually(() => expect(viewer.pongs).toBe(1));
    await viewer.kill();
    await first.close(1000);
  });

  it("tells that messages came and were decided once Postgres has them, and not what they say", async () => {
    const viewer = await view();
    const client = await openSession(`${stack.controller.wsUrl}/ws`, "talks");
    client.send({ type: "recommendation", data: { id: "r1", content: "the secret words" } });
    const { message_id: inbound } = await client.next("message_ack");
    const events = () => viewer.state.events.filter(({ orchestrator_id: id }) => id === "talks");
    await eventually(() =>
      expect(events().at(-1)).toMatchObject({ type: "message", detail: "recommendation received" }),
    );
    const { status } = await stack.controller.call("PUT", `/api/v1/internal/messages/${inbound}/status`, {
      status: "accepted",
    });
    expect(status).toBe(200);
    await eventually(() => expect(events().at(-1)).toMatchObject({ type: "message_decided", detail: "accepted" }));
    expect(JSON.stringify(viewer.frames)).not.toContain("secret words");
    expect(viewer.state.problems).toEqual([]);
    await viewer.kill();
    await client.close(1000);
  });

  it("does not wait for Postgres, nor make more statements for it", async () => {
    const viewer = await view();
    const client = await openSession(`${stack.controller.wsUrl}/ws`, "steady");
    await eventually(() => expect(viewer.state.rows.has("steady")).toBe(true));
    viewer.send({ type: "watch", orchestrator_ids: ["steady"], logs: true });
    await sleep(1_500);

    stack.database.clearStatements();
    const start = Date.now();
    for (let round = 0; round < 20; round++) {
      client.send({ ...beat(), health_status: round % 2 === 0 ? "degraded" : "healthy" });
      await sleep(150);
    }
    // One flush a second, as without a viewer.
    const seconds = (Date.now() - start) / 1_000;
    expect(stack.database.statements().length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);

    // If each of thirty waited until Postgres is given up on, which takes 5 s, they would not fit into this test.
    stack.database.freeze("before");
    for (let round = 0; round < 30; round++) {
      const health = round % 2 === 0 ? "unhealthy" : "healthy";
      client.send({ ...beat(), health_status: health });
      await eventually(() => expect(viewer.state.rows.get("steady")?.health_status).toBe(health), { everyMs: 10 });
      await sleep(Math.random() * 200);
    }
    stack.database.unfreeze();
    expect(viewer.state.problems).toEqual([]);
    await viewer.kill();
    await client.close(1000);
  });
});
