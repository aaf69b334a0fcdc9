import { createScheduledController, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Fleet } from "../../worker/fleet/fleet.ts";
import worker from "../../worker/index.ts";
import { Orchestrator } from "../../worker/orchestrator/orchestrator.ts";
import { eventually } from "../support/eventually.ts";
import { call } from "./api.ts";
import { Client, fleetStub, orchestratorRpc, orchestratorStub } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const wrongEnv = () => ({ ...env, HEARTBEAT_TTL_SEC: "two minutes" }) as Cloudflare.Env;

afterEach(() => {
  vi.restoreAllMocks();
});

/** The error lines that are written meanwhile. */
function errorLines() {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  return () => logged.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
}

const names = (line: unknown) => JSON.stringify(line).includes("HEARTBEAT_TTL_SEC");

/** An object as it is with a wrong setting, on the storage and the sockets of the one that works. */
async function withWrongSettings(id: string, test: (object: Orchestrator, state: DurableObjectState) => Promise<void>) {
  await runInDurableObject(orchestratorStub(id), async (_instance, state) => {
    await test(new Orchestrator(state, wrongEnv()), state);
  });
  // What it changed is in the storage; the other one has to read it.
  await evictDurableObject(orchestratorStub(id));
}

describe("with a setting that cannot be used", () => {
  it("a connection is refused, and one line names the setting", async () => {
    const lines = errorLines();
    const headers = { Upgrade: "websocket" };
    for (const path of ["/ws/wrong-ws", "/ws", "/"]) {
      const answer = await call("GET", path, { bearer: null, headers, env: { HEARTBEAT_TTL_SEC: "two minutes" } });
      expect([answer.status, answer.body.error.code, answer.headers.get("Retry-After")]).toEqual([
        503,
        "config_error",
        expect.any(String),
      ]);
      expect(answer.text).not.toContain("HEARTBEAT_TTL_SEC");
    }
    expect(lines().filter(names)).toHaveLength(3);
  });

  it("a frame is refused, the session stays, and the log names the setting once", async () => {
    const id = "wrong-frame";
    const client = await Client.connect(id);
    const lines = errorLines();
    await withWrongSettings(id, async (object, state) => {
      const [ws] = state.getWebSockets();
      if (!ws) throw new Error("no socket");
      const report = JSON.stringify({ type: "monitoring_report", data: { id: "m1", content: "kept by its sender" } });
      await object.webSocketMessage(ws, report);
      await object.webSocketMessage(ws, report);
    });
    await client.until("error", 2);
    expect(client.frames.at(-1)).toMatchObject({ type: "error", data: { code: "config_error", fatal: false } });
    expect(client.closeCode).toBeNull();
    expect(lines()).toHaveLength(1);
    expect(lines().filter(names)).toHaveLength(1);
    client.send({ type: "monitoring_report", data: { id: "m1", content: "kept by its sender" } });
    await client.until("message_ack", 1);
    expect(client.frames.filter((frame) => frame.type === "message_ack")).toEqual([
      expect.not.objectContaining({ duplicate: true }),
    ]);
  });

  it("a configuration is taken and told, and what the shard has to hear waits a minute", async () => {
    const id = "wrong-config";
    const client = await Client.connect(id);
    await eventually(async () => {
      const queued = await runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
        storage.sql.exec("SELECT 1 FROM outbox").toArray(),
      );
      expect(queued).toEqual([]);
    });
    const lines = errorLines();
    const config = { revision: 1, hash: "h", features: { a: true }, settings: {}, policies: {} };
    await withWrongSettings(id, async (object, state) => {
      await object.applyConfig(config);
      await state.storage.deleteAlarm();
      await object.alarm();
      await object.alarm();
      expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now() + 30_000);
    });
    await client.until("provision_config", 2);
    expect(lines()).toHaveLength(1);
  });

  it("the alarm does not ring for refused connections, of which nobody can be told", async () => {
    const id = "wrong-refused";
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    await eventually(async () => {
      const queued = await runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
        storage.sql.exec("SELECT 1 FROM outbox").toArray(),
      );
      expect(queued).toEqual([]);
    });
    errorLines();
    await withWrongSettings(id, async (object, state) => {
      await object.refused("wrong_token", { address: "203.0.113.9" });
      await state.storage.deleteAlarm();
      await object.alarm();
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("the end of a session is kept", async () => {
    const id = "wrong-close";
    const client = await Client.connect(id);
    errorLines();
    await withWrongSettings(id, async (object, state) => {
      const [ws] = state.getWebSockets();
      if (!ws) throw new Error("no socket");
      await object.webSocketClose(ws, 1000);
    });
    await client.untilClosed(1000);
    expect((await orchestratorRpc(id).describe())?.view).toMatchObject({ connected: false, status: "inactive" });
  });

  it("the alarm of a shard waits a minute, and asks nobody", async () => {
    const id = "wrong-shard";
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    const lines = errorLines();
    await runInDurableObject(fleetStub(id), async (_instance, state) => {
      const shard = new Fleet(state, wrongEnv());
      await state.storage.deleteAlarm();
      await shard.alarm();
      await shard.alarm();
      expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now() + 30_000);
      await state.storage.setAlarm(Date.now());
    });
    expect(lines()).toHaveLength(1);
    expect(lines().filter(names)).toHaveLength(1);
  });

  it("the scheduled work is left to the next run, with one line", async () => {
    const lines = errorLines();
    await worker.scheduled(createScheduledController(), wrongEnv());
    expect(lines()).toHaveLength(1);
    expect(lines().filter(names)).toHaveLength(1);
  });
});
