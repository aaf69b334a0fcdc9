import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { eventually } from "../support/eventually.ts";
import { Client, fleetStub, orchestratorRpc, orchestratorStub } from "./client.ts";

const TTL_MS = 120_000;
const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

afterEach(() => {
  vi.useRealTimers();
});

function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + byMs });
}

async function statusOf(id: string): Promise<string | undefined> {
  const [view] = await fleetOf(env, id).lookup([id]);
  return view?.status;
}

describe("presence", () => {
  it("marks nobody inactive before one TTL after our own reset, and then those that did not come back", async () => {
    const gone = await Client.connect("org-gone");
    const back = await Client.connect("org-back");
    for (const client of [gone, back]) client.send({ type: "i_am_alive" });
    for (const client of [gone, back]) await client.until("keepalive_ack", 1);
    for (const id of ["org-gone", "org-back"]) await evictDurableObject(orchestratorStub(id), { webSockets: "close" });
    await evictDurableObject(fleetStub("org-gone"));

    // Long after the last beat that the fleet has heard of: the objects are asked, and notice their loss only now.
    moveClock(10 * TTL_MS);
    await runDurableObjectAlarm(fleetStub("org-gone"));
    expect([await statusOf("org-gone"), await statusOf("org-back")]).toEqual(["active", "active"]);
    const returned = await Client.connect("org-back");
    moveClock(TTL_MS - 2_000);
    await runDurableObjectAlarm(fleetStub("org-gone"));
    expect(await statusOf("org-gone")).toBe("active");

    moveClock(4_000);
    returned.send({ type: "i_am_alive" });
    await returned.until("keepalive_ack", 1);
    await runDurableObjectAlarm(fleetStub("org-gone"));
    await eventually(async () => expect(await statusOf("org-gone")).toBe("inactive"));
    expect(await statusOf("org-back")).toBe("active");
    expect((await orchestratorRpc("org-gone").activity(10))?.map(({ type }) => type)).toContain("disconnect");
  });

  it("finds a silent death within TTL + 15 s although the socket stays open", async () => {
    const client = await Client.connect("org-silent");
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    moveClock(TTL_MS + 14_000);
    await runDurableObjectAlarm(fleetStub("org-silent"));
    await eventually(async () => expect(await statusOf("org-silent")).toBe("inactive"));
    const live = await fleetOf(env, "org-silent").live();
    expect(live.map(({ view }) => view.orchestratorId)).toContain("org-silent");
  });

  it("believes the object, not its own memory, when beats were not reported", async () => {
    const client = await Client.connect("org-quiet");
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    // A beat within the report interval: only the object knows of it.
    moveClock(100_000);
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 2);
    moveClock(30_000);
    await runDurableObjectAlarm(fleetStub("org-quiet"));
    expect(await statusOf("org-quiet")).toBe("active");
  });

  it("shows a clean close at once, hibernated or not", async () => {
    for (const hibernate of [false, true]) {
      const id = `org-close-${hibernate}`;
      const client = await Client.connect(id);
      await eventually(async () => expect(await statusOf(id)).toBe("active"));
      if (hibernate) await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
      client.socket.close(1000, "bye");
      await eventually(async () => expect(await statusOf(id)).toBe("inactive"));
    }
  });

  it("keeps last_seen frozen through beats, an eviction and a reconnect until independence ends", async () => {
    const id = "org-frozen";
    const client = await Client.connect(id);
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await client.until("stop_monitoring", 1);
    const frozen = (await orchestratorRpc(id).describe())?.view.lastSeenAt;
    expect(frozen).toEqual(expect.any(Number));

    moveClock(60_000);
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 2);
    await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    client.send({ type: "request_status" });
    await client.until("status", 1);
    const again = await Client.connect(id);
    await client.untilClosed(4409);
    again.send({ type: "i_am_alive" });
    await again.until("keepalive_ack", 1);
    expect((await orchestratorRpc(id).describe())?.view).toMatchObject({
      lastSeenAt: frozen,
      status: "independent",
      connected: true,
    });

    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    again.send({ type: "i_am_alive" });
    await again.until("keepalive_ack", 2);
    expect((await orchestratorRpc(id).describe())?.view.lastSeenAt).toBeGreaterThan(frozen ?? 0);
  });

  it("lets the newest of many simultaneous sessions win", async () => {
    const id = "org-many";
    const clients = await Promise.all(Array.from({ length: 20 }, () => Client.open(`/ws/${id}`)));
    for (const client of clients) client.send({ type: "handshake", data: { orchestrator_id: id } });
    await eventually(() => expect(clients.filter(({ closeCode }) => closeCode === 4409)).toHaveLength(19));
    const [winner] = clients.filter(({ closeCode }) => closeCode === null);
    winner?.send({ type: "i_am_alive" });
    await winner?.until("keepalive_ack", 1);
    expect((await orchestratorRpc(id).describe())?.view).toMatchObject({ connected: true, epoch: 20 });
  });

  it("stays deregistered while the client keeps trying, until REST registers it again", async () => {
    const id = "org-dead";
    const client = await Client.connect(id);
    expect(await orchestratorRpc(id).deregister(AUDIT)).toMatchObject({ ok: true });
    await client.untilClosed(4404);
    for (let attempt = 0; attempt < 3; attempt++) {
      const again = await Client.open(`/ws/${id}`);
      again.send({ type: "handshake", data: { orchestrator_id: id } });
      await again.untilClosed(4404);
      expect(again.frames[0]).toMatchObject({ type: "error", data: { code: "deregistered", fatal: true } });
      await evictDurableObject(orchestratorStub(id));
    }
    expect(await orchestratorRpc(id).describe()).toBeNull();
    expect(await orchestratorRpc(id).heartbeat({})).toMatchObject({ ok: false, code: "not_found" });
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    await Client.connect(id);
    expect(await orchestratorRpc(id).describe()).toMatchObject({ generation: 2, view: { status: "active" } });
  });

  it("has no member that was deregistered while it was being registered", async () => {
    const id = "pre-race";
    const audit = { actor: "test", ip: null, userAgent: null, requestId: "test" };
    const registering = orchestratorRpc(id).register({ organizationId: null, fields: {}, audit });
    const known = () =>
      runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
        storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'record'").toArray(),
      );
    await vi.waitFor(async () => expect(await known()).toHaveLength(1));
    const results = await Promise.all([registering, orchestratorRpc(id).deregister(audit)]);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(await fleetOf(env, id).lookup([id])).toEqual([]);
  });

  it("closes a socket without a handshake by alarm", async () => {
    const client = await Client.open("/ws/org-mute");
    moveClock(10_000);
    await runDurableObjectAlarm(orchestratorStub("org-mute"));
    await client.untilClosed(4408);
    expect(client.frames[0]).toMatchObject({ type: "error", data: { code: "handshake_timeout" } });
  });
});

describe("controller_heartbeat", () => {
  const alarmOf = (id: string) =>
    runInDurableObject(orchestratorStub(id), (_instance, state) => state.storage.getAlarm());
  const heard = (client: Client) => client.frames.filter(({ type }) => type === "controller_heartbeat");

  it.each([
    { type: "handshake", id: "pulse-a", frame: { data: { controller_heartbeat_sec: 20 } } },
    { type: "register", id: "pulse-b", frame: { orchestrator_id: "pulse-b", controller_heartbeat_sec: 20 } },
  ])("comes at the interval that $type asks for, through an eviction", async ({ type, id, frame }) => {
    const client = await Client.open(`/ws/${id}`);
    client.send({ type, ...frame });
    await client.until("handshake_ack", 1);
    for (const count of [1, 2]) {
      await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
      moveClock(20_000);
      await runDurableObjectAlarm(orchestratorStub(id));
      await client.until("controller_heartbeat", count);
    }
    await runDurableObjectAlarm(orchestratorStub(id));
    expect(heard(client)).toEqual(Array(2).fill(expect.objectContaining({ orch_id: id, orchestrator_id: id })));
    expect(await alarmOf(id)).toBeGreaterThan(Date.now());
    // Nobody is left to tell.
    client.socket.close(1000);
    await client.untilClosed(1000);
    moveClock(20_000);
    await runDurableObjectAlarm(orchestratorStub(id));
    expect(await alarmOf(id)).toBeNull();
  });

  it("keeps nobody awake who does not ask for it", async () => {
    const id = "pulse-none";
    const client = await Client.connect(id);
    await eventually(async () => {
      await runDurableObjectAlarm(orchestratorStub(id));
      expect(await alarmOf(id)).toBeNull();
    });
    expect(heard(client)).toEqual([]);
  });
});
