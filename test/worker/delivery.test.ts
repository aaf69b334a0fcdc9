import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MAX_CONFIG_BYTES } from "../../worker/contract/values/limits.ts";
import { database } from "../../worker/db/client.ts";
import { orchestratorMessages as messages } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, fleetStub, orchestratorRpc, orchestratorStub } from "./client.ts";

const TTL_MS = 120_000;
const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

afterEach(() => {
  vi.useRealTimers();
});

function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + byMs });
}

async function write(id: string, content: string) {
  const body = { message_type: "recommendation", content };
  const answer = await call("POST", `${INTERNAL}/orchestrators/${id}/messages`, { body });
  expect(answer.status).toBe(200);
  return answer.body as unknown as {
    message_id: string;
    delivery: string;
    delivered_at: string | null;
    pushed: boolean;
  };
}

const idsOf = (client: Client) =>
  client.frames.flatMap(({ type, data }) => (type === "message" ? [(data as { id: string }).id] : []));

async function deliveredAt(messageId: string): Promise<Date | null | undefined> {
  const [row] = await database(env).select().from(messages).where(eq(messages.id, messageId));
  return row?.deliveredAt;
}

async function beat(client: Client): Promise<void> {
  const acks = client.frames.filter(({ type }) => type === "keepalive_ack").length;
  client.send({ type: "i_am_alive" });
  await client.until("keepalive_ack", acks + 1);
}

describe("B10: a message that was pushed", () => {
  it("B10: to a socket that nobody reads is not delivered, and comes again in the next session under its id", async () => {
    const id = "dlv-dead";
    const dead = await Client.connect(id);
    const sent = [await write(id, "one"), await write(id, "two"), await write(id, "three")];
    const ids = sent.map(({ message_id }) => message_id);
    expect(sent).toMatchObject(Array(3).fill({ pushed: true, delivery: "sent", delivered_at: null }));
    await orchestratorRpc(id).announceDecision({ messageId: ids[0] ?? "", status: "accepted" });
    await dead.until("message_status", 1);
    // It was killed and says nothing more: nothing of that has arrived, as far as anybody knows.
    expect(await Promise.all(ids.map(deliveredAt))).toEqual([null, null, null]);
    await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    const next = await Client.connect(id);
    await next.until("message", 3);
    expect(idsOf(next)).toEqual(ids);
    await next.until("message_status", 1);
    expect(await Promise.all(ids.map(deliveredAt))).toEqual([null, null, null]);
    await beat(next);
    await eventually(async () => expect(await Promise.all(ids.map(deliveredAt))).not.toContain(null));
    const third = await Client.connect(id);
    await beat(third);
    expect(idsOf(third)).toEqual([]);
  });

  it("B10 sibling: is delivered with any later frame of its session, also a refused one", async () => {
    const id = "dlv-later";
    const client = await Client.connect(id);
    const { message_id } = await write(id, "hello");
    expect(await deliveredAt(message_id)).toBeNull();
    client.send({ type: "no_such_type" });
    await eventually(async () => expect(await deliveredAt(message_id)).toBeInstanceOf(Date));
    const list = await call("GET", `${INTERNAL}/orchestrators/${id}/messages`);
    expect(list.body.messages).toMatchObject([{ id: message_id, delivered_at: expect.any(String) }]);
  });

  it("B10 sibling: is not confirmed by the session before, and a steady beat runs no SQL", async () => {
    const id = "dlv-steady";
    const client = await Client.connect(id);
    await write(id, "hello");
    await beat(client);
    let statements = 0;
    await eventually(async () => {
      const left = await runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
        storage.sql.exec("SELECT 1 FROM outbox UNION ALL SELECT 1 FROM undelivered").toArray(),
      );
      expect(left).toEqual([]);
    });
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const exec = storage.sql.exec.bind(storage.sql);
      vi.spyOn(storage.sql, "exec").mockImplementation((query: string, ...bindings: unknown[]) => {
        statements += 1;
        return exec(query, ...bindings) as never;
      });
    });
    for (let count = 0; count < 20; count++) await beat(client);
    expect(statements).toBe(0);
  });

  it("B10 sibling: waits behind those that wait, while the orchestrator is silent", async () => {
    const id = "dlv-silent";
    const client = await Client.connect(id);
    await beat(client);
    moveClock(TTL_MS);
    expect(await write(id, "one")).toMatchObject({ pushed: false, delivery: "queued" });
    expect(idsOf(client)).toEqual([]);
    await beat(client);
    await client.until("message", 1);
    expect(await write(id, "two")).toMatchObject({ pushed: true });
    await client.until("message", 2);
  });
});

describe("B34: a silent socket", () => {
  const live = async () => (await call("GET", `${CONTROLLER}/orchestrators/live`)).body.data.orchestrators;
  const detail = async (id: string) => (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;

  async function sweep(id: string): Promise<void> {
    await runDurableObjectAlarm(fleetStub(id));
  }

  it.each([false, true])(
    "B34: is connected but silent for a TTL, then closed and not live (independent: %s)",
    async (free) => {
      const id = `dlv-mute-${free}`;
      const client = await Client.connect(id);
      await beat(client);
      if (free) await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
      expect(await detail(id)).toMatchObject({ connected: true, silent: false });
      moveClock(TTL_MS + 2_000);
      await sweep(id);
      await eventually(async () => expect((await live())[id]).toMatchObject({ silent: true }));
      expect(await detail(id)).toMatchObject({ connected: true, silent: true });
      moveClock(TTL_MS);
      await sweep(id);
      await client.untilClosed(4410);
      await eventually(async () => expect(await live()).not.toHaveProperty(id));
      expect(await detail(id)).toMatchObject({
        connected: false,
        silent: false,
        status: free ? "independent" : "inactive",
      });
      const events = (await orchestratorRpc(id).activity(10)) ?? [];
      expect(events).toContainEqual(expect.objectContaining({ type: "disconnect", data: { reason: "silent" } }));
    },
  );

  it("B34: is not told that a frame was sent, nor that a configuration was", async () => {
    const id = "dlv-mute-told";
    const client = await Client.connect(id);
    await beat(client);
    moveClock(TTL_MS);
    const sent = await call("POST", `${INTERNAL}/orchestrators/${id}/send`, { body: { type: "hello" } });
    expect([sent.status, sent.body.error.code]).toEqual([409, "not_connected"]);
    const push = await call("POST", `${CONTROLLER}/orchestrators/${id}/config/push`);
    expect([push.status, push.body.error.code]).toEqual([409, "not_connected"]);
    await call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features: { a: true } } });
    await sweep(id);
    await eventually(async () =>
      expect(await detail(id)).toMatchObject({ config_revision: 1, config_state: "queued" }),
    );
    // It was only stuck: its next frame brings what waited.
    await beat(client);
    await eventually(() =>
      expect(client.frames.findLast(({ type }) => type === "provision_config")).toMatchObject({ revision: 1 }),
    );
    expect(await detail(id)).toMatchObject({ config_state: "sent", silent: false });
  });

  it("B34 sibling: is told with its next frame what was published again, and what a registration has set", async () => {
    const id = "dlv-mute-again";
    const client = await Client.connect(id);
    const publish = () => call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features: { a: true } } });
    await publish();
    await client.until("provision_config", 2);
    client.send({ type: "config_status", revision: 1, status: "applying" });
    await eventually(async () => expect(await detail(id)).toMatchObject({ config_state: "applying" }));
    moveClock(TTL_MS);
    await publish();
    await sweep(id);
    await eventually(async () => expect(await detail(id)).toMatchObject({ config_state: "queued" }));
    await register(id, { session_config: { timeout_seconds: 77 } });
    await beat(client);
    await client.until("provision_config", 3);
    expect(client.frames.findLast(({ type }) => type === "provisioning")).toMatchObject({
      data: { session: { timeout_seconds: 77 } },
    });
    expect(await detail(id)).toMatchObject({ config_state: "sent" });
    client.send({ type: "config_status", revision: 1, status: "applied" });
    await eventually(async () => expect(await detail(id)).toMatchObject({ config_state: "applied" }));
    // It is told no more often than it has to be.
    await beat(client);
    await client.until("provision_config", 3);
  });

  it("B34 sibling: is not one that speaks, whatever it says", async () => {
    const id = "dlv-mute-odd";
    const client = await Client.connect(id);
    await beat(client);
    moveClock(TTL_MS + 2_000);
    client.send({ type: "no_such_type" });
    await client.until("error", 1);
    moveClock(TTL_MS - 5_000);
    await sweep(id);
    expect(await detail(id)).toMatchObject({ connected: true, silent: false, status: "inactive" });
    expect((await call("POST", `${INTERNAL}/orchestrators/${id}/send`, { body: { type: "hello" } })).status).toBe(200);
    expect(client.closeCode).toBeNull();
  });

  it("B34 sibling: is closed also while its process beats over REST", async () => {
    const id = "dlv-mute-rest";
    const client = await Client.connect(id);
    await beat(client);
    moveClock(TTL_MS);
    await orchestratorRpc(id).heartbeat({});
    moveClock(TTL_MS - 5_000);
    await orchestratorRpc(id).heartbeat({});
    moveClock(7_000);
    await sweep(id);
    await client.untilClosed(4410);
    expect(await detail(id)).toMatchObject({ connected: false });
    await orchestratorRpc(id).heartbeat({});
    expect(await detail(id)).toMatchObject({ status: "active" });
  });
});

describe("B04: configurations that are large", () => {
  const parts = (char: string, count = 7) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, char.repeat(8_000)]));
  const put = (id: string, body: object) => call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body });
  const revisions = (client: Client) =>
    client.frames.flatMap(({ type, revision }) => (type === "provision_config" ? [revision] : []));

  it("B04: two within one beat interval cut nobody, and the newest comes with the next beat", async () => {
    const id = "dlv-large";
    const client = await Client.connect(id);
    await beat(client);
    expect((await put(id, { features: parts("a") })).status).toBe(200);
    expect((await put(id, { settings: parts("b") })).status).toBe(200);
    expect((await put(id, { settings: parts("c", 6) })).status).toBe(200);
    await eventually(async () =>
      expect((await orchestratorRpc(id).describe())?.view).toMatchObject({ configRevision: 3, configState: "queued" }),
    );
    expect(Math.max(...(revisions(client) as number[]))).toBeLessThan(3);
    await beat(client);
    await eventually(() => expect(revisions(client).at(-1)).toBe(3));
    expect((await orchestratorRpc(id).describe())?.view).toMatchObject({ configState: "sent", connected: true });
    expect(client.closeCode).toBeNull();
    await beat(client);
    expect(revisions(client).filter((revision) => revision === 3)).toHaveLength(1);
  });

  it("B04: one that can never be pushed is refused with its size and the limit, whichever way it grows", async () => {
    const id = "dlv-huge";
    await register(id);
    expect((await put(id, { features: parts("a"), settings: {} })).status).toBe(200);
    expect((await put(id, { settings: parts("b") })).status).toBe(200);
    expect((await put(id, { policies: parts("c") })).status).toBe(200);
    const grown = await put(id, { policies: parts("c", 8) });
    const wider = await put(id, { settings: parts("b", 8) });
    const merged = await call("PUT", `${CONTROLLER}/organizations/${id}/features`, {
      body: { features: { k7: "x".repeat(8_000), k8: "x" } },
    });
    const refused = [grown, wider, merged].filter(({ status }) => status === 422);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body } of refused) {
      const text = JSON.stringify(body);
      expect(text).toContain(String(MAX_CONFIG_BYTES));
      expect(text).toMatch(/would have \d{6} bytes/);
    }
    // What is stored can be told.
    const client = await Client.connect(id);
    await client.until("provision_config", 1);
    await beat(client);
    expect(client.closeCode).toBeNull();
  });
});
