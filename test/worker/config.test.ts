import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { OrganizationConfig } from "../../worker/contract/config.ts";
import { database } from "../../worker/db/client.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, register } from "./api.ts";
import { Client, fleetStub, orchestratorRpc, orchestratorStub } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

function config(revision: number): OrganizationConfig {
  return {
    revision,
    hash: `hash-${revision}`,
    features: { cache: { enabled: revision % 2 === 0 } },
    settings: {},
    policies: {},
  };
}

const revisionsOf = (client: Client) =>
  client.frames.flatMap((frame) => (frame.type === "provision_config" ? [frame.revision] : []));

async function stateOf(id: string) {
  return (await orchestratorRpc(id).describe())?.view;
}

describe("configuration", () => {
  it("reaches every member of the organization once, connected at once and the others at their handshake", async () => {
    const members = Array.from({ length: 12 }, (_, index) => `cfg-${index}`);
    for (const id of members)
      await orchestratorRpc(id).register({ organizationId: "cfg-org", fields: {}, audit: AUDIT });
    await orchestratorRpc("cfg-other").register({ organizationId: "cfg-other-org", fields: {}, audit: AUDIT });
    const clients = await Promise.all(members.slice(0, 10).map((id) => Client.connect(id)));
    await fleetOf(env, "cfg-org").publishConfig("cfg-org", config(1));
    await eventually(() => {
      for (const client of clients) expect(revisionsOf(client)).toEqual([0, 1]);
    });
    await eventually(async () =>
      expect(await stateOf("cfg-11")).toMatchObject({ configRevision: 1, configState: "queued" }),
    );
    expect(await stateOf("cfg-0")).toMatchObject({ configRevision: 1, configState: "sent" });
    const late = await Client.connect("cfg-11");
    await late.until("provision_config", 1);
    expect(revisionsOf(late)).toEqual([1]);
    expect(await stateOf("cfg-11")).toMatchObject({ configState: "sent" });
    expect(await stateOf("cfg-other")).toMatchObject({ configRevision: 0, configState: "none" });
  });

  it("does not grow beyond its limit, one merge after another", async () => {
    const id = "cfg-merged";
    await register(id);
    const merge = async (prefix: string, count: number, value: unknown = true) => {
      const features = Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]));
      return await call("PUT", `${CONTROLLER}/organizations/${id}/features`, { body: { features } });
    };
    expect((await merge("a", 200)).status).toBe(200);
    const tooMany = await merge("b", 100);
    expect([tooMany.status, tooMany.body.error.code]).toEqual([422, "validation_failed"]);
    expect((await merge("c", 6, "x".repeat(8_000))).status).toBe(200);
    expect((await merge("d", 6, "x".repeat(8_000))).status).toBe(422);
    expect((await merge("a", 100, false)).status).toBe(200);
    // The object hears of the configuration with the answer to each registration.
    await register(id, { name: "still registers" });
  });

  it("ends no registration when an older release let it grow", async () => {
    const id = "cfg-grown";
    await register(id);
    const features = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, true]));
    await database(env).execute(
      `UPDATE organizations SET features = '${JSON.stringify(features)}', config_revision = 7 WHERE organization_id = '${id}'`,
    );
    await register(id, { name: "still registers" });
    const answer = await call("PUT", `${CONTROLLER}/organizations/${id}/config`, {
      body: { features: { small: true } },
    });
    expect(answer.status).toBe(200);
  });

  it("never goes backwards, whatever the order of publication", async () => {
    const id = "cfg-order";
    const client = await Client.connect(id);
    for (const revision of [2, 1, 5, 3, 5, 4, 6]) await orchestratorRpc(id).applyConfig(config(revision));
    await client.until("provision_config", 4);
    expect(revisionsOf(client)).toEqual([0, 2, 5, 6]);
  });

  it("goes on with what is left to tell after the shard was evicted", async () => {
    const members = Array.from({ length: 3 }, (_, index) => `cfg-evict-${index}`);
    for (const id of members)
      await orchestratorRpc(id).register({ organizationId: "cfg-evict", fields: {}, audit: AUDIT });
    await fleetOf(env, "cfg-evict").publishConfig("cfg-evict", config(1));
    await evictDurableObject(fleetStub("cfg-evict"));
    await fleetOf(env, "cfg-evict").live();
    await eventually(async () => {
      for (const id of members) expect(await stateOf(id)).toMatchObject({ configRevision: 1 });
    });
  });

  it("is confirmed by clients that do", async () => {
    const id = "cfg-confirm";
    const client = await Client.connect(id);
    await orchestratorRpc(id).applyConfig(config(1));
    client.send({ type: "config_status", revision: 7, status: "applied" });
    client.send({ type: "config_status", revision: 1, status: "failed", error: "no disk" });
    await eventually(async () =>
      expect(await stateOf(id)).toMatchObject({ configState: "failed", configError: "no disk" }),
    );
    client.send({ type: "config_status", hash: "hash-1", status: "applied" });
    await eventually(async () =>
      expect(await stateOf(id)).toMatchObject({ configState: "applied", configError: null }),
    );
  });

  it("is told once more when asked to, and only to who can hear it", async () => {
    const id = "cfg-again";
    const push = () => call("POST", `${CONTROLLER}/orchestrators/${id}/config/push`);
    expect((await push()).status).toBe(404);
    const client = await Client.connect(id);
    await orchestratorRpc(id).applyConfig(config(1));
    client.send({ type: "config_status", revision: 1, status: "failed", error: "no disk" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "failed" }));
    const answer = await push();
    expect([answer.status, answer.body.data]).toEqual([
      200,
      {
        orchestrator_id: id,
        status: "active",
        connected: true,
        revision: 1,
        state: "sent",
        error: null,
        since: expect.any(String),
        running_revision: null,
      },
    ]);
    await eventually(() => expect(revisionsOf(client)).toEqual([0, 1, 1]));
    client.send({ type: "config_status", revision: 1, status: "applied" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "applied" }));
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    expect((await push()).body.error.code).toBe("independent");
    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    client.socket.close(1000);
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ connected: false }));
    expect((await push()).body.error.code).toBe("not_connected");
    expect(revisionsOf(client)).toEqual([0, 1, 1]);
    const audit = await call("GET", `${CONTROLLER}/audit?target=${id}&action=config.push`);
    expect(audit.body.data.items).toMatchObject([{ after: { revision: 1 } }]);
  });

  it("B09: is not claimed to be applied by a session that confirms nothing, and the filter finds what runs instead", async () => {
    const id = "cfg-claim";
    const found = async (state: string) =>
      (await call("GET", `${CONTROLLER}/organizations?q=${id}&config=${state}`)).body.data.items.length;
    const detail = async () => (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
    const first = await Client.connect(id);
    await orchestratorRpc(id).applyConfig(config(1));
    await orchestratorRpc(id).applyConfig(config(2));
    first.send({ type: "config_status", revision: 2, status: "applied" });
    await eventually(async () => expect(await detail()).toMatchObject({ config_state: "applied" }));
    const second = await Client.connect(id);
    expect(await detail()).toMatchObject({ config_state: "unconfirmed", config_running_revision: 2 });
    await eventually(async () => expect([await found("applied"), await found("unconfirmed")]).toEqual([0, 1]));
    second.send({ type: "config_status", revision: 1, status: "applied" });
    await eventually(async () =>
      expect(await detail()).toMatchObject({ config_revision: 2, config_state: "drifted", config_running_revision: 1 }),
    );
    await eventually(async () => expect([await found("unconfirmed"), await found("drifted")]).toEqual([0, 1]));
    const attention = await call("GET", `${CONTROLLER}/attention?kind=config_drifted&limit=100`);
    expect(attention.body.data.items).toContainEqual(
      expect.objectContaining({ orchestrator_id: id, detail: "Says that it runs revision 1, not 2" }),
    );
    second.send({ type: "config_status", revision: 2, status: "failed", error: "no disk" });
    second.send({ type: "config_status", revision: 1, status: "applied" });
    await eventually(async () =>
      expect(await detail()).toMatchObject({ config_state: "failed", config_error: "no disk" }),
    );
    await Client.connect(id);
    expect(await detail()).toMatchObject({
      config_state: "failed",
      config_error: "no disk",
      config_running_revision: 1,
    });
  });

  it("B18: is `applying` with its age, for attention after 5 minutes, and never of one that is gone", async () => {
    const id = "cfg-limbo";
    const client = await Client.connect(id);
    await call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features: { a: true } } });
    await client.until("provision_config", 2);
    client.send({ type: "config_status", revision: 1, status: "applying" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "applying" }));
    await eventually(async () => {
      const detail = (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
      expect(detail).toMatchObject({ config_state: "applying", config_since: expect.any(String) });
    });
    const unconfirmed = async () =>
      (await call("GET", `${CONTROLLER}/attention?kind=config_unconfirmed&limit=100`)).body.data.items.map(
        (item: { orchestrator_id: string }) => item.orchestrator_id,
      );
    const stored = async () => {
      const { rows } = await database(env).execute<{ config_since: string | null }>(
        sql`SELECT config_since FROM orchestrator_instances WHERE orchestrator_id = ${id} AND config_state = 'applying'`,
      );
      return rows[0]?.config_since ?? null;
    };
    await eventually(async () => expect(await stored()).not.toBeNull());
    expect(await unconfirmed()).not.toContain(id);
    await database(env).execute(
      sql`UPDATE orchestrator_instances SET config_since = now() - interval '6 minutes' WHERE orchestrator_id = ${id}`,
    );
    expect(await unconfirmed()).toContain(id);
    // Publishing the same again tells it once more, and ends in applied when it says so.
    await call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features: { a: true } } });
    await client.until("provision_config", 3);
    client.send({ type: "config_status", revision: 1, status: "applied" });
    client.send({ type: "config_status", revision: 1, status: "applying" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "applied" }));
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    expect(await stateOf(id)).toMatchObject({ configState: "applied" });
    await orchestratorRpc(id).applyConfig(config(9));
    client.send({ type: "config_status", revision: 9, status: "applying" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "applying" }));
    client.socket.close(1000);
    await eventually(async () =>
      expect(await stateOf(id)).toMatchObject({ connected: false, configState: "unconfirmed" }),
    );
  });

  it("of a record that an older release wrote is read as it stands", async () => {
    const id = "cfg-older";
    await Client.connect(id);
    await orchestratorRpc(id).applyConfig(config(1));
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      const [row] = storage.sql.exec<{ body: string }>("SELECT body FROM record").toArray();
      const { configSince: _since, runningRevision: _running, ...old } = JSON.parse(row?.body ?? "{}");
      storage.sql.exec("UPDATE record SET body = ?", JSON.stringify({ ...old, configState: "applied" }));
    });
    await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    expect(await stateOf(id)).toMatchObject({ configState: "applied", configSince: null, configRunning: null });
    await Client.connect(id);
    expect(await stateOf(id)).toMatchObject({ configState: "unconfirmed" });
  });

  it("waits for the end of independence, across a reconnect", async () => {
    const id = "cfg-free";
    await Client.connect(id);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await orchestratorRpc(id).applyConfig(config(1));
    const client = await Client.connect(id);
    expect(await stateOf(id)).toMatchObject({ configRevision: 1, configState: "queued" });
    expect(revisionsOf(client)).not.toContain(1);
    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    await eventually(() => expect(revisionsOf(client).filter((revision) => revision === 1)).toHaveLength(1));
    expect(await stateOf(id)).toMatchObject({ configState: "sent" });
  });

  it("that is published again while it is independent is told at the end of that, and its confirmation counts", async () => {
    const id = "cfg-free-again";
    const client = await Client.connect(id);
    await orchestratorRpc(id).applyConfig(config(1));
    await client.until("provision_config", 2);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await orchestratorRpc(id).applyConfig({ ...config(1), again: true });
    expect(await stateOf(id)).toMatchObject({ configState: "queued" });
    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    await eventually(() => expect(revisionsOf(client)).toEqual([0, 1, 1]));
    expect(await stateOf(id)).toMatchObject({ configState: "sent" });
    client.send({ type: "config_status", revision: 1, status: "applied" });
    await eventually(async () => expect(await stateOf(id)).toMatchObject({ configState: "applied" }));
  });

  it("tells a session configuration that was registered during independence when that ends", async () => {
    const id = "cfg-free-session";
    const client = await Client.connect(id);
    const sessions = () =>
      client.frames.flatMap(({ type, data }) =>
        type === "provisioning" ? [(data as { session: object }).session] : [],
      );
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await register(id, { session_config: { timeout_seconds: 77 } });
    expect(sessions()).toHaveLength(1);
    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    await eventually(() => expect(sessions().at(-1)).toMatchObject({ timeout_seconds: 77 }));
  });

  it("is numbered above every revision that a member holds, of which a restored database does not know", async () => {
    const id = "cfg-restored";
    await register(id);
    const client = await Client.connect(id);
    const publish = async (features: object) =>
      (await call("PUT", `${CONTROLLER}/organizations/${id}/config`, { body: { features } })).body.data.revision;
    expect([await publish({ a: 1 }), await publish({ b: 1 })]).toEqual([1, 2]);
    await eventually(async () => {
      const { rows } = await database(env).execute(
        sql`SELECT 1 FROM orchestrator_instances WHERE orchestrator_id = ${id} AND config_revision = 2`,
      );
      expect(rows).toHaveLength(1);
    });
    await database(env).execute(sql`
      WITH gone AS (DELETE FROM config_revisions WHERE organization_id = ${id} AND revision = 2)
      UPDATE organizations SET config_revision = 1, features = '{"a":1}' WHERE organization_id = ${id}`);

    expect(await publish({ a: 1 })).toBe(3);
    await eventually(() =>
      expect(client.frames.findLast(({ type }) => type === "provision_config")).toMatchObject({
        revision: 3,
        data: { features: { a: 1 } },
      }),
    );
    expect(await publish({ a: 1 })).toBe(3);
    expect(await publish({ c: 1 })).toBe(4);
    const { rows } = await database(env).execute<{ revision: number }>(
      sql`SELECT (after->>'revision')::int AS revision FROM activity_logs WHERE target_id = ${id}
        AND after ? 'revision' ORDER BY at, (after->>'revision')::int`,
    );
    expect(rows.map(({ revision }) => revision)).toEqual([1, 2, 3, 4]);
  });

  it("gives a newly registered orchestrator what its organization has published", async () => {
    await orchestratorRpc("cfg-first").register({ organizationId: "cfg-new-org", fields: {}, audit: AUDIT });
    const payload = JSON.stringify({
      organization_id: "cfg-new-org",
      features: { firewall: { enabled: true } },
      actor: "test",
    });
    await database(env).execute(sql`SELECT publish_config(${payload}::jsonb)`);
    await orchestratorRpc("cfg-second").register({ organizationId: "cfg-new-org", fields: {}, audit: AUDIT });
    const client = await Client.connect("cfg-second");
    await client.until("provision_config", 1);
    expect(client.frames.find(({ type }) => type === "provisioning")).toMatchObject({
      data: { features: { firewall: { enabled: true } } },
    });
  });
});

describe("privacy mode", () => {
  it("keeps nothing of what an independent and private orchestrator says of itself", async () => {
    const id = "cfg-private";
    const CANARY = "canary-7d1f";
    await Client.connect(id, { hostname: "h", name: "Before" });
    await orchestratorRpc(id).applyConfig(config(1));
    await orchestratorRpc(id).setIndependence({ isIndependent: true, privacyMode: true, audit: AUDIT });
    const client = await Client.connect(id, {
      hostname: CANARY,
      name: CANARY,
      location: CANARY,
      features: { [CANARY]: true },
    });
    client.send({ type: "i_am_alive", metrics: { note: CANARY }, features: { [CANARY]: 1 } });
    client.send({ type: "update_metadata", metadata: { name: CANARY } });
    client.send({ type: "recommendation", data: { id: CANARY, content: CANARY } });
    client.send({ type: "o_config_snapshot", data: { [CANARY]: 1 } });
    client.send({ type: "config_status", revision: 1, status: "failed", error: CANARY });
    const fields = { metadata: { [CANARY]: 1 }, features: { [CANARY]: 1 } };
    await orchestratorRpc(id).register({ organizationId: null, fields, audit: AUDIT });
    client.send({
      type: "usage_report",
      data: {
        report_id: CANARY,
        window_start: new Date().toISOString(),
        window_end: new Date().toISOString(),
        items: [{ model: CANARY, requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: 1 }],
      },
    });
    await client.until("usage_ack", 1);
    await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
    const kept = JSON.stringify([
      await orchestratorRpc(id).describe(),
      await orchestratorRpc(id).activity(1_000),
      await fleetOf(env, id).live(),
      await fleetOf(env, id).logs({ q: null, level: null, limit: 1_000, organizations: null }),
    ]);
    expect(kept).toContain("Before");
    expect(kept).not.toContain(CANARY);
  });
});
