import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

async function registered(id: string): Promise<void> {
  expect(await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT })).toMatchObject({
    ok: true,
  });
}

const message = (content: string) =>
  ({ type: "recommendation", content, metadata: { severity: "low" }, audit: AUDIT }) as const;

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
    const again = await Client.connect(id);
    again.send({ type: "request_status" });
    await again.until("status", 1);
    expect(again.frames.filter(({ type }) => type === "message")).toEqual([]);
  });

  it("get 10,000 ids for 10,000 messages, in creation order", async () => {
    const ids = ["msg-many-a", "msg-many-b", "msg-many-c", "msg-many-d"];
    for (const id of ids) await Client.connect(id);
    const created = await Promise.all(
      ids.map(async (id) => {
        const mine: string[] = [];
        for (let round = 0; round < 25; round++) {
          const results = await Promise.all(
            Array.from({ length: 100 }, (_, n) => orchestratorRpc(id).createMessage(message(`${round}-${n}`))),
          );
          for (const result of results) if (result.ok) mine.push(result.value.message.id);
        }
        return mine;
      }),
    );
    for (const mine of created) expect(mine).toEqual([...mine].sort());
    expect(new Set(created.flat()).size).toBe(10_000);
  }, 120_000);

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
