import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { activityLogs, orchestratorInstances as instances } from "../../worker/db/schema.ts";
import { Fleet } from "../../worker/fleet/fleet.ts";
import { eventually } from "../support/eventually.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const db = database(env);

async function rowOf(id: string) {
  const [row] = await db.select().from(instances).where(eq(instances.orchestratorId, id));
  return row;
}

const queued = (id: string) =>
  runInDurableObject(
    orchestratorStub(id),
    (_instance, state) => state.storage.sql.exec("SELECT id FROM outbox").toArray().length,
  );

function usage(report_id: string) {
  const [window_end, window_start] = [new Date(), new Date(Date.now() - 60_000)].map((at) => at.toISOString());
  return {
    report_id,
    window_start,
    window_end,
    items: [{ requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: 1 }],
  };
}

describe("the outbox", () => {
  it("is taken up again when a reset came between the change and its alarm", async () => {
    const id = "out-reset";
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    const entry = {
      id: crypto.randomUUID(),
      at: Date.now(),
      action: "orchestrator.independence",
      targetType: "orchestrator",
      targetId: id,
      organizationId: id,
      before: null,
      after: null,
      context: AUDIT,
    };
    await runInDurableObject(orchestratorStub(id), async (_instance, state) => {
      const intent = JSON.stringify({ kind: "audit", audit: [entry] });
      state.storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now());
      await state.storage.deleteAlarm();
    });
    await evictDurableObject(orchestratorStub(id));
    // Whatever wakes the object arms the alarm.
    await orchestratorRpc(id).describe();
    await eventually(async () => {
      await runDurableObjectAlarm(orchestratorStub(id));
      expect(await queued(id)).toBe(0);
    });
    expect(await db.select().from(activityLogs).where(eq(activityLogs.id, entry.id))).toHaveLength(1);
  });

  it("takes no more from an orchestrator when 5,000 changes wait, and acknowledges nothing of it", async () => {
    const id = "out-full";
    const client = await Client.connect(id);
    await eventually(async () => expect(await queued(id)).toBe(0));
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const away = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const fill = (count: number) =>
      runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
        const intent = JSON.stringify({ kind: "audit", audit: [] });
        for (let index = 0; index < count; index++) {
          storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now() + 3_600_000);
        }
      });
    await fill(4_999);
    const report = (content: string) => client.send({ type: "monitoring_report", data: { id: content, content } });
    report("the last one");
    await client.until("message_ack", 1);
    report("one too many");
    client.send({ type: "usage_report", data: usage("too-many") });
    await client.until("error", 2);
    expect(client.frames.findLast(({ type }) => type === "error")).toMatchObject({ data: { code: "rate_limited" } });
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    expect(await queued(id)).toBe(5_000);
    expect(client.frames.filter(({ type }) => type === "usage_ack")).toEqual([]);
    const rpc = orchestratorRpc(id);
    const message = { type: "monitoring" as const, content: "one too many", metadata: {}, audit: AUDIT };
    expect(await rpc.createMessage(message)).toMatchObject({ ok: false, code: "rate_limited" });
    const again = { organizationId: null, fields: { name: "One too many" }, audit: AUDIT };
    expect(await rpc.register(again)).toMatchObject({ ok: false, code: "rate_limited" });
    expect(await queued(id)).toBe(5_000);
    // What an operator must always be able to do is accepted.
    const independence = { isIndependent: true, audit: AUDIT };
    expect(await rpc.setIndependence(independence)).toMatchObject({
      ok: false,
      code: "database_unavailable",
      accepted: true,
    });
    expect(await queued(id)).toBe(5_001);
    away.mockRestore();
  });

  it("shows an orchestrator as it is while 5,000 changes wait: back with the frame that is not taken", async () => {
    const id = "out-full-back";
    const client = await Client.connect(id);
    await eventually(async () => expect(await queued(id)).toBe(0));
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const intent = JSON.stringify({ kind: "audit", audit: [] });
      for (let index = 0; index < 5_000; index++) {
        storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now() + 3_600_000);
      }
    });
    const seen = vi.spyOn(Fleet.prototype, "report");
    const reports = () => seen.mock.calls.map(([report]) => report.view).filter((view) => view.orchestratorId === id);
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
    expect((await orchestratorRpc(id).describe())?.view).toMatchObject({ status: "inactive" });
    client.send({ type: "monitoring_report", data: { id: "m", content: "one too many" } });
    await client.until("error", 1);
    await eventually(() => expect(reports().at(-1)).toMatchObject({ status: "active" }));
    expect(await queued(id)).toBe(5_000);
    vi.useRealTimers();
    seen.mockRestore();
  });

  it("keeps no command of an orchestrator back for usage that no number of Postgres holds", async () => {
    const id = "out-usage";
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    const items = [{ model: "", provider: "", requests: 1, inputTokens: 1, outputTokens: 1, costUsd: 1e12 }];
    const report = { organizationId: id, reportId: "too much", windowStart: Date.now(), items };
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const intent = JSON.stringify({ kind: "usage", report });
      storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now());
    });
    expect(await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT })).toMatchObject({
      ok: true,
    });
    expect(await orchestratorRpc(id).deregister(AUDIT)).toMatchObject({ ok: true });
    expect(await rowOf(id)).toBeUndefined();
    logged.mockRestore();
  });

  it("counts what waits, however many have passed one that Postgres refuses", async () => {
    const id = "out-passed";
    const client = await Client.connect(id);
    await eventually(async () => expect(await queued(id)).toBe(0));
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const away = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const intent = JSON.stringify({ kind: "audit", audit: [] });
      for (const number of [1_000_000, 1_006_000]) {
        storage.sql.exec(
          "INSERT INTO outbox (id, intent, due_at) VALUES (?, ?, ?)",
          number,
          intent,
          Date.now() + 3_600_000,
        );
      }
    });
    client.send({ type: "monitoring_report", data: { id: "fits", content: "fits" } });
    await client.until("message_ack", 1);
    expect(await queued(id)).toBe(3);
    away.mockRestore();
  });

  it("is armed before the Fleet has taken the report, so that a reset in between mends itself", async () => {
    const id = "out-armed";
    const client = await Client.connect(id);
    await eventually(async () => expect(await queued(id)).toBe(0));
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const report = vi.spyOn(Fleet.prototype, "report").mockImplementation(() => answered);
    client.send({ type: "update_metadata", metadata: { location: "elsewhere" } });
    // Other orchestrators of this file may report meanwhile.
    const reported = () => report.mock.calls.map(([{ view }]) => view.orchestratorId);
    await eventually(() => expect(reported()).toContain(id));
    await runInDurableObject(orchestratorStub(id), async (_instance, state) => {
      const { due_at } = state.storage.sql.exec<{ due_at: number }>("SELECT due_at FROM outbox").one();
      expect(await state.storage.getAlarm()).toBeLessThanOrEqual(due_at);
    });
    report.mockRestore();
    answer();
    await eventually(async () => expect(await rowOf(id)).toMatchObject({ location: "elsewhere" }));
  });

  it("holds one statement for many changes of what an orchestrator says of itself", async () => {
    const id = "out-chatty";
    const client = await Client.connect(id);
    await eventually(async () => expect(await queued(id)).toBe(0));
    for (let change = 0; change < 50; change++)
      client.send({ type: "update_metadata", metadata: { location: `place ${change}` } });
    client.send({ type: "request_status" });
    await client.until("status", 1);
    expect(await queued(id)).toBeLessThanOrEqual(1);
    await eventually(async () => expect(await rowOf(id)).toMatchObject({ location: "place 49" }));
  });

  it("bounds what an orchestrator can make grow frame by frame", async () => {
    const id = "out-growing";
    const client = await Client.connect(id);
    for (let part = 0; part < 8; part++) {
      client.send({ type: "update_metadata", metadata: { [`part${part}`]: "x".repeat(8_000) } });
    }
    await eventually(() => expect(client.frames.some(({ type }) => type === "error")).toBe(true));
    const kept = JSON.stringify((await orchestratorRpc(id).describe())?.profile);
    expect(kept.length).toBeLessThan(40_000);
  });
});

describe("an object that lost its storage", () => {
  async function loseStorage(id: string): Promise<void> {
    await runInDurableObject(orchestratorStub(id), async (_instance, state) => {
      await state.storage.deleteAll();
    });
    await evictDurableObject(orchestratorStub(id), { webSockets: "close" });
  }

  it("rises above what Postgres holds, so that its presence counts again", async () => {
    const id = "out-lost";
    for (let session = 0; session < 4; session++) await Client.connect(id);
    await eventually(async () => expect((await rowOf(id))?.presenceEpoch).toBeGreaterThanOrEqual(4));
    await loseStorage(id);
    await Client.connect(id);
    await eventually(async () => expect((await rowOf(id))?.presenceEpoch).toBeGreaterThanOrEqual(5));
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    expect(await rowOf(id)).toMatchObject({ isIndependent: true, status: "independent" });
  });

  it("still knows over REST what Postgres remembers", async () => {
    const id = "out-remembered";
    await orchestratorRpc(id).register({ organizationId: "out-org", fields: {}, audit: AUDIT });
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await loseStorage(id);
    expect(await orchestratorRpc(id).describe()).toMatchObject({
      view: { organizationId: "out-org", isIndependent: true },
    });
    expect(await orchestratorRpc(id).deregister(AUDIT)).toMatchObject({ ok: true });
    expect(await rowOf(id)).toBeUndefined();
  });
});
