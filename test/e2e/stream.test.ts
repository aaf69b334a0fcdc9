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

  afterAll(() => stack?.stop());

  it("begins with hello and a snapshot, then tells of every transition", async () => {
    const first = await openSession(`${stack.controller.wsUrl}/ws`, "before");
    first.send(beat());
    await first.next("keepalive_ack");
    const viewer = await (await StreamClient.open(stack.controller.wsUrl)).ready();
    expect(viewer.frames[0]?.frame).toMatchObject({ type: "hello", shard: 0, shards: 1, resumed: false });
    expect(viewer.state.rows.get("before")).toMatchObject({ status: "active", connected: true });
    expect(viewer.state.organizations.get("before")).toMatchObject({ status: "active", orchestrators: 1 });

    const second = await openSession(`${stack.controller.wsUrl}/ws`, "after");
    await eventually(() => expect(viewer.state.rows.get("after")).toMatchObject({ connected: true }));
    await second.close(1000);
    await eventually(() => expect(viewer.state.rows.get("after")).toMatchObject({ status: "inactive" }));
    const types = viewer.state.events.filter(({ orchestrator_id: id }) => id === "after").map(({ type }) => type);
    expect(types).toEqual(["registered", "connected", "disconnected"]);
    expect(viewer.state.problems).toEqual([]);

    viewer.sendText("ping");
    await eventually(() => expect(viewer.pongs).toBe(1));
    await viewer.kill();
    await sleep(1);
    await first.close(1000);
  });
});
