import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { crowdShard, evict, report } from "./shards.ts";
import { TestViewer } from "./viewer.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("frames", () => {
  it("come at once when none came before, and the next not before its time", async () => {
    const { stub, rpc } = crowdShard("first");
    const viewer = await TestViewer.open({ shard: stub });
    await viewer.until(({ index }) => expect(index).not.toBeNull());
    const openedAt = Date.now();
    const revision = () => viewer.state.rows.get("first")?.config_revision;
    // The clock stands: whatever comes now did not wait.
    vi.useFakeTimers({ toFake: ["Date"], now: openedAt + 1_000 });
    await rpc.report(report("first", 1, { configRevision: 1, configState: "sent" }));
    await eventually(() => expect(revision()).toBe(1));
    await rpc.report(report("first", 2, { configRevision: 2, configState: "sent" }));
    await runDurableObjectAlarm(stub);
    await sleep(300);
    expect(revision()).toBe(1);
    vi.setSystemTime(openedAt + 1_200);
    await runDurableObjectAlarm(stub);
    await eventually(() => expect(revision()).toBe(2));
  });

  it("come at most five a second", async () => {
    const { stub, rpc } = crowdShard("pace");
    const viewer = await TestViewer.open({ shard: stub });
    viewer.frames.length = 0;
    const start = Date.now();
    let seq = 10;
    await rpc.report(report("pace", seq));
    await viewer.until(({ rows }) => expect(rows.has("pace")).toBe(true));
    while (viewer.frames.length < 10) {
      const revisions = [1, 2, 3, 4].map((next) => seq + next);
      seq += 4;
      for (const revision of revisions)
        await rpc.report(report("pace", revision, { configRevision: revision, configState: "sent" }));
      await sleep(20);
    }
    const last = seq;
    await viewer.until(({ rows }) => expect(rows.get("pace")?.config_revision).toBe(last));
    const seconds = (Date.now() - start) / 1_000;
    expect(viewer.frames.length).toBeLessThanOrEqual(Math.ceil(seconds * 5) + 1);
    expect(viewer.state.events.length).toBeGreaterThan(viewer.frames.length);
    expect(viewer.state.problems).toEqual([]);
  });

  it("tell of a watched one that changes once, in its row, so that other changes need not wait", async () => {
    const { stub, rpc } = crowdShard("once");
    const viewer = await TestViewer.open({ shard: stub });
    await rpc.report(report("once", 1, { lastSeenAt: 1 }));
    viewer.send({ type: "watch", orchestrator_ids: ["once"] });
    await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(1));
    await viewer.until(() => expect(viewer.of("sights")).toHaveLength(1));
    for (const [seen, healthStatus] of [[2, "degraded"] as const, [3, "healthy"] as const]) {
      await rpc.report(report("once", seen, { lastSeenAt: seen, healthStatus }));
      await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(seen));
      // Twice the time between frames.
      await sleep(400);
      expect(viewer.of("sights")).toHaveLength(1);
      expect(viewer.state.rows.get("once")?.health_status).toBe(healthStatus);
    }
    await rpc.report({ ...report("once", 4, { lastSeenAt: 4 }), transition: null });
    await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(4));
    expect(viewer.of("sights")).toHaveLength(2);
  });

  it("hold only what the viewer may see", async () => {
    const { stub, rpc } = crowdShard("tenants");
    const viewer = await TestViewer.open({ shard: stub, organizations: ["mine", "also-mine"] });
    viewer.send({ type: "watch", orchestrator_ids: ["ours", "alien"], logs: true });
    const line = (orchestratorId: string | null, message: string, organizationId?: string) => {
      return {
        at: Date.now(),
        level: "INFO" as const,
        message,
        orchestratorId,
        ...(organizationId && { organizationId }),
        count: 1,
      };
    };
    await rpc.report(report("alien", 1, { organizationId: "foreign" }));
    await rpc.report(report("ours", 1, { organizationId: "mine", lastSeenAt: 5 }));
    // What was written before anybody had the id is nobody's, whoever has it now.
    const ofNobody = [line("ours", "words of before"), line(null, "words of nobody")];
    await rpc.log([line("alien", "foreign words", "foreign"), ...ofNobody, line("ours", "our words", "mine")]);
    await rpc.log(
      [],
      [
        { type: "message", orchestratorId: "alien", organizationId: "foreign", detail: null },
        { type: "message", orchestratorId: "ours", organizationId: "mine", detail: "recommendation received" },
      ],
    );
    await viewer.until(({ lines }) => expect(lines.map(({ message }) => message)).toEqual(["our words"]));
    await viewer.until(() => expect(viewer.events("ours")).toContain("message"));
    await viewer.until(({ sights }) => expect([...sights]).toEqual([["ours", 5]]));
    // It moves out of sight.
    await rpc.report(report("ours", 2, { organizationId: "foreign" }));
    await viewer.until(({ rows }) => expect(rows.has("ours")).toBe(false));
    expect(viewer.state.organizations.has("mine")).toBe(false);
    const seen = JSON.stringify(viewer.frames);
    expect(seen).not.toContain("alien");
    expect(seen).not.toContain("foreign");
    expect(viewer.state.problems).toEqual([]);
  });

  it("keep a viewer able to come back although it may see none of many changes", async () => {
    const { stub, rpc } = crowdShard("quiet");
    const viewer = await TestViewer.open({ shard: stub, organizations: ["nothing"] });
    const event = { type: "message", orchestratorId: "x", organizationId: "crowd", detail: null } as const;
    for (let round = 0; round < 30; round++)
      await rpc.log(
        [],
        Array.from({ length: 200 }, () => event),
      );
    await viewer.until(({ index }) => expect(index).toBeGreaterThan(4_500));
    viewer.close();
    const again = await TestViewer.open({ shard: stub, organizations: ["nothing"], state: viewer.state });
    expect(again.state).toMatchObject({ snapshots: 1, resumes: 1, events: [], problems: [] });
  });

  it("end with 1013 for who does not acknowledge them, and cost nobody else anything", async () => {
    const { stub, rpc } = crowdShard("slow");
    const reader = await TestViewer.open({ shard: stub });
    const sleeper = await TestViewer.open({ shard: stub, acks: false });
    const longLine = { at: 0, level: "INFO" as const, message: "x".repeat(2_000), orchestratorId: null, count: 1 };
    for (const viewer of [reader, sleeper]) viewer.send({ type: "watch", orchestrator_ids: [], logs: true });
    for (let round = 1; round <= 12; round++) {
      await rpc.log(Array.from({ length: 30 }, () => longLine));
      // A frame for each round: two rounds in one would not fit where four frames have their place.
      for (const viewer of round <= 4 ? [reader, sleeper] : [reader])
        await viewer.until(({ lines }) => expect(lines).toHaveLength(30 * round));
    }
    const chars = sleeper.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    expect(chars).toBeGreaterThan(190_000);
    expect(chars).toBeLessThan(263_000);
    await evict(stub);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
    await runDurableObjectAlarm(stub);
    await sleeper.untilClosed(1013);
    await rpc.report(report("slow", 1));
    await reader.until(({ rows }) => expect(rows.has("slow")).toBe(true));
    expect(reader.closeCode).toBeNull();
  });

  it("that a viewer sends and nobody understands end with 4400", async () => {
    const viewer = await TestViewer.open();
    viewer.send({ type: "watch", orchestrator_ids: [] });
    for (const text of ["", "{", "[]", '{"type":"ack"}', '{"type":"watch","orchestrator_ids":["/"]}', "null"]) {
      viewer.sendText(text);
    }
    await viewer.untilClosed(4400);
  });
});
