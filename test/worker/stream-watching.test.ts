import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { Client, orchestratorStub } from "./client.ts";
import { crowdShard, evict, fleet, report } from "./shards.ts";
import { TestViewer } from "./viewer.ts";

const feedIndex = (stub: DurableObjectStub<undefined>) =>
  runInDurableObject(stub, (_instance, state) =>
    Number(state.storage.sql.exec("SELECT max(idx) AS n FROM feed").one().n),
  );

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("watching", () => {
  it("has no effect on orchestrators that the viewer may not see", async () => {
    const clients = [await Client.connect("wt-ours"), await Client.connect("wt-alien")];
    const isWatched = (id: string) =>
      runInDurableObject(orchestratorStub(id), (_instance, state) =>
        state.getWebSockets().some((ws) => "watch" in (ws.deserializeAttachment() as object)),
      );
    const viewer = await TestViewer.open({ shard: fleet, organizations: ["wt-ours"] });
    viewer.send({ type: "watch", orchestrator_ids: ["wt-alien", "wt-ours"] });
    await eventually(async () => expect(await isWatched("wt-ours")).toBe(true));
    expect(await isWatched("wt-alien")).toBe(false);
    for (const { socket } of clients) socket.close(1000);
    viewer.close();
  });

  it("shows every beat within a second or two, although reports come every 110 s", async () => {
    const client = await Client.connect("wt-a");
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    const isDirty = () =>
      runInDurableObject(
        fleet,
        (_instance, { storage }) =>
          storage.sql.exec("SELECT dirty FROM members WHERE orchestrator_id = 'wt-a'").one().dirty,
      );
    await eventually(async () => expect(await isDirty()).toBe(0));
    const viewer = await TestViewer.open();
    viewer.send({ type: "watch", orchestrator_ids: ["wt-a", "unknown"] });
    await viewer.until(({ sights }) => expect(sights.has("wt-a")).toBe(true));
    for (let beat = 2; beat <= 4; beat++) {
      await sleep(1_100);
      const sentAt = Date.now();
      if (beat === 3) await evict(fleet);
      client.send({ type: "i_am_alive" });
      await client.until("keepalive_ack", beat);
      await viewer.until(({ sights }) => expect(sights.get("wt-a")).toBeGreaterThanOrEqual(sentAt));
    }
    expect(viewer.state.sights.has("unknown")).toBe(false);
    // A beat is no change: it has no index, and Postgres does not hear of it either.
    expect(await isDirty()).toBe(0);
  });

  it("goes on when the watched one comes back with a new session", async () => {
    const viewer = await TestViewer.open();
    const first = await Client.connect("wt-b");
    viewer.send({ type: "watch", orchestrator_ids: ["wt-b"] });
    first.socket.close(1000, "bye");
    const second = await Client.connect("wt-b");
    second.send({ type: "i_am_alive" });
    await second.until("keepalive_ack", 1);
    await sleep(1_500);
    const sentAt = Date.now();
    second.send({ type: "i_am_alive" });
    await viewer.until(({ sights }) => expect(sights.get("wt-b")).toBeGreaterThanOrEqual(sentAt));
  });
});

describe("without viewers", () => {
  it("a change costs its row of the feed, a plain report none, and no alarm comes for the stream", async () => {
    const { stub, rpc } = crowdShard("alone");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    await rpc.report(report("alone", 1));
    await runDurableObjectAlarm(stub);
    const before = await feedIndex(stub);
    await rpc.report(report("alone", 2));
    await rpc.report({ ...report("alone", 3, { lastSeenAt: 1 }), transition: null });
    expect((await feedIndex(stub)) - before).toBe(1);
    const armed = await runInDurableObject(stub, (_instance, state) => state.storage.getAlarm());
    // Presence is flushed to Postgres a second or more later; a frame would be due within 0.2 s.
    expect((armed ?? 0) - Date.now()).toBeGreaterThan(500);
  });
});
