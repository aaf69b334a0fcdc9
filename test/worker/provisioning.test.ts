import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { OrganizationConfig } from "../../worker/contract/config.ts";
import { RESERVED_TYPES } from "../../worker/contract/frames.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, orchestratorRpc } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

const config = (revision: number, parts: Partial<OrganizationConfig>): OrganizationConfig => ({
  revision,
  hash: `hash-${revision}`,
  features: {},
  settings: {},
  policies: {},
  ...parts,
});

const provisionings = (client: Client) =>
  client.frames.flatMap(({ type, data }) => (type === "provisioning" ? [data as Record<string, unknown>] : []));

describe("provisioning, as the Python client reads it", () => {
  it("replaces the features once a revision was published, and never before", async () => {
    const id = "prv-replace";
    await register(id, { features: { own: { enabled: true } } });
    const client = await Client.connect(id);
    await client.until("provisioning", 1);
    expect(provisionings(client)[0]).not.toHaveProperty("replace_features");
    await orchestratorRpc(id).applyConfig(config(1, { features: { beta: true } }));
    await client.until("provisioning", 2);
    expect(provisionings(client)[1]).toMatchObject({ features: { beta: true }, replace_features: true });
    await orchestratorRpc(id).applyConfig(config(2, {}));
    await client.until("provisioning", 3);
    expect(provisionings(client)[2]).toMatchObject({ features: {}, replace_features: true });
    client.send({ type: "provisioning_request" });
    await client.until("provisioning", 4);
    expect(provisionings(client)[3]).toMatchObject({ replace_features: true });
    const again = await Client.connect(id);
    await again.until("provisioning", 1);
    expect(provisionings(again)[0]).toMatchObject({ features: {}, replace_features: true });
  });

  it("carries the published session timeout in `session`, over what registration gave", async () => {
    const id = "prv-session";
    await register(id, { session_config: { timeout_seconds: 60, max_concurrent_sessions: 5 } });
    const client = await Client.connect(id);
    await client.until("provisioning", 1);
    expect(provisionings(client)[0]?.session).toEqual({ timeout_seconds: 60, max_concurrent_sessions: 5 });
    await orchestratorRpc(id).applyConfig(config(1, { settings: { session_timeout_minutes: 30, other: 1 } }));
    await client.until("provisioning", 2);
    expect(provisionings(client)[1]?.session).toEqual({
      session_timeout_minutes: 30,
      timeout_seconds: 1_800,
      max_concurrent_sessions: 5,
    });
    // Nothing is published any more: what registration gave is in force again.
    await orchestratorRpc(id).applyConfig(config(2, {}));
    await client.until("provisioning", 3);
    expect(provisionings(client)[2]?.session).toEqual({ timeout_seconds: 60, max_concurrent_sessions: 5 });
  });
});

describe("the first beat, with a report interval of 110 s", () => {
  const lines = async (id: string) =>
    (await fleetOf(env, id).logs({ q: "heartbeat", level: null, limit: 1_000, organizations: null })).lines
      .filter(({ orchestratorId }) => orchestratorId === id)
      .toReversed()
      .map(({ message }) => (message.includes("Ignoring") ? "ignored" : "processed"));

  it("after a connect, a toggle and the end of independence is in the log at once", async () => {
    const id = "prv-beats";
    const client = await Client.connect(id);
    const toggle = async (isIndependent: boolean) =>
      await orchestratorRpc(id).setIndependence({ isIndependent, audit: AUDIT });
    client.send({ type: "i_am_alive" });
    await eventually(async () => expect(await lines(id)).toEqual(["processed"]));
    await toggle(true);
    client.send({ type: "i_am_alive" });
    await eventually(async () => expect(await lines(id)).toEqual(["processed", "ignored"]));
    // Only the first one: the others wait for the report.
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 3);
    expect(await lines(id)).toHaveLength(2);
    await toggle(false);
    client.send({ type: "i_am_alive" });
    await eventually(async () => expect(await lines(id)).toEqual(["processed", "ignored", "ignored", "processed"]));
  });

  it("over REST as well", async () => {
    const id = "prv-rest-beats";
    await register(id);
    await orchestratorRpc(id).heartbeat({});
    expect(await lines(id)).toEqual(["processed"]);
    await orchestratorRpc(id).heartbeat({});
    expect(await lines(id)).toHaveLength(1);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await orchestratorRpc(id).heartbeat({});
    expect((await lines(id)).at(-1)).toBe("ignored");
  });
});

describe("a free frame", () => {
  it("of a type that belongs to the controller is refused with the way to do it", async () => {
    const id = "prv-send";
    await register(id);
    const client = await Client.connect(id);
    const send = (type: string) => call("POST", `${INTERNAL}/orchestrators/${id}/send`, { body: { type } });
    await client.until("provision_config", 1);
    const before = client.frames.length;
    for (const [type, instead] of Object.entries(RESERVED_TYPES)) {
      const answer = await send(type);
      expect([type, answer.status]).toEqual([type, 422]);
      expect(JSON.stringify(answer.body)).toContain(instead);
    }
    expect((await send("Handshake_Ack")).status).toBe(422);
    expect((await send("command")).status).toBe(200);
    await client.until("command", 1);
    expect(client.frames.slice(before).map(({ type }) => type)).toEqual(["command"]);
  });
});

describe("what the Python client reports", () => {
  it("is compared with what was published, when it comes back", async () => {
    const id = "prv-drift";
    const detail = async () => (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
    const own = { mine: { enabled: true } };
    const reporting = (features: object) => Client.connect(id, { hostname: "h", features });
    await reporting(own);
    const publish = (features: object) =>
      call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features } });
    const told = async (revision: number) =>
      await eventually(async () =>
        expect(await detail()).toMatchObject({ config_revision: revision, config_state: "sent" }),
      );
    await publish({ cache: { enabled: true }, beta: true });
    await told(1);
    await publish({ cache: { enabled: true } });
    await told(2);
    // It reported before it was told: that says nothing.
    expect(await detail()).toMatchObject({ config_difference: [], config_reported_at: null });
    await reporting({ ...own, cache: { enabled: false }, beta: true });
    expect((await detail()).config_difference).toEqual([
      { path: "features.cache.enabled", published: true, reported: false },
      { path: "features.beta", reported: true },
    ]);
    const client = await reporting({ ...own, cache: { enabled: true } });
    expect(await detail()).toMatchObject({ config_difference: [], config_reported_at: expect.any(String) });
    client.send({ type: "i_am_alive", features: { cache: { enabled: false } } });
    await eventually(async () =>
      expect((await detail()).config_difference).toMatchObject([{ path: "features.cache.enabled" }]),
    );
    client.socket.close(1000);
    await eventually(async () => expect(await detail()).toMatchObject({ connected: false }));
    expect((await detail()).config_difference).toHaveLength(1);
  });
});
