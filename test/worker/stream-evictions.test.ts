import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { StreamState } from "../support/stream-state.ts";
import { Client, orchestratorRpc } from "./client.ts";
import { crowdShard, evict, fleet, report } from "./shards.ts";
import { TestViewer } from "./viewer.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a viewer through evictions", () => {
  it("misses nothing, and sees nothing twice", async () => {
    const viewer = await TestViewer.open();
    const client = await Client.connect("ev-a");
    await viewer.until(() => expect(viewer.events("ev-a")).toEqual(["registered", "connected"]));
    await evict(fleet);
    client.send({ type: "i_am_alive", health_status: "degraded" });
    await evict(fleet);
    await viewer.until(({ rows }) => expect(rows.get("ev-a")?.health_status).toBe("degraded"));
    await orchestratorRpc("ev-a").setIndependence({ isIndependent: true, audit: AUDIT });
    await evict(fleet);
    client.socket.close(1000, "bye");
    await viewer.until(({ rows }) =>
      expect(rows.get("ev-a")).toMatchObject({ status: "independent", connected: false, is_independent: true }),
    );
    await orchestratorRpc("ev-a").deregister(AUDIT);
    await viewer.until(({ rows }) => expect(rows.has("ev-a")).toBe(false));
    expect(viewer.events("ev-a")).toEqual([
      "registered",
      "connected",
      "health",
      "independence",
      "disconnected",
      "deregistered",
    ]);
    expect(viewer.state.organizations.has("ev-a")).toBe(false);
    expect(viewer.state.problems).toEqual([]);
    expect(viewer.state.snapshots).toBe(1);
    viewer.sendText("ping");
    await viewer.until(() => expect(viewer.pongs).toBe(1));
  });

  it("goes on from its cursor after the sockets were lost, with deltas alone", async () => {
    const { stub, rpc } = crowdShard("lost-sockets");
    const viewer = await TestViewer.open({ shard: stub });
    await rpc.report(report("back-a", 1));
    await viewer.until(({ rows }) => expect(rows.has("back-a")).toBe(true));
    await evictDurableObject(stub, { webSockets: "close" });
    await eventually(() => expect(viewer.closeCode).not.toBeNull());
    await rpc.report(report("back-b", 1));
    await rpc.report(report("back-a", 2, { healthStatus: "unhealthy" }));
    const again = await TestViewer.open({ shard: stub, state: viewer.state });
    await again.until(({ rows }) => expect(rows.get("back-a")?.health_status).toBe("unhealthy"));
    expect(again.state.rows.has("back-b")).toBe(true);
    expect(again.of("snapshot")).toEqual([]);
    expect(again.of("delta")).toHaveLength(1);
    expect(again.state).toMatchObject({ problems: [], snapshots: 1, resumes: 1 });
  });

  it("keeps its place whatever it watches, and comes back when it is bound to more than its socket can carry", async () => {
    const { stub, rpc } = crowdShard("attached");
    const long = (name: string, count: number) => {
      return Array.from({ length: count }, (_, index) => `${name}-${index}-`.padEnd(64, "x"));
    };
    const watched = long("watched", 200);
    const [first = ""] = watched;
    const viewer = await TestViewer.open({ shard: stub });
    const organizations = ["crowd", ...long("organization", 300)];
    const bound = await TestViewer.open({ shard: stub, organizations });
    viewer.send({ type: "watch", orchestrator_ids: watched });
    await rpc.report(report(first, 1, { lastSeenAt: 1 }));
    await viewer.until(({ sights }) => expect(sights.get(first)).toBe(1));
    await bound.until(({ rows }) => expect(rows.has(first)).toBe(true));
    await evict(stub);
    await rpc.report({ ...report(first, 2, { lastSeenAt: 2 }), transition: null });
    await viewer.until(({ sights }) => expect(sights.get(first)).toBe(2));
    expect(viewer.closeCode).toBeNull();
    await bound.untilClosed(1012);
    const again = await TestViewer.open({ shard: stub, organizations, state: bound.state });
    expect(again.state).toMatchObject({ resumes: 1, snapshots: 1, problems: [] });
  });

  it("gets a snapshot when its cursor is of another epoch, ahead, or older than what is kept", async () => {
    const { stub, rpc } = crowdShard("old-cursors");
    await rpc.report(report("kept", 1));
    const viewer = await TestViewer.open({ shard: stub });
    const { epoch } = viewer.state;
    viewer.close();
    const wrong: Partial<StreamState>[] = [{ epoch: `${epoch}x` }, { index: 1_000_000 }];
    for (const part of wrong) {
      const state = Object.assign(new StreamState(), { epoch, index: viewer.state.index, ...part });
      expect((await TestViewer.open({ shard: stub, state })).state).toMatchObject({ snapshots: 1, resumes: 0, epoch });
    }
    // One that sees less gets another epoch, and no use of this one.
    const bound = Object.assign(new StreamState(), { epoch, index: viewer.state.index });
    const stranger = await TestViewer.open({ shard: stub, state: bound, organizations: ["elsewhere"] });
    expect(stranger.state).toMatchObject({ snapshots: 1, resumes: 0 });

    await evictDurableObject(stub, { webSockets: "close" });
    const event = { type: "message", orchestratorId: "kept", organizationId: "crowd" } as const;
    for (let round = 0; round < 30; round++)
      await rpc.log(
        [],
        // Each another one: what repeats is folded into one.
        Array.from({ length: 200 }, (_, index) => ({ ...event, detail: `${round} ${index}` })),
      );
    const kept = await runInDurableObject(stub, (_instance, state) =>
      Number(state.storage.sql.exec("SELECT count(*) AS n FROM feed").one().n),
    );
    expect(kept).toBeGreaterThanOrEqual(5_000);
    expect(kept).toBeLessThanOrEqual(5_250);
    const again = await TestViewer.open({ shard: stub, state: viewer.state });
    expect(again.state).toMatchObject({ problems: [], snapshots: 2, resumes: 0 });
  });

  it("gets a large fleet in chunks, while it changes and hibernates in between", async () => {
    const { stub, rpc } = crowdShard("large");
    const ids = Array.from({ length: 1_200 }, (_, index) => `crowd-${String(index).padStart(4, "0")}`);
    for (const id of ids) await rpc.report(report(id, 1));
    const opened = TestViewer.open({ shard: stub });
    await evict(stub);
    await rpc.report(report("crowd-0001", 2, { healthStatus: "degraded" }));
    await evict(stub);
    await rpc.report({ ...report("crowd-0002", 2), transition: "deregistered" });
    await rpc.report(report("crowd-9999", 1));
    const viewer = await opened;
    await viewer.until(({ rows }) => {
      expect(rows.get("crowd-9999")).toBeDefined();
      expect(rows.has("crowd-0002")).toBe(false);
    });
    expect(viewer.of("snapshot").length).toBeGreaterThan(4);
    for (const { rows } of viewer.of("snapshot")) expect(rows.length).toBeLessThanOrEqual(500);
    expect(viewer.state.rows.get("crowd-0001")?.health_status).toBe("degraded");
    expect(ids.filter((id) => !viewer.state.rows.has(id))).toEqual(["crowd-0002"]);
    expect(viewer.state.organizations.get("crowd")).toMatchObject({ orchestrators: 1_200, status: "inactive" });
    expect(viewer.state.problems).toEqual([]);
  });
});
