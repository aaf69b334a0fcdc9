import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { AUTH_STEPS } from "../../worker/auth/storage.ts";
import { TokenStore } from "../../worker/auth/token-store.ts";
import type { FleetRpc } from "../../worker/contract/rpc.ts";
import type { AccessEvent } from "../../worker/contract/session.ts";
import { FLEET_STEPS } from "../../worker/fleet/storage.ts";
import { ORCHESTRATOR_STEPS } from "../../worker/orchestrator/storage.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";
import { report } from "./shards.ts";

/** Far ahead, so that no alarm that is armed by this clock rings. Fixtures hold moments around it. */
export const NOW = Date.UTC(2031, 0, 1, 12);

/** A class of objects: what fills every table of one, and what must be found in it, by this code and by all later code. */
export interface Scene {
  steps: readonly string[];
  stub(name: string): DurableObjectStub<undefined>;
  /** Carried out at {@link NOW}, while Postgres is away. */
  fill(name: string): Promise<void>;
  /** Carried out a minute later. */
  check(name: string): Promise<void>;
}

const AUDIT = { actor: "user:ada", ip: "192.0.2.1", userAgent: null, requestId: "r" };
const CONFIG = { revision: 4, hash: "h4", features: { cache: true }, settings: {}, policies: {} };
const MESSAGE = { type: "recommendation", data: { id: "own-1", content: "Scale up", metadata: {} } };
const USAGE = {
  type: "usage_report",
  data: {
    report_id: "usage-1",
    window_start: new Date(NOW - 60_000).toISOString(),
    window_end: new Date(NOW).toISOString(),
    items: [{ model: "m", provider: "p", requests: 1, input_tokens: 2, output_tokens: 3, cost_usd: 0.5 }],
  },
};
const TOKEN = { keyId: "keystorage", digest: "d".repeat(64) };

export async function rowsOf(stub: DurableObjectStub<undefined>, query: string) {
  return await runInDurableObject(stub, (_object, { storage }) => storage.sql.exec(query).toArray());
}

const orchestrator: Scene = {
  steps: ORCHESTRATOR_STEPS,
  stub: orchestratorStub,
  async fill(id) {
    const rpc = orchestratorRpc(id);
    const fields = { name: "Kept", location: "Bern", metadata: { rack: 7 } };
    const registered = await rpc.register({ organizationId: `${id}-org`, fields, audit: AUDIT });
    expect(registered).toMatchObject({ ok: false, code: "database_unavailable" });
    await rpc.issueCredential({ credential: TOKEN, label: "kept", expiresAt: null, audit: AUDIT });
    await rpc.applyConfig(CONFIG);
    const client = await Client.connect(id);
    client.send({ type: "o_config_snapshot", data: { mode: "fast" } });
    client.send({ type: "config_status", revision: 4, status: "applied" });
    client.send(USAGE);
    client.send(MESSAGE);
    client.send({ type: "i_am_alive", health_status: "degraded" });
    await client.until("keepalive_ack", 1);
    await rpc.createMessage({ type: "monitoring", content: "Look at the cache", metadata: {}, audit: AUDIT });
    for (const address of ["192.0.2.8", "192.0.2.9"]) await rpc.refused("wrong_token", { address });
    await runInDurableObject(orchestratorStub(id), (_object, { storage }) => {
      // Needs an organization over its quota, and two machines of one id.
      storage.sql.exec("INSERT INTO message_quota VALUES (1, 'pending_messages_per_organization', ?)", NOW);
      storage.sql.exec("INSERT OR REPLACE INTO contest VALUES (1, '{\"pair\":null}')");
    });
  },
  async check(id) {
    const rpc = orchestratorRpc(id);
    expect(await rpc.describe({ withSnapshot: true, withActivityCount: true })).toMatchObject({
      view: { organizationId: `${id}-org`, healthStatus: "degraded", configRevision: 4 },
      profile: { name: "Kept", location: "Bern" },
      generation: 1,
      registeredAt: NOW,
      configSnapshot: { at: NOW, data: { mode: "fast" } },
    });
    const activity = (await rpc.activity(100)) ?? [];
    expect(activity.map(({ type }) => type)).toEqual(expect.arrayContaining(["handshake", "config_status"]));
    expect(await rpc.authenticate(TOKEN)).toEqual({ organizationId: `${id}-org` });
    expect(await rpc.credentials()).toMatchObject([{ keyId: TOKEN.keyId, createdBy: "user:ada", valid: true }]);
    const refused = await rpc.createMessage({ type: "monitoring", content: "One more", metadata: {}, audit: AUDIT });
    expect(refused).toMatchObject({ ok: false, code: "quota_exceeded" });
    const client = await Client.connect(id);
    await client.until("message", 1);
    expect(client.frames.find(({ type }) => type === "message")).toMatchObject({
      data: { content: "Look at the cache" },
    });
    const stub = orchestratorStub(id);
    const kinds = await rowsOf(stub, "SELECT json_extract(intent, '$.kind') AS kind FROM outbox ORDER BY id");
    expect(kinds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["register", "message", "usage"]));
    const tables = ["received", "counted_reports", "models", "untold_refusals", "contest"];
    for (const table of tables) expect(await rowsOf(stub, `SELECT 1 FROM ${table}`), table).not.toEqual([]);
    client.socket.close(1000);
  },
};

const fleetRpc = (name: string) => env.FLEET.getByName(name) as unknown as FleetRpc;

const fleet: Scene = {
  steps: FLEET_STEPS,
  stub: (name) => env.FLEET.getByName(name) as unknown as DurableObjectStub<undefined>,
  async fill(name) {
    const rpc = fleetRpc(name);
    const stub = fleet.stub(name);
    const profile = { name: "Kept", location: null, metadata: {}, features: {} };
    await rpc.report({ ...report("kept-1", 5, { healthStatus: "degraded" }), transition: "registered", profile });
    await rpc.report({ ...report("kept-1", 6, { healthStatus: "healthy" }), transition: "health" });
    await rpc.report({ ...report("kept-2", 1), transition: "registered", profile });
    await rpc.log([
      { at: NOW, level: "INFO", message: "A kept line", orchestratorId: "kept-1", organizationId: "crowd", count: 1 },
    ]);
    const source = { orchestratorId: "kept-1", organizationId: "crowd", address: "192.0.2.8" };
    await rpc.refused([{ ...source, reason: "wrong_token", count: 3, since: NOW, lastAt: NOW }]);
    await rpc.cursor("kept-cursor");
    await rpc.scheduledAt(NOW - 1_000);
    await runDurableObjectAlarm(stub);
    await rpc.publishConfig("crowd", CONFIG);
  },
  async check(name) {
    const rpc = fleetRpc(name);
    expect(await rpc.lookup(["kept-1", "kept-2"])).toMatchObject([
      { orchestratorId: "kept-1", seq: 6, healthStatus: "healthy" },
      { orchestratorId: "kept-2", seq: 1 },
    ]);
    expect(await rpc.memberCount("crowd")).toBe(2);
    const events = await rpc.recentEvents(["crowd"], 10);
    expect(events.map(({ index, type }) => [index, type])).toEqual([
      [3, "registered"],
      [2, "health"],
      [1, "registered"],
    ]);
    expect(await rpc.eventCount(null)).toBe(3);
    const { lines } = await rpc.logs({ q: "kept line", level: null, limit: 10, organizations: ["crowd"] });
    expect(lines).toMatchObject([{ message: "A kept line", at: NOW }]);
    expect(await rpc.refusals(["crowd"])).toMatchObject([{ orchestratorId: "kept-1", count: 3 }]);
    expect(await rpc.cursor()).toBe("kept-cursor");
    expect(await rpc.scheduledAt()).toBe(NOW - 1_000);
    const stub = fleet.stub(name);
    expect(await rowsOf(stub, "SELECT organization_id, config ->> '$.revision' AS revision FROM configs")).toEqual([
      { organization_id: "crowd", revision: 4 },
    ]);
    expect(await rowsOf(stub, "SELECT 1 FROM feed_epoch UNION ALL SELECT 1 FROM boot")).toHaveLength(2);
  },
};

const SSO = { role: "viewer" as const, organizations: ["acme"], method: "sso" as const, idToken: "eyJ" };
const DENIED: AccessEvent = {
  action: "access.denied",
  target: { type: "route", id: "GET /" },
  code: "forbidden",
  context: { actor: "user:eve", ip: "192.0.2.7", userAgent: null, requestId: "r" },
};

const auth: Scene = {
  steps: AUTH_STEPS,
  stub: (name) => env.AUTH.getByName(name) as unknown as DurableObjectStub<undefined>,
  async fill(name) {
    const object = env.AUTH.getByName(name);
    const gate = await object.beginLogin({ username: "ada", address: "192.0.2.1" });
    const attemptId = gate.ok ? gate.attemptId : 0;
    await object.openSession({ digest: "of-ada", attemptId, username: "ada", role: "admin", organizations: null });
    await object.openSession({ digest: "of-sso", attemptId: 0, username: "sso", ...SSO });
    for (let failure = 0; failure < 5; failure++) await object.beginLogin({ username: "eve", address: "192.0.2.7" });
    await object.changeAccess({ username: "left", access: null });
    await object.claimSsoAttempt("attempt-1");
    await object.revokeApiToken("revoked");
    await object.note(DENIED);
    await object.note(DENIED);
    await runInDurableObject(auth.stub(name), (_object, { storage }) => {
      const token = { ...TOKEN, name: "ci", scopes: ["read" as const], organizations: null, expiresAt: null };
      new TokenStore(storage.sql).add({ ...token, isRevoked: false, maker: "user:ada" });
      storage.sql.exec("INSERT INTO account_names VALUES ('ada')");
    });
  },
  async check(name) {
    const object = env.AUTH.getByName(name);
    expect(await object.session("of-ada")).toMatchObject({ username: "ada", role: "admin", method: "password" });
    expect(await object.session("of-sso")).toMatchObject({ username: "sso", organizations: ["acme"], method: "sso" });
    expect(await object.idTokenOf("of-sso")).toBe("eyJ");
    expect(await object.throttles()).toMatchObject([{ username: "eve", address: "192.0.2.7", failures: 5 }]);
    const late = { digest: "late", attemptId: 0, username: "left", role: "admin", organizations: null } as const;
    expect(await object.openSession({ ...late, admittedAt: NOW - 1 })).toBeNull();
    expect(await object.claimSsoAttempt("attempt-1")).toBe(false);
    expect(await object.apiToken(TOKEN.keyId, TOKEN.digest, false)).toMatchObject({ name: "ci", maker: "user:ada" });
    expect(await object.apiToken("revoked", "", false)).toBeNull();
    const stub = auth.stub(name);
    expect(await rowsOf(stub, "SELECT name, address FROM known_logins")).toEqual([
      { name: "ada", address: "192.0.2.1" },
    ]);
    expect(await rowsOf(stub, "SELECT entry ->> '$.after.code' AS code FROM audit")).toEqual([{ code: "forbidden" }]);
    expect(await rowsOf(stub, "SELECT name FROM account_names")).toEqual([{ name: "ada" }]);
    await object.note(DENIED);
    expect(await rowsOf(stub, "SELECT 1 FROM refusal_lines")).toHaveLength(1);
  },
};

export const SCENES = { orchestrator, fleet, auth };
