import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { asc, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { usageHourly } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { call } from "./api.ts";
import { Client, type Frame, orchestratorRpc, orchestratorStub } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const db = database(env);

type Item = Record<string, unknown>;

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const hourOf = (at: number) => Math.floor(at / HOUR_MS) * HOUR_MS;
const item = (cost_usd: unknown, more: Item = {}): Item => ({
  model: "m",
  provider: "p",
  requests: 1,
  input_tokens: 10,
  output_tokens: 5,
  cost_usd,
  ...more,
});

async function registered(id: string): Promise<Client> {
  await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
  return await Client.connect(id);
}

/** Sends a report, of the last minute unless it says otherwise, and returns what is answered. */
async function report(client: Client, data: Record<string, unknown>): Promise<Frame> {
  const before = client.frames.length;
  client.send({ type: "usage_report", data: { window_start: ago(60_000), window_end: ago(0), ...data } });
  const answers = () => client.frames.slice(before).filter(({ type }) => type === "usage_ack" || type === "error");
  await eventually(() => expect(answers()).toHaveLength(1));
  return answers()[0] as Frame;
}

const errorOf = (frame: Frame) => frame.data as { code: string; message: string; fatal: boolean };

async function rowsOf(id: string) {
  return await db.select().from(usageHourly).where(eq(usageHourly.orchestratorId, id)).orderBy(asc(usageHourly.hour));
}

/** Dollars by model, once the sum of all is what it has to be. */
async function untilCounted(id: string, dollars: number): Promise<Record<string, number>> {
  return await eventually(async () => {
    const rows = await rowsOf(id);
    const costs: Record<string, number> = {};
    for (const { model, costUsd } of rows) costs[model] = (costs[model] ?? 0) + Number(costUsd);
    expect(Object.values(costs).reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(dollars, 8);
    return costs;
  });
}

describe("items of a usage report", () => {
  it("B05: usage without a model is counted under one group, whatever stands in its place", async () => {
    const id = "use-models";
    const client = await registered(id);
    const names = ["", "   ", null, undefined];
    const items = [item(1), ...names.map((model) => item(2, { model })), item(22, { model: "\u200b \t" })];
    expect(await report(client, { report_id: "a", items })).toMatchObject({
      type: "usage_ack",
      counted: 6,
      stored: true,
    });
    expect(await untilCounted(id, 31)).toEqual({ m: 1, "": 30 });
  });

  it("B05 sibling: the name of a provider is decoration as well", async () => {
    const id = "use-providers";
    const client = await registered(id);
    const items = [item(1, { provider: "" }), item(2, { provider: null }), item(4, { provider: 7 })];
    expect(
      await report(client, { report_id: "a", items: [...items, item(8, { model: "x".repeat(400) })] }),
    ).toMatchObject({
      counted: 4,
    });
    await untilCounted(id, 15);
    const providers = Map.groupBy(await rowsOf(id), ({ provider }) => provider);
    expect([...providers.keys()].sort()).toEqual(["", "7", "p"]);
  });

  it("B05 sibling: one unusable item is refused by its index, costs the others nothing and is no strike", async () => {
    const id = "use-refused";
    const client = await registered(id);
    const bad = [item(-1), item("many"), item(1e12), item(1, { requests: -1 }), { model: "m" }, null, 7, "x", []];
    const items = [...bad, ...Array.from({ length: 91 }, () => item(1))];
    for (let round = 0; round < 10; round++) {
      const answer = await report(client, { report_id: `r${round}`, items });
      expect(answer).toMatchObject({ type: "usage_ack", stored: true, counted: 91 });
      expect((answer.refused as { index: number }[]).map(({ index }) => index)).toEqual([...bad.keys()]);
      expect(JSON.stringify(answer.refused)).toContain("cost_usd");
    }
    expect(client.closeCode).toBeNull();
    await untilCounted(id, 910);
    const activity = (await orchestratorRpc(id).activity(100)) ?? [];
    // Once for each field, however many reports have it.
    const refused = activity.filter(({ type }) => type === "dropped");
    expect(refused).toMatchObject([{ data: { in: "usage" } }]);
    expect(JSON.stringify(refused)).toContain("data.items.cost_usd");
    expect((await orchestratorRpc(id).describe())?.dropped?.count).toBe(90);
  });

  it("B05 sibling: a report without any usable item is refused without a strike, and can be sent again corrected", async () => {
    const id = "use-none";
    const client = await registered(id);
    for (let round = 0; round < 10; round++) {
      const answer = await report(client, { report_id: "a", items: [item(-1)] });
      expect(errorOf(answer)).toMatchObject({ code: "invalid_frame", fatal: false });
      expect(errorOf(answer).message).toMatch(/items\/0: cost_usd must not be negative/);
    }
    expect(await report(client, { report_id: "a", items: [item(7)] })).toMatchObject({ stored: true, counted: 1 });
    await untilCounted(id, 7);
  });

  it("B05 sibling: numbers may be text, and what is missing is nothing", async () => {
    const id = "use-numbers";
    const client = await registered(id);
    const items = [
      item("2.5", { requests: "10" }),
      { cost_usd: 3 },
      { requests: 4 },
      item(null),
      item("", { model: 5 }),
    ];
    expect(await report(client, { report_id: 17, items })).toMatchObject({ report_id: "17", counted: 5 });
    await untilCounted(id, 5.5);
    expect((await rowsOf(id)).reduce((sum, { requests }) => sum + requests, 0)).toBe(16);
  });

  it("B05 sibling: a report of many items is counted whole, as far as a frame holds it", async () => {
    const id = "use-many";
    const client = await registered(id);
    const items = Array.from({ length: 600 }, (_, index) => item(1, { model: `m${index}` }));
    expect(await report(client, { report_id: "a", items })).toMatchObject({ counted: 600 });
    await untilCounted(id, 600);
  });

  it("B05 sibling: characters that a database does not take cost the name of the model and no money", async () => {
    const id = "use-text";
    const client = await registered(id);
    const items = [item(1, { model: "a\u0000b" }), item(2, { model: "\ud800" }), item(4, { constructor: 1 })];
    expect(await report(client, { report_id: "a", items })).toMatchObject({ counted: 3 });
    await untilCounted(id, 7);
  });
});

describe("a usage report that comes again", () => {
  it("B06: an exact repeat counts once; the same id with other content is a conflict and never acknowledged", async () => {
    const id = "use-again";
    const client = await registered(id);
    const first = { report_id: "1", window_start: ago(HOUR_MS), window_end: ago(0), items: [item(10)] };
    expect(await report(client, first)).toMatchObject({ type: "usage_ack", stored: true });
    expect(await report(client, first)).toMatchObject({ type: "usage_ack", stored: true, duplicate: true });
    // The same content, written another way.
    const [same] = first.items;
    const rewritten = Object.fromEntries(Object.entries(same ?? {}).reverse());
    expect(await report(client, { ...first, items: [rewritten] })).toMatchObject({ duplicate: true });
    for (let round = 0; round < 10; round++) {
      const answer = await report(client, { report_id: "1", window_start: ago(2 * HOUR_MS), items: [item(25)] });
      expect(errorOf(answer)).toMatchObject({ code: "id_conflict", fatal: false });
    }
    expect(client.closeCode).toBeNull();
    const activity = (await orchestratorRpc(id).activity(100)) ?? [];
    expect(activity.filter(({ type }) => type === "usage_refused")).toHaveLength(1);
    expect(await report(client, { report_id: "2", items: [item(7)] })).toMatchObject({ stored: true });
    await untilCounted(id, 17);
  });

  it("B06: an orchestrator that is registered again starts anew", async () => {
    const id = "use-reborn";
    const same = { report_id: "1", window_start: ago(HOUR_MS), window_end: ago(0) };
    await report(await registered(id), { ...same, items: [item(10)] });
    await untilCounted(id, 10);
    await orchestratorRpc(id).deregister(AUDIT);
    const client = await registered(id);
    expect(await report(client, { ...same, items: [item(7)] })).toMatchObject({ type: "usage_ack", stored: true });
    await untilCounted(id, 17);
    expect(await report(client, { ...same, items: [item(7)] })).toMatchObject({ duplicate: true });
  });

  it("B06: whatever repeats and conflicts come in whatever order, each report that was accepted counts once", async () => {
    const step = fc.record({ report_id: fc.constantFrom("1", "2", "3"), cost: fc.constantFrom(1, 10, 100) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const id = `use-sequence-${run++}`;
        const client = await registered(id);
        const window = { window_start: ago(120_000), window_end: ago(60_000) };
        const accepted = new Map<string, number>();
        for (const { report_id, cost } of steps) {
          const known = accepted.get(report_id);
          const answer = await report(client, { report_id, ...window, items: [item(cost)] });
          if (known === undefined) expect(answer).toMatchObject({ type: "usage_ack", stored: true });
          else if (known === cost) expect(answer).toMatchObject({ type: "usage_ack", duplicate: true });
          else expect(errorOf(answer).code).toBe("id_conflict");
          accepted.set(report_id, known ?? cost);
        }
        await untilCounted(
          id,
          [...accepted.values()].reduce((sum, cost) => sum + cost, 0),
        );
      }),
      { numRuns: 15 },
    );
  });

  it("B06 sibling: the ids of messages start anew as well", async () => {
    const id = "use-messages";
    const before = await registered(id);
    before.send({ type: "recommendation", data: { id: "1", content: "old" } });
    await before.until("message_ack", 1);
    await orchestratorRpc(id).deregister(AUDIT);
    const client = await registered(id);
    client.send({ type: "recommendation", data: { id: "1", content: "new" } });
    await client.until("message_ack", 1);
    expect(client.frames.find(({ type }) => type === "message_ack")).not.toHaveProperty("duplicate");
  });

  it("B06 sibling: a message whose metadata is written in another order is the same", async () => {
    const id = "use-order";
    const client = await registered(id);
    client.send({ type: "recommendation", data: { id: "1", content: "x", metadata: { a: 1, b: { c: 2, d: 3 } } } });
    await client.until("message_ack", 1);
    client.send({ type: "recommendation", data: { id: "1", content: "x", metadata: { b: { d: 3, c: 2 }, a: 1 } } });
    await client.until("message_ack", 2);
    expect(client.frames.findLast(({ type }) => type === "message_ack")).toMatchObject({ duplicate: true });
  });

  it("B06 sibling: what the object has forgotten, Postgres tells apart, and the operator hears of a conflict", async () => {
    const id = "use-forgotten";
    const client = await registered(id);
    const same = { report_id: "1", window_start: ago(HOUR_MS), window_end: ago(0) };
    await report(client, { ...same, items: [item(10)] });
    await untilCounted(id, 10);
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      storage.sql.exec("DELETE FROM counted_reports");
    });
    await report(client, { ...same, items: [item(10)] });
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      storage.sql.exec("DELETE FROM counted_reports");
    });
    await report(client, { ...same, items: [item(25)] });
    await eventually(async () => {
      const activity = (await orchestratorRpc(id).activity(100)) ?? [];
      expect(activity.filter(({ type }) => type === "usage_refused")).toMatchObject([
        { data: { report_id: "1", reason: "id_conflict" } },
      ]);
    });
    await untilCounted(id, 10);
  });
});

describe("the window of a usage report", () => {
  it("B19: usage of the future is counted at its receipt", async () => {
    const id = "use-future";
    const client = await registered(id);
    const data = { window_start: ago(-61 * 60_000), window_end: ago(-62 * 60_000), items: [item(3)] };
    expect(await report(client, { ...data, report_id: "a" })).toMatchObject({ stored: true, note: expect.any(String) });
    await untilCounted(id, 3);
    const [row] = await rowsOf(id);
    expect(Math.abs((row?.hour.getTime() ?? 0) - hourOf(Date.now()))).toBeLessThanOrEqual(HOUR_MS);
    expect(row?.hour.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it("B19: a window that ends before it begins is refused, and can be sent again corrected", async () => {
    const id = "use-reversed";
    const client = await registered(id);
    const reversed = { window_start: ago(0), window_end: ago(HOUR_MS), items: [item(3)] };
    for (let round = 0; round < 10; round++) {
      const answer = await report(client, { ...reversed, report_id: "a" });
      expect(errorOf(answer)).toMatchObject({ code: "invalid_frame", fatal: false });
    }
    expect(await report(client, { report_id: "a", items: [item(3)] })).toMatchObject({ stored: true });
    await untilCounted(id, 3);
  });

  it.each([
    ["of 1970", { window_start: "1970-01-01T00:00:10Z", window_end: "1970-01-01T00:01:10Z" }],
    ["that nobody can read", { window_start: "yesterday", window_end: "today" }],
    ["that is missing", { window_start: undefined, window_end: undefined }],
    ["in seconds", { window_start: Date.now() / 1000 - 60, window_end: Date.now() / 1000 }],
    ["without a zone", { window_start: ago(60_000).replace("Z", ""), window_end: ago(0).replace("Z", "") }],
  ])("B19 sibling: a window %s loses no usage", async (what, window) => {
    const id = `use-window-${what.replaceAll(" ", "-")}`;
    const client = await registered(id);
    expect(await report(client, { report_id: "a", ...window, items: [item(3)] })).toMatchObject({ stored: true });
    await untilCounted(id, 3);
    for (const { hour } of await rowsOf(id)) expect(Date.now() - hour.getTime()).toBeLessThan(2 * HOUR_MS + 60_000);
  });

  it("B27: usage is spread over its window, and adjoining periods add up to the whole", async () => {
    const id = "use-spread";
    const client = await registered(id);
    const start = hourOf(Date.now()) - 9 * DAY_MS;
    const window = {
      window_start: new Date(start).toISOString(),
      window_end: new Date(start + 7 * DAY_MS).toISOString(),
    };
    await report(client, { report_id: "a", ...window, items: [item(168, { requests: 336, input_tokens: 100 })] });
    await untilCounted(id, 168);
    const rows = await rowsOf(id);
    expect(rows).toHaveLength(168);
    expect(rows.map(({ costUsd }) => Number(costUsd))).toEqual(rows.map(() => 1));
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(336);
    expect(rows.reduce((sum, { inputTokens }) => sum + inputTokens, 0)).toBe(100);
    expect(rows[0]?.hour.getTime()).toBe(start);
    expect(rows.at(-1)?.hour.getTime()).toBe(start + 7 * DAY_MS - HOUR_MS);
  });

  it("B27 sibling: usage of a window that has not ended is counted up to its receipt", async () => {
    const id = "use-unfinished";
    const client = await registered(id);
    const window = { window_start: ago(3 * HOUR_MS), window_end: ago(-30 * DAY_MS) };
    await report(client, { report_id: "a", ...window, items: [item(3)] });
    await untilCounted(id, 3);
    for (const { hour } of await rowsOf(id)) expect(hour.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it("B27 sibling: a report that older code queued is counted in the hour of its begin", async () => {
    const id = "use-older";
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await registered(id);
    const items = [{ model: "m", provider: "", requests: 1, inputTokens: 1, outputTokens: 1, costUsd: 4 }];
    const old = { organizationId: id, reportId: "old", windowStart: hourOf(Date.now()) - HOUR_MS, items };
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const intent = JSON.stringify({ kind: "usage", report: old });
      storage.sql.exec("INSERT INTO outbox (intent, due_at) VALUES (?, ?)", intent, Date.now());
    });
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await untilCounted(id, 4);
    expect((await rowsOf(id))[0]?.hour.getTime()).toBe(old.windowStart);
  });
});

describe("the clock of an orchestrator", () => {
  const heartbeat = (id: string, timestamp: unknown) =>
    call("POST", "/api/v1/internal/orchestrators/heartbeat", { body: { orchestrator_id: id, timestamp } });
  const detailOf = async (id: string) =>
    (await call("GET", `/api/v1/controller/orchestrators/${id}`)).body.data as { clock_offset_ms: number | null };
  const minutes = ({ clock_offset_ms: offset }: { clock_offset_ms: number | null }) =>
    Math.round((offset ?? 0) / 60_000);
  const told = async (id: string) =>
    ((await orchestratorRpc(id).activity(100)) ?? []).filter(({ type }) => type === "clock");

  it("B19 sibling: is shown with the orchestrator, told once, and remembered when it is gone", async () => {
    const id = "use-clock";
    const client = await registered(id);
    expect(await detailOf(id)).toMatchObject({ clock_offset_ms: null });
    for (let beat = 1; beat <= 5; beat++) {
      client.send({ type: "i_am_alive", timestamp: ago(-61 * 60_000) });
      await client.until("keepalive_ack", beat);
    }
    expect(minutes(await detailOf(id))).toBe(61);
    expect(await told(id)).toHaveLength(1);
    client.socket.close(1000);
    await eventually(async () => expect((await orchestratorRpc(id).describe())?.session).toBeNull());
    expect(minutes(await detailOf(id))).toBe(61);
  });

  it("B19 sibling: is noted over REST as well", async () => {
    const id = "use-clock-rest";
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    for (let beat = 0; beat < 3; beat++) expect((await heartbeat(id, ago(61 * 60_000))).status).toBe(200);
    expect(minutes(await detailOf(id))).toBe(-61);
    expect(await told(id)).toHaveLength(1);
    expect((await heartbeat(id, "nonsense")).body).toMatchObject({ success: true, dropped: [{ path: "timestamp" }] });
    expect((await heartbeat(id, ago(0))).status).toBe(200);
    expect(Math.abs(minutes(await detailOf(id)))).toBe(0);
  });
});

describe("a client that makes up names of models", () => {
  it("has its money counted to the cent, under few enough names, and is told so", async () => {
    const id = "usage-made-up";
    const client = await registered(id);
    let number = 0;
    const invented = (count: number) =>
      Array.from({ length: count }, () => item(0.01, { model: `made-up-${number++}` }));
    for (let round = 0; round < 5; round++) {
      expect(await report(client, { report_id: `made-up-${round}`, items: invented(100) })).not.toHaveProperty("note");
    }
    const ack = await report(client, {
      report_id: "made-up-more",
      items: [...invented(100), item(1, { model: "made-up-0" })],
    });
    expect(ack).toMatchObject({ type: "usage_ack", stored: true, counted: 101 });
    expect(ack.note).toBe('More than 500 models were reported: 100 of them are counted together as "(other models)".');
    const costs = await untilCounted(id, 7);
    expect(Object.keys(costs)).toHaveLength(501);
    expect(costs["(other models)"]).toBeCloseTo(1, 8);
    expect(costs["made-up-0"]).toBeCloseTo(1.01, 8);
  });
});
