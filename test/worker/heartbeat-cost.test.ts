import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Client, fleetStub, orchestratorRpc, orchestratorStub } from "./client.ts";

/** Writes of one object while it stays in memory: SQL rows and setAlarm calls. */
interface Cost {
  rowsWritten: number;
  alarms: number;
}

/** Counts what an object writes until its next eviction. */
async function meter(stub: DurableObjectStub<undefined>, cost: Cost): Promise<void> {
  await runInDurableObject(stub, (_instance, state) => {
    const { sql } = state.storage;
    const exec = sql.exec.bind(sql);
    vi.spyOn(sql, "exec").mockImplementation((query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      cost.rowsWritten += cursor.rowsWritten;
      return cursor as never;
    });
    const setAlarm = state.storage.setAlarm.bind(state.storage);
    vi.spyOn(state.storage, "setAlarm").mockImplementation((time, options) => {
      cost.alarms += 1;
      return setAlarm(time, options);
    });
  });
}

describe("a steady heartbeat within one report interval", () => {
  it("writes no row and sets no alarm in any object, through an eviction", async () => {
    const id = "org-steady";
    const client = await Client.connect(id);
    // Its clock is an hour fast, which is worth a word once and nothing after that.
    const beat = () => client.send({ type: "i_am_alive", timestamp: new Date(Date.now() + 3_600_000).toISOString() });
    beat();
    await client.until("keepalive_ack", 1);
    // Connect, first beat and registration are transitions; let them come to rest before counting.
    await eventually(async () => {
      await runInDurableObject(orchestratorStub(id), (_instance, state) => {
        expect(state.storage.sql.exec("SELECT id FROM outbox").toArray()).toEqual([]);
      });
      await runInDurableObject(fleetStub(id), async (_instance, state) => {
        const armed = await state.storage.getAlarm();
        expect(armed === null || armed > Date.now() + 60_000).toBe(true);
        expect(state.storage.sql.exec("SELECT member FROM members WHERE dirty = 1").toArray()).toEqual([]);
        const told = state.storage.sql.exec("SELECT id FROM logs WHERE lines LIKE ?", `%DB: Registered ${id} %`);
        expect(told.toArray()).toHaveLength(1);
      });
    });

    const cost = { rowsWritten: 0, alarms: 0 };
    await meter(fleetStub(id), cost);
    await meter(orchestratorStub(id), cost);
    for (let count = 0; count < 50; count++) beat();
    await client.until("keepalive_ack", 51);

    await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    await meter(orchestratorStub(id), cost);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (let count = 0; count < 60; count++) beat();
    await client.until("keepalive_ack", 111);

    expect(cost).toEqual({ rowsWritten: 0, alarms: 0 });
    const detail = await orchestratorRpc(id).describe();
    expect(Math.round((detail?.clockOffsetMs ?? 0) / 60_000)).toBe(60);
    expect(detail?.beats.minutes.reduce((sum, minute) => sum + minute.processed, 0)).toBe(111);

    // The meter itself works: a transition writes rows and has the fleet arm its alarm.
    client.send({ type: "i_am_alive", health_status: "degraded" });
    await client.until("keepalive_ack", 112);
    await eventually(() => {
      expect(cost.rowsWritten).toBeGreaterThanOrEqual(3);
      expect(cost.alarms).toBeGreaterThanOrEqual(1);
    });
  });

  it("writes one row for many REST heartbeats", async () => {
    const id = "org-rest-beats";
    const audit = { actor: "test", ip: null, userAgent: null, requestId: "test" };
    await orchestratorRpc(id).register({ organizationId: null, fields: { name: "REST" }, audit });
    await orchestratorRpc(id).heartbeat({});
    const cost = { rowsWritten: 0, alarms: 0 };
    await meter(orchestratorStub(id), cost);
    for (let beat = 0; beat < 30; beat++) await orchestratorRpc(id).heartbeat({});
    expect(cost).toEqual({ rowsWritten: 0, alarms: 0 });
    expect((await orchestratorRpc(id).describe())?.view.status).toBe("active");
  });
});
