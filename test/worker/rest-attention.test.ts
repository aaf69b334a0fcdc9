import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { configRevisions, orchestratorInstances, orchestratorMessages, organizations } from "../../worker/db/schema.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";
import { sessionOf } from "./session.ts";

const ATTENTION = `${CONTROLLER}/attention`;
const HEARTBEATS = `${CONTROLLER}/orchestrators/heartbeats`;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

beforeAll(async () => {
  const db = database(env);
  await db.insert(organizations).values([
    { organizationId: "att-a", name: "Alpha", configRevision: 3 },
    { organizationId: "att-b", name: "Beta" },
    { organizationId: "att-c", name: "Gamma" },
  ]);
  await db.insert(configRevisions).values({
    organizationId: "att-a",
    revision: 3,
    hash: "x",
    actor: "user:ada",
    createdAt: new Date("2025-05-01T00:00:00Z"),
  });
  const instance = (
    orchestratorId: string,
    rest: Partial<typeof orchestratorInstances.$inferInsert>,
    organizationId = "att-a",
  ) => ({ orchestratorId, organizationId, name: `name of ${orchestratorId}`, ...rest });
  const independent = { status: "independent", isIndependent: true } as const;
  await db.insert(orchestratorInstances).values([
    instance("att-lost", { status: "inactive", lastSeen: hoursAgo(2) }),
    instance("att-long-lost", { status: "inactive", lastSeen: hoursAgo(25), healthStatus: "unhealthy" }),
    instance("att-just-lost", { status: "inactive", lastSeen: hoursAgo(24 + 1 / 60) }, "att-c"),
    instance("att-never", { status: "inactive", name: null, createdAt: hoursAgo(1) }),
    instance("att-new", { status: "inactive", createdAt: hoursAgo(0.1) }),
    instance("att-free-never", { ...independent, createdAt: hoursAgo(200) }),
    instance("att-free-long", { ...independent, lastSeen: hoursAgo(200) }),
    instance("att-failed", {
      status: "active",
      configState: "failed",
      configError: "no such model",
      configRevision: 3,
    }),
    instance("att-ill", { status: "active", healthStatus: "unhealthy" }),
    instance("att-slow", { status: "active", healthStatus: "degraded" }),
    instance("att-free", { ...independent, lastSeen: hoursAgo(2), healthStatus: "unhealthy" }),
    instance("att-free-failed", { ...independent, configState: "failed", configError: "bad" }),
    instance("att-other", { status: "active", healthStatus: "unhealthy" }, "att-b"),
  ]);
  const message = (
    id: string,
    orchestratorId: string,
    createdAt: Date,
    severity: string | null,
    status: "pending" | "accepted" = "pending",
  ) => ({
    id,
    orchestratorId,
    createdAt,
    status,
    messageType: "recommendation" as const,
    direction: "inbound" as const,
    content: `content of ${id}`,
    messageMetadata: severity === null ? {} : { severity },
  });
  await db
    .insert(orchestratorMessages)
    .values([
      message("msg_att_1", "att-slow", hoursAgo(9), "low"),
      message("msg_att_2", "att-slow", hoursAgo(5), "Critical"),
      message("msg_att_3", "att-slow", hoursAgo(3), "critical"),
      message("msg_att_4", "att-slow", hoursAgo(2), "critical", "accepted"),
      message("msg_att_5", "att-never", hoursAgo(1), null),
      message("msg_att_6", "att-free", hoursAgo(1), "critical"),
    ]);
});

describe("the attention list", () => {
  it("B16: still holds who has been lost for more than 24 hours, until it is back or deregistered", async () => {
    const bearer = await sessionOf("viewer", ["att-c"]);
    const read = async () => (await call("GET", ATTENTION, { bearer })).body.data;
    const [item] = (await read()).items;
    expect(item).toMatchObject({ kind: "long_lost", severity: "low", orchestrator_id: "att-just-lost" });
    expect(await read()).toMatchObject({ total: 1, counts: { lost: 0, long_lost: 1 } });
    const one = eq(orchestratorInstances.orchestratorId, "att-just-lost");
    await database(env)
      .update(orchestratorInstances)
      .set({ lastSeen: hoursAgo(10_000) })
      .where(one);
    expect(await read()).toMatchObject({ total: 1, counts: { long_lost: 1 } });
    await database(env).update(orchestratorInstances).set({ status: "active", lastSeen: new Date() }).where(one);
    expect(await read()).toMatchObject({ total: 0, items: [] });
  });

  it("holds what needs a person: outages, then messages, then who is long lost or never came", async () => {
    const bearer = await sessionOf("viewer", ["att-a"]);
    const { items, total, counts } = (await call("GET", ATTENTION, { bearer })).body.data;
    const shown = items.map((item: { kind: string; severity: string; orchestrator_id: string }) => [
      item.kind,
      item.severity,
      item.orchestrator_id,
    ]);
    expect(shown).toEqual([
      ["lost", "high", "att-lost"],
      ["config_failed", "high", "att-failed"],
      ["config_failed", "high", "att-free-failed"],
      ["unhealthy", "high", "att-ill"],
      ["degraded", "medium", "att-slow"],
      ["messages", "critical", "att-slow"],
      ["messages", "low", "att-never"],
      ["never_connected", "low", "att-never"],
      ["long_lost", "low", "att-long-lost"],
    ]);
    expect(total).toBe(9);
    const expected = {
      lost: 1,
      config_failed: 2,
      config_drifted: 0,
      config_unconfirmed: 0,
      unhealthy: 1,
      degraded: 1,
      messages: 2,
      never_connected: 1,
      long_lost: 1,
    };
    expect(counts).toMatchObject(expected);
    expect(items[5]).toMatchObject({
      organization_name: "Alpha",
      name: "name of att-slow",
      message_id: "msg_att_2",
      detail: "content of msg_att_2",
      count: 3,
    });
    expect(Date.now() - Date.parse(items[5].since)).toBeGreaterThan(8 * 3_600_000);
    expect(items[1]).toMatchObject({ since: "2025-05-01T00:00:00.000Z", detail: "no such model", count: 1 });
    expect(items[6]).toMatchObject({ name: "att-never" });
  });

  it("answers one kind alone, with exactly as many as are counted of it, page by page", async () => {
    const bearer = await sessionOf("viewer", ["att-a"]);
    const ask = async (query: string) => (await call("GET", `${ATTENTION}?${query}`, { bearer })).body.data;
    const { counts } = await ask("limit=1");
    for (const [kind, count] of Object.entries(counts)) {
      const { items, total } = await ask(`kind=${kind}`);
      expect(items.map((item: { kind: string }) => item.kind)).toEqual(
        Array.from({ length: Number(count) }, () => kind),
      );
      expect(total).toBe(count);
    }
    const pages = [await ask("kind=messages&limit=1"), await ask("kind=messages&limit=1&page=2")];
    expect(pages.map(({ items }) => items[0].orchestrator_id)).toEqual(["att-slow", "att-never"]);
    expect((await ask("kind=messages&limit=1&page=3")).items).toEqual([]);
    expect((await call("GET", `${ATTENTION}?kind=tired`, { bearer })).status).toBe(422);
  });

  it("is cut at its limit, and counts on", async () => {
    const bearer = await sessionOf("viewer", ["att-a"]);
    const { items, total } = (await call("GET", `${ATTENTION}?limit=2`, { bearer })).body.data;
    expect(items).toHaveLength(2);
    expect(total).toBe(9);
    expect((await call("GET", `${ATTENTION}?limit=0`)).status).toBe(422);
    expect((await call("GET", ATTENTION, { bearer: await sessionOf("viewer", []) })).body.data).toMatchObject({
      items: [],
      total: 0,
    });
    expect((await call("GET", ATTENTION, { bearer: null })).status).toBe(401);
  });
});

describe("heartbeats of several orchestrators", () => {
  it("come from their objects, and only of those that the caller may see", async () => {
    await register("hb-a", { organization_id: "hb-org" });
    await register("hb-b");
    const socket = await Client.connect("hb-a");
    socket.send({ type: "i_am_alive" });
    await socket.until("keepalive_ack", 1);
    await call("PUT", `${INTERNAL}/orchestrators/hb-b/independence`, { body: { is_independent: true } });
    await call("POST", `${INTERNAL}/orchestrators/heartbeat`, { body: { orchestrator_id: "hb-b" } });

    const read = async (ids: string, bearer?: string) =>
      (await call("GET", `${HEARTBEATS}?ids=${ids}`, { ...(bearer && { bearer }) })).body.data;
    const data = await read("hb-b,hb-a,hb-unknown,hb-a");
    expect(data).toMatchObject({ heartbeat_interval_sec: 30, heartbeat_ttl_sec: 120 });
    const byId = new Map(data.orchestrators.map((one: { orchestrator_id: string }) => [one.orchestrator_id, one]));
    expect([...byId.keys()].sort()).toEqual(["hb-a", "hb-b"]);
    expect(byId.get("hb-a")).toMatchObject({
      organization_id: "hb-org",
      status: "active",
      connected: true,
      is_independent: false,
      minutes: [{ processed: 1, ignored: 0 }],
      recent: [{ ignored: false }],
    });
    expect(byId.get("hb-b")).toMatchObject({
      status: "independent",
      connected: false,
      is_independent: true,
      minutes: [{ processed: 0, ignored: 1 }],
    });
    const bound = await read("hb-a,hb-b", await sessionOf("viewer", ["hb-org"]));
    expect(bound.orchestrators.map((one: { orchestrator_id: string }) => one.orchestrator_id)).toEqual(["hb-a"]);
    const detail = (await call("GET", `${CONTROLLER}/orchestrators/hb-a`)).body.data;
    expect(detail).toMatchObject({ heartbeat_interval_sec: 30, beats: { minutes: [{ processed: 1, ignored: 0 }] } });
    socket.socket.close(1000);
  });

  it("of own orchestrators are there while Postgres, which would look for the others, is away", async () => {
    await register("hb-own", { organization_id: "hb-mine" });
    const bearer = await sessionOf("viewer", ["hb-mine"]);
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const answer = await call("GET", `${HEARTBEATS}?ids=hb-own,hb-elsewhere`, { bearer });
    fetched.mockRestore();
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.data.orchestrators).toMatchObject([{ orchestrator_id: "hb-own" }]);
  });

  it("are asked for by at most 60 ids", async () => {
    const ids = Array.from({ length: 61 }, (_, index) => `hb-${index}`).join(",");
    for (const query of [`ids=${ids}`, "ids=", "ids=a%20b", ""]) {
      expect((await call("GET", `${HEARTBEATS}?${query}`)).status, query).toBe(422);
    }
  });
});
