import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ID = "org-demo";
const INTERNAL = "/api/v1/internal/orchestrators";
const CONTROLLER = "/api/v1/controller";
const EARLIER = "sent before it became independent";
const PROCESSING = `[C-OCS] Processing heartbeat from orchestrator ${ID}`;
const IGNORING = `[C-OCS] Ignoring heartbeat from independent orchestrator ${ID}`;

// One orchestrator through the demo script in the order of its part 11, further than the script goes: see full-demo.test.ts
// for its own commands. Each step builds on the one before.
describe("the demo script", () => {
  let stack: Stack;
  let client: PythonClient;
  let frozenAt: string | null = null;

  beforeAll(async () => {
    stack = await startStack();
    client = new PythonClient({
      url: `${stack.controller.wsUrl}/ws`,
      orchestratorId: ID,
      intervalMs: 500,
      timeScale: 0.1,
    });
  });

  afterAll(async () => {
    client?.kill();
    await stack?.stop();
  });

  const answeredBeats = () => client.received("keepalive_ack").length;

  async function moreBeats(count: number): Promise<void> {
    const target = answeredBeats() + count;
    await eventually(() => expect(answeredBeats()).toBeGreaterThanOrEqual(target));
  }

  async function lastSeen(): Promise<string | null> {
    return (await stack.instance(ID))?.last_seen ?? null;
  }

  async function moves(): Promise<void> {
    const before = await lastSeen();
    await eventually(async () => {
      const now = await lastSeen();
      expect(now).not.toBeNull();
      expect(Date.parse(now ?? "")).toBeGreaterThan(before === null ? 0 : Date.parse(before));
    });
  }

  it("part 10: registers an organization over REST", async () => {
    const { status, body, text } = await stack.controller.call("POST", `${INTERNAL}/register`, {
      orchestrator_id: ID,
      organization_id: ID,
      name: "Demo Organization",
      location: "live-demo",
    });
    expect(status, text).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: "Orchestrator instance registered (inactive until connection)",
      orchestrator_id: ID,
      organization_id: ID,
    });
  });

  it("part 11.2: shows it inactive with last_seen NULL in both tables", async () => {
    expect(await stack.instance(ID)).toMatchObject({
      organization_id: ID,
      status: "inactive",
      health_status: "unknown",
      is_independent: false,
      last_seen: null,
    });
    expect(await stack.organization(ID)).toMatchObject({
      name: "Demo Organization",
      location: "live-demo",
      status: "inactive",
      is_active: false,
      last_seen: null,
    });
    expect(await stack.listed("orchestrators", ID)).toMatchObject({ status: "inactive", last_seen: null });
    expect(await stack.listed("organizations", ID)).toMatchObject({ status: "inactive", name: "Demo Organization" });
    await stack.waitForLog(`DB registration successful for ${ID}`);
  });

  it("part 11.3: accepts the unchanged client on bare /ws", async () => {
    client.start();
    await eventually(() => expect(client.isEstablished).toBe(true));
    await eventually(() => expect(client.received("provisioning").length).toBe(1));
    expect(client.received("provisioning")[0]).toMatchObject({ data: { orchestrator_id: ID } });
    expect(client.received("handshake_ack")[0]).toMatchObject({ success: true, orch_id: ID, orchestrator_id: ID });
    expect(client.id).toBe(ID);
  });

  it("parts 2 and 11.4: logs the connection in the documented words, then each heartbeat", async () => {
    const expected = [
      "[C-OCS] WebSocket connection accepted",
      `[C-OCS] DB: Registered ${ID} in both tables`,
      `[C-OCS] Orchestrator ${ID} connected`,
      `[C-OCS] handshake_ack sent to ${ID}`,
      `[C-OCS] Initial provisioning sent to ${ID}`,
      PROCESSING,
    ];
    for (const text of expected) await stack.waitForLog(text);
    const ofThisClient = await stack.logLines(ID);
    expect(ofThisClient).toContain(PROCESSING);
    expect(ofThisClient).not.toContain(IGNORING);
  });

  it("parts 3 and 11.5: shows it active in both tables and in the lists", async () => {
    await eventually(async () => {
      const row = await stack.instance(ID);
      expect(row).toMatchObject({ status: "active", health_status: "healthy", is_independent: false });
      expect(Date.now() - Date.parse(row?.last_seen ?? "")).toBeLessThan(30_000);
      expect(await stack.organization(ID)).toMatchObject({ status: "active", is_active: true, is_independent: false });
      expect(await stack.listed("orchestrators", ID)).toMatchObject({ status: "active", is_independent: false });
      expect(await stack.listed("organizations", ID)).toMatchObject({ status: "active" });
    });
  });

  it("part 3: moves last_seen with every heartbeat", async () => {
    for (let round = 0; round < 3; round++) await moves();
  });

  it("part 7: keeps live state and activity without asking the database", async () => {
    const { status, body, text } = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/live`);
    expect(status, text).toBe(200);
    expect(body.data).toMatchObject({
      total_count: 1,
      orchestrators: { [ID]: { organization_id: ID, status: "connected", is_independent: false } },
    });
    await eventually(async () => {
      const types = await stack.activityTypes(ID);
      expect(types).toContain("handshake");
      expect(types).toContain("keepalive");
      expect(types.some((type) => type.startsWith("provision"))).toBe(true);
    });
  });

  it("part 6: sends it a message", async () => {
    const message = { message_type: "recommendation", content: EARLIER };
    const { status, text } = await stack.controller.call("POST", `${INTERNAL}/${ID}/messages`, message);
    expect(status, text).toBe(200);
    await eventually(() => expect(client.received("message")).toMatchObject([{ data: { content: EARLIER } }]));
  });

  it("part 5: switches independence on", async () => {
    const { status, body, text } = await stack.controller.call("PUT", `${INTERNAL}/${ID}/independence`, {
      is_independent: true,
      privacy_mode: false,
    });
    // Read at once: nothing may move it any more.
    frozenAt = await lastSeen();
    expect(status, text).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: "Independence mode updated successfully",
      orchestrator_id: ID,
      is_independent: true,
      privacy_mode: false,
    });
    expect(frozenAt).not.toBeNull();
    await stack.waitForLog(`Independence mode enabled for ${ID}`);
    await stack.waitForLog(`Independence setting sent to ${ID}`);
  });

  it("part 5: tells the orchestrator", async () => {
    await eventually(() => {
      expect(client.received("stop_monitoring").length).toBe(1);
      expect(client.received("independence_update")).toMatchObject([{ is_independent: true, privacy_mode: false }]);
    });
    const read = await stack.controller.call("GET", `${INTERNAL}/${ID}/independence`);
    expect(read.body).toMatchObject({ success: true, orchestrator_id: ID, is_independent: true, privacy_mode: false });
  });

  async function expectFrozen(): Promise<void> {
    expect(await stack.instance(ID)).toMatchObject({
      status: "independent",
      is_independent: true,
      last_seen: frozenAt,
    });
    expect(await stack.organization(ID)).toMatchObject({
      status: "independent",
      is_independent: true,
      last_seen: frozenAt,
    });
    const { body } = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/${ID}`);
    expect(body.data).toMatchObject({ status: "independent", is_independent: true, last_seen: frozenAt });
  }

  it("parts 5 and 11.8: answers heartbeats but ignores them: last_seen is frozen", async () => {
    await moreBeats(6);
    expect(client.received("keepalive_ack").at(-1)).toMatchObject({ independent: true });
    await stack.waitForLog(IGNORING);
    await expectFrozen();
    const { body } = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/live`);
    expect(body.data?.orchestrators?.[ID]).toMatchObject({ status: "connected", is_independent: true });
  });

  it("part 5: stays frozen across a reconnect", async () => {
    const sessions = client.sessions;
    client.dropConnection();
    await eventually(() => expect(client.sessions).toBe(sessions + 1));
    await moreBeats(6);
    await expectFrozen();
  });

  it("parts 5 and 6: sends no messages to it and takes none from it, and hides those that it has", async () => {
    const message = { message_type: "monitoring", content: "not for the independent" };
    const refused = await stack.controller.call("POST", `${INTERNAL}/${ID}/messages`, message);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ success: false, error: { code: "independent" } });
    const sent = await stack.controller.call("POST", `${INTERNAL}/${ID}/send`, { type: "provision_config", data: {} });
    expect(sent.status).toBe(409);
    expect(client.received("message").map(({ data }) => data)).toMatchObject([{ content: EARLIER }]);
    const hidden = await stack.controller.call("GET", "/api/v1/internal/messages");
    expect(hidden.body).toMatchObject({ messages: [], total_count: 0 });
    const shown = await stack.controller.call("GET", "/api/v1/internal/messages?include_independent=true");
    expect(shown.body).toMatchObject({ messages: [{ content: EARLIER }], total_count: 1 });
  });

  it("parts 5 and 8: keeps what is configured meanwhile", async () => {
    const before = client.received("provision_config").length;
    const { status, body, text } = await stack.controller.call("PUT", `${CONTROLLER}/organizations/${ID}/features`, {
      features: { firewall: { enabled: true } },
    });
    expect(status, text).toBe(200);
    expect(body.data).toMatchObject({ organization_id: ID, features: { firewall: { enabled: true } } });
    await moreBeats(3);
    expect(client.received("provision_config").length).toBe(before);
  });

  it("part 5: moves last_seen again once independence is off", async () => {
    const { status, body, text } = await stack.controller.call("PUT", `${INTERNAL}/${ID}/independence`, {
      is_independent: false,
      privacy_mode: false,
    });
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ orchestrator_id: ID, is_independent: false, privacy_mode: false });
    await eventually(() =>
      expect(client.received("independence_update").at(-1)).toMatchObject({ is_independent: false }),
    );
    await eventually(() =>
      expect(client.received("provision_config").at(-1)).toMatchObject({
        data: { features: { firewall: { enabled: true } } },
      }),
    );
    await moves();
    await eventually(async () => {
      expect(await stack.instance(ID)).toMatchObject({ status: "active", is_independent: false });
      expect(await stack.organization(ID)).toMatchObject({ status: "active", is_independent: false });
    });
    for (let round = 0; round < 2; round++) await moves();
  });

  it("deregisters it: the socket closes with 4404 and the rows are gone", async () => {
    const { status, body, text } = await stack.controller.call("DELETE", `${INTERNAL}/${ID}/deregister`);
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ success: true, message: `Orchestrator ${ID} deregistered successfully` });
    await eventually(() => expect(client.closeCodes.at(-1)).toBe(4404));
    await expectGone();
    for (const text of [
      `Orchestrator ${ID} disconnected`,
      `Cleaned up connection for ${ID}`,
      `Orchestrator ${ID} deregistered from database`,
    ]) {
      await stack.waitForLog(text);
    }
  });

  async function expectGone(): Promise<void> {
    expect(await stack.instance(ID)).toBeNull();
    expect(await stack.organization(ID)).toBeNull();
    expect(await stack.database.query("SELECT id FROM orchestrator_messages")).toEqual([]);
    const detail = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/${ID}`);
    expect(detail.status).toBe(404);
    const live = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/live`);
    expect(live.body.data).toMatchObject({ total_count: 0, orchestrators: {} });
  }

  it("stays gone while the client keeps reconnecting", async () => {
    const { attempts, sessions } = client;
    await eventually(() => expect(client.attempts).toBeGreaterThanOrEqual(attempts + 4), { timeoutMs: 60_000 });
    expect(client.sessions).toBe(sessions);
    expect(client.received("error").at(-1)).toMatchObject({ data: { code: "deregistered", fatal: true } });
    await expectGone();
    const again = await stack.controller.call("DELETE", `${INTERNAL}/${ID}/deregister`);
    expect(again.status).toBe(404);
  });

  it("takes it back once REST registers it again", async () => {
    const { sessions } = client;
    const { status, text } = await stack.controller.call("POST", `${INTERNAL}/register`, {
      orchestrator_id: ID,
      organization_id: ID,
      name: "Demo Organization",
      location: "live-demo",
    });
    expect(status, text).toBe(200);
    await eventually(() => expect(client.sessions).toBe(sessions + 1), { timeoutMs: 60_000 });
    await eventually(async () => expect(await stack.instance(ID)).toMatchObject({ status: "active" }));
  });
});
