import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { asc, inArray } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { activityLogs, orchestratorMessages as messages } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";
import { statementOf } from "./statements.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

async function registered(id: string): Promise<void> {
  expect(await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT })).toMatchObject({
    ok: true,
  });
}

const message = (content: string) =>
  ({ type: "recommendation", content, metadata: { severity: "low" }, audit: AUDIT }) as const;

const db = database(env);

/** The ids that Postgres holds for these orchestrators, in the order in which they sort. */
async function storedIds(...orchestrators: string[]): Promise<string[]> {
  const where = inArray(messages.orchestratorId, orchestrators);
  return (await db.select({ id: messages.id }).from(messages).where(where).orderBy(asc(messages.id))).map((m) => m.id);
}

async function auditCount(id: string): Promise<number> {
  const rows = await db
    .select({ action: activityLogs.action })
    .from(activityLogs)
    .where(inArray(activityLogs.targetId, [id]));
  return rows.filter(({ action }) => action === "message.create").length;
}

/** Counts the statements that store messages, and lets them through. */
function countStatements(): () => number {
  const fetches = vi.spyOn(globalThis, "fetch");
  return () => fetches.mock.calls.filter((request) => statementOf(request).includes("store_messages(")).length;
}

async function createMany(id: string, count: number): Promise<string[]> {
  const results = await Promise.all(
    Array.from({ length: count }, (_, number) => orchestratorRpc(id).createMessage(message(`number ${number}`))),
  );
  return results.map((result) => (result.ok ? result.value.message.id : result.code));
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("messages to an orchestrator", () => {
  it("are pushed at once while it is connected", async () => {
    const client = await Client.connect("msg-live");
    const created = await orchestratorRpc("msg-live").createMessage(message("Enable the cache"));
    expect(created).toMatchObject({ ok: true, value: { pushed: true } });
    await client.until("message", 1);
    expect(client.frames.find(({ type }) => type === "message")).toMatchObject({
      data: { message_type: "recommendation", content: "Enable the cache", metadata: { severity: "low" } },
    });
  });

  it("wait for the next handshake, in order, once, through evictions", async () => {
    const id = "msg-later";
    await registered(id);
    for (let number = 0; number < 5; number++) await orchestratorRpc(id).createMessage(message(`number ${number}`));
    await evictDurableObject(orchestratorStub(id));
    const client = await Client.connect(id);
    await client.until("message", 5);
    const contents = client.frames.flatMap(({ type, data }) =>
      type === "message" ? [(data as { content: string }).content] : [],
    );
    expect(contents).toEqual([0, 1, 2, 3, 4].map((number) => `number ${number}`));
    expect(client.frames[0]?.type).toBe("handshake_ack");
    // Its next frame confirms them.
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    const again = await Client.connect(id);
    again.send({ type: "request_status" });
    await again.until("status", 1);
    expect(again.frames.filter(({ type }) => type === "message")).toEqual([]);
  });

  it("that 1,000 messages wait loses no decision, and decisions that wait keep no message back", async () => {
    const id = "msg-decided";
    await registered(id);
    const fill = (messageId: string | null) =>
      runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
        const frame = JSON.stringify({ type: "message_status" });
        for (let index = 0; index < 1_000; index++)
          storage.sql.exec("INSERT INTO undelivered (message_id, frame) VALUES (?, ?)", messageId, frame);
      });
    await fill(null);
    expect(await orchestratorRpc(id).createMessage(message("fits"))).toMatchObject({ ok: true });
    await fill("msg_waiting");
    expect(await orchestratorRpc(id).createMessage(message("too many"))).toMatchObject({
      ok: false,
      code: "rate_limited",
    });
    await orchestratorRpc(id).announceDecision({ messageId: "msg_last", status: "accepted" });
    const last = await runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
      storage.sql.exec<{ frame: string }>("SELECT frame FROM undelivered ORDER BY id DESC LIMIT 1").one(),
    );
    expect(JSON.parse(last.frame)).toMatchObject({ type: "message_status", data: { message_id: "msg_last" } });
  });

  it("get 10,000 ids for 10,000 messages, in creation order, and share statements", async () => {
    const ids = ["msg-many-a", "msg-many-b", "msg-many-c", "msg-many-d"];
    const clients = new Map(await Promise.all(ids.map(async (id) => [id, await Client.connect(id)] as const)));
    const statements = countStatements();
    const created = await Promise.all(
      ids.map(async (id) => {
        const mine: string[] = [];
        for (let round = 0; round < 25; round++) {
          // Who never says anything is taken for one that does not read either.
          clients.get(id)?.send({ type: "i_am_alive" });
          mine.push(...(await createMany(id, 100)));
        }
        return mine;
      }),
    );
    expect(statements()).toBeLessThan(1_000);
    // A database that is busy for too long answers later: then a message is accepted, and its id is not told.
    const told = created.map((mine) => mine.filter((id) => id !== "database_unavailable"));
    for (const mine of told) expect(mine).toEqual([...mine].sort());
    const stored = await eventually(
      async () => {
        const all = await storedIds(...ids);
        expect(all).toHaveLength(10_000);
        return new Set(all);
      },
      { timeoutMs: 60_000, everyMs: 1_000 },
    );
    expect(stored.size).toBe(10_000);
    expect(told.flat().filter((id) => !stored.has(id))).toEqual([]);
    for (const id of ids) expect(await auditCount(id)).toBe(2_500);
  }, 240_000);

  it("never reach an independent one", async () => {
    const id = "msg-free";
    const client = await Client.connect(id);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    expect(await orchestratorRpc(id).createMessage(message("hello"))).toMatchObject({ ok: false, code: "independent" });
    expect(await orchestratorRpc(id).send({ type: "note", data: {} }, AUDIT)).toMatchObject({
      ok: false,
      code: "independent",
    });
    client.send({ type: "recommendation", data: { id: "r1", content: "from me" } });
    await client.until("error", 1);
    expect(client.frames.at(-1)).toMatchObject({ data: { code: "independent", fatal: false } });
  });

  it("send does not lie about an absent orchestrator", async () => {
    await registered("msg-absent");
    const answer = await orchestratorRpc("msg-absent").send({ type: "note", data: {} }, AUDIT);
    expect(answer).toMatchObject({ ok: false, code: "not_connected" });
  });
});

describe("a batch of messages", () => {
  const outbox = (id: string) =>
    runInDurableObject(
      orchestratorStub(id),
      (_instance, state) => state.storage.sql.exec("SELECT id FROM outbox").toArray().length,
    );

  it("is accepted and finished later, each message once, when Postgres is away", async () => {
    const id = "msg-outage";
    await registered(id);
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    expect(await createMany(id, 20)).toEqual(Array(20).fill("database_unavailable"));
    expect(await outbox(id)).toBe(20);
    broken.mockRestore();
    const statements = countStatements();
    await runInDurableObject(orchestratorStub(id), (_instance, state) => {
      state.storage.sql.exec("UPDATE outbox SET due_at = ?", Date.now());
    });
    await runDurableObjectAlarm(orchestratorStub(id));
    // Unless its own alarm was faster, and is still at it.
    await eventually(async () => expect(await outbox(id)).toBe(0));
    expect(statements()).toBeLessThan(5);
    expect(await storedIds(id)).toHaveLength(20);
    expect(await auditCount(id)).toBe(20);
  });

  it("is stored once when a reset came between Postgres and the object", async () => {
    const id = "msg-reset";
    await registered(id);
    let kept: unknown[] = [];
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    await createMany(id, 5);
    await runInDurableObject(orchestratorStub(id), (_instance, state) => {
      kept = state.storage.sql.exec("SELECT intent FROM outbox ORDER BY id").toArray();
    });
    expect(kept).toHaveLength(5);
    broken.mockRestore();
    const [first] = await createMany(id, 1);
    expect(await storedIds(id)).toContain(first);
    expect(await storedIds(id)).toHaveLength(6);
    // As if the rows had been committed and the object had not heard of it.
    await runInDurableObject(orchestratorStub(id), (_instance, state) => {
      for (const { intent } of kept as { intent: string }[])
        state.storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now());
    });
    await evictDurableObject(orchestratorStub(id));
    await createMany(id, 1);
    expect(await outbox(id)).toBe(0);
    expect(await storedIds(id)).toHaveLength(7);
    expect(await auditCount(id)).toBe(7);
  });

  it("is not held up by one that Postgres refuses", async () => {
    const id = "msg-poison";
    await registered(id);
    const poison = {
      kind: "message",
      audit: [],
      message: {
        id: "msg_poison",
        orchestratorId: id,
        type: "longer than the column of Postgres is wide",
        direction: "outbound",
        content: "x",
        metadata: {},
        createdAt: Date.now(),
        deliveredAt: null,
      },
    };
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    await createMany(id, 1);
    broken.mockRestore();
    await runInDurableObject(orchestratorStub(id), (_instance, state) => {
      const sql = "INSERT INTO outbox (intent, due_at) VALUES (?, ?)";
      state.storage.sql.exec(sql, JSON.stringify(poison), Date.now());
    });
    const created = await createMany(id, 30);
    expect(await storedIds(id)).toEqual(expect.arrayContaining(created));
    expect(await storedIds(id)).toHaveLength(31);
    expect(await outbox(id)).toBe(1);
    // What else has to go through the outbox goes too.
    expect(await orchestratorRpc(id).deregister(AUDIT)).toMatchObject({ ok: true });
  });
});

describe("messages from an orchestrator", () => {
  it("are acknowledged once for each id, and a conflict is named", async () => {
    const client = await Client.connect("msg-from");
    const report = { type: "monitoring_report", data: { id: "m-1", content: "High memory", metadata: { value: 85 } } };
    client.send(report);
    await client.until("message_ack", 1);
    await evictDurableObject(orchestratorStub("msg-from"), { webSockets: "hibernate" });
    client.send(report);
    await client.until("message_ack", 2);
    const acks = client.frames.filter(({ type }) => type === "message_ack");
    expect(acks[1]).toMatchObject({ id: "m-1", message_id: acks[0]?.message_id, duplicate: true });
    client.send({ ...report, data: { ...report.data, content: "Something else" } });
    await client.until("error", 1);
    expect(client.frames.at(-1)).toMatchObject({ data: { code: "id_conflict" } });
  });

  it("are refused when monitoring is switched off", async () => {
    const id = "msg-unmonitored";
    await orchestratorRpc(id).register({ organizationId: null, fields: { monitoring_enabled: false }, audit: AUDIT });
    const client = await Client.connect(id);
    client.send({ type: "monitoring_report", data: { content: "x" } });
    await client.until("error", 1);
    expect(client.frames.at(-1)).toMatchObject({ data: { code: "monitoring_disabled" } });
  });
});
