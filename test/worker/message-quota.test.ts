import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { withDatabase } from "../../worker/db/client.ts";
import { eventually } from "../support/eventually.ts";
import { call, INTERNAL, register } from "./api.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Totals extends Record<string, unknown> {
  bytes: number;
  pending: number;
}

async function one(query: ReturnType<typeof sql>): Promise<Totals> {
  const { rows } = await withDatabase(env, (db) => db.execute<Totals>(query));
  return { bytes: Number(rows[0]?.bytes ?? 0), pending: Number(rows[0]?.pending ?? 0) };
}

const totalsOf = (organization: string) =>
  one(sql`SELECT bytes, pending FROM message_totals WHERE organization_id = ${organization}`);

/** What there is, counted anew. */
const countedOf = (organization: string) =>
  one(sql`SELECT sum(256 + octet_length(content) + octet_length(message_metadata::text)) AS bytes,
      count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound') AS pending
    FROM orchestrator_messages m JOIN orchestrator_instances i USING (orchestrator_id) WHERE i.organization_id = ${organization}`);

const setPending = (organization: string, pending: number) =>
  withDatabase(env, (db) =>
    db.execute(sql`INSERT INTO message_totals (organization_id, pending) VALUES (${organization}, ${pending})
      ON CONFLICT (organization_id) DO UPDATE SET pending = ${pending}`),
  );

const recommendation = (id: string) => ({ type: "recommendation", data: { id, content: `Recommendation ${id}` } });
const create = (id: string) =>
  call("POST", `${INTERNAL}/orchestrators/${id}/messages`, {
    body: { message_type: "recommendation", content: "Do it" },
  });
const errorsOf = (client: Client) => client.frames.filter(({ type }) => type === "error");

describe("what the messages of an organization come to", () => {
  it("is kept through all that happens to them, until the last orchestrator goes", async () => {
    const organization_id = "mq-totals";
    await register("mq-totals-1", { organization_id });
    await register("mq-totals-2", { organization_id });
    const isRight = async () => expect(await totalsOf(organization_id)).toEqual(await countedOf(organization_id));
    const [first, second] = [await Client.connect("mq-totals-1"), await Client.connect("mq-totals-2")];
    for (const client of [first, second]) {
      client.send(recommendation("a"));
      client.send(recommendation("b"));
      client.send(recommendation("b"));
      await client.until("message_ack", 3);
    }
    await eventually(async () => expect((await countedOf(organization_id)).pending).toBe(4));
    await isRight();
    const made = await create("mq-totals-1");
    expect((await totalsOf(organization_id)).pending).toBe(4);
    await isRight();
    const decide = `${INTERNAL}/messages/${made.body.message_id}/status`;
    expect((await call("PUT", decide, { body: { status: "accepted" } })).status).toBe(200);
    expect((await countedOf(organization_id)).pending).toBe(4);
    await isRight();
    expect((await call("DELETE", `${INTERNAL}/orchestrators/mq-totals-1/deregister`)).status).toBe(200);
    expect((await countedOf(organization_id)).pending).toBe(2);
    await isRight();
    await withDatabase(env, (db) =>
      db.execute(sql`DELETE FROM orchestrator_messages WHERE orchestrator_id = 'mq-totals-2'`),
    );
    expect(await totalsOf(organization_id)).toEqual({ bytes: 0, pending: 0 });
    expect((await call("DELETE", `${INTERNAL}/orchestrators/mq-totals-2/deregister`)).status).toBe(200);
    expect(await totalsOf(organization_id)).toEqual({ bytes: 0, pending: 0 });
  });
});

describe("an organization that has as many messages as it may", () => {
  it("gets no more of them, beats on, and takes nothing from another one", async () => {
    const [full, other] = ["mq-full", "mq-other"];
    for (const id of [full, other]) await register(id);
    await setPending(full, 500_000);
    const [client, neighbor] = [await Client.connect(full), await Client.connect(other)];
    // The answer to this one tells how much there is.
    client.send(recommendation("first"));
    await client.until("message_ack", 1);
    await eventually(async () => expect((await countedOf(full)).pending).toBe(1));
    const sentence =
      "This organization has 500000 messages from orchestrators that nobody has accepted or dismissed, which is the limit. Accept or dismiss some, wait until the oldest are as old as MESSAGE_RETENTION_DAYS says, or deregister an orchestrator that floods, which deletes its messages.";
    await eventually(async () => {
      const answer = await create(full);
      expect([answer.status, answer.body.error?.code, answer.body.message]).toEqual([429, "quota_exceeded", sentence]);
    });
    const before = await countedOf(full);
    for (let number = 0; number < 50; number++) client.send(recommendation(`more-${number}`));
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    expect(errorsOf(client)).toHaveLength(50);
    expect(errorsOf(client)[0]).toMatchObject({
      data: { code: "quota_exceeded", message: sentence, ref: "recommendation", id: "more-0", fatal: false },
    });
    expect(client.closeCode).toBeNull();
    expect(await countedOf(full)).toEqual(before);
    // A repeat of what was stored is acknowledged as ever.
    client.send(recommendation("first"));
    await client.until("message_ack", 2);
    neighbor.send(recommendation("first"));
    await neighbor.until("message_ack", 1);
    expect((await create(other)).status).toBe(200);
    const activity = (await orchestratorRpc(full).activity(100)) ?? [];
    expect(activity.filter(({ type }) => type === "message_refused")).toHaveLength(1);
  });

  it("gets none after its object has slept, and some again when there is room", async () => {
    const id = "mq-sleeps";
    await register(id);
    await setPending(id, 500_000);
    const client = await Client.connect(id);
    client.send(recommendation("first"));
    await client.until("message_ack", 1);
    await eventually(async () => expect((await create(id)).status).toBe(429));
    const sleep = () => evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    for (let number = 1; number <= 3; number++) {
      await sleep();
      client.send(recommendation(`asleep-${number}`));
      await eventually(() => expect(errorsOf(client)).toHaveLength(number));
    }
    expect((await countedOf(id)).pending).toBe(1);
    await setPending(id, 10);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    await eventually(async () => expect((await create(id)).status).toBe(200));
    await sleep();
    client.send(recommendation("asleep-1"));
    await client.until("message_ack", 2);
  });

  it("gets some again when there is room, after it was asked once a minute and never by a beat alone", async () => {
    const id = "mq-again";
    await register(id);
    await setPending(id, 500_000);
    const client = await Client.connect(id);
    client.send(recommendation("first"));
    await client.until("message_ack", 1);
    await eventually(async () => expect((await create(id)).status).toBe(429));
    await setPending(id, 10);
    client.send(recommendation("second"));
    await eventually(() => expect(errorsOf(client)).toHaveLength(1));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    await eventually(async () => expect((await create(id)).status).toBe(200));
    client.send(recommendation("second"));
    await client.until("message_ack", 2);
  });
});
