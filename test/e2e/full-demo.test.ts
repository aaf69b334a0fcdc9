import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, readAnswer } from "../support/controller.ts";
import { curlLines, sqlLines } from "../support/demo-commands.ts";
import { eventually } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";

const CONTROLLER = "/api/v1/controller";

// The demo script from its part 2 to its part 11 and the quick reference. Its curl lines are sent as they are written,
// with only the host replaced, and its SQL is run as it is written. Each step builds on the one before.
describe("the whole demo script", () => {
  let stack: Stack;
  let org002: PythonClient;
  const clients: PythonClient[] = [];

  function start(orchestratorId: string): PythonClient {
    const url = `${stack.controller.wsUrl}/ws`;
    const client = new PythonClient({ url, orchestratorId, intervalMs: 500, timeScale: 0.1 }).start();
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  async function run(part: string, index: number): Promise<Answer> {
    const line = curlLines(part, stack.controller.url)[index];
    if (!line) throw new Error(`${part} has no curl line ${index}`);
    const { method, headers, body } = line;
    return readAnswer(await fetch(line.url, { method, headers, ...(body === undefined ? {} : { body }) }));
  }

  async function query(part: string, index = 0): Promise<Record<string, unknown>[]> {
    return await stack.database.query(sqlLines(part)[index] ?? "");
  }

  async function lastSeen(id: string): Promise<string> {
    return (await stack.instance(id))?.last_seen ?? "";
  }

  async function lastSeenMoves(id: string): Promise<void> {
    const before = await lastSeen(id);
    await eventually(async () => expect(Date.parse(await lastSeen(id))).toBeGreaterThan(Date.parse(before)));
  }

  async function moreBeats(client: PythonClient, count: number): Promise<void> {
    const target = client.received("keepalive_ack").length + count;
    await eventually(() => expect(client.received("keepalive_ack").length).toBeGreaterThanOrEqual(target));
  }

  it("part 2: the client connects, and the log says it in the documented words", async () => {
    org002 = start("org-002");
    await eventually(() => expect(org002.isEstablished).toBe(true));
    for (const line of [
      "[C-OCS] WebSocket connection accepted",
      "[C-OCS] DB: Registered org-002 in both tables",
      "[C-OCS] Orchestrator org-002 connected",
      "[C-OCS] handshake_ack sent to org-002",
      "[C-OCS] Initial provisioning sent to org-002",
      "[C-OCS] Processing heartbeat from orchestrator org-002",
    ]) {
      await stack.waitForLog(line);
    }
  });

  it("part 3: both tables show it active with a recent last_seen", async () => {
    await eventually(async () => {
      const [organization] = await query("Part 3", 0);
      expect(organization).toMatchObject({ organization_id: "org-002", status: "active", is_independent: false });
      const [instance] = await query("Part 3", 1);
      expect(instance).toMatchObject({ orchestrator_id: "org-002", status: "active", health_status: "healthy" });
      expect(Date.now() - Number(instance?.last_seen)).toBeLessThan(30_000);
    });
  });

  it("part 4: what the dashboard polls shows it", async () => {
    expect(await stack.listed("organizations", "org-002")).toMatchObject({ status: "active", is_independent: false });
    const { body } = await stack.controller.call("GET", `${CONTROLLER}/orchestrators/live`);
    expect(body.data?.orchestrators?.["org-002"]).toMatchObject({ status: "connected", organization_id: "org-002" });
    expect(await stack.listed("orchestrators", "org-002")).toMatchObject({
      features: { cache: { enabled: true } },
      health_status: "healthy",
    });
  });

  it("part 5: independence on freezes last_seen", async () => {
    const { status, body } = await run("Part 5", 0);
    const frozen = await lastSeen("org-002");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: "Independence mode updated successfully",
      orchestrator_id: "org-002",
      is_independent: true,
      privacy_mode: false,
    });
    await stack.waitForLog("[C-OCS] Ignoring heartbeat from independent orchestrator org-002");
    await moreBeats(org002, 4);
    expect(await lastSeen("org-002")).toBe(frozen);
    expect(await stack.listed("organizations", "org-002")).toMatchObject({ status: "independent" });
  });

  it("part 5: independence off lets it move again", async () => {
    const { status, body } = await run("Part 5", 1);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, is_independent: false, privacy_mode: false });
    await lastSeenMoves("org-002");
  });

  const ids: string[] = [];

  it("part 6: both messages are created and reach the connected client", async () => {
    for (const [index, type] of ["recommendation", "monitoring"].entries()) {
      const { status, body, text } = await run("Part 6", index);
      expect(status, text).toBe(200);
      expect(body).toMatchObject({
        success: true,
        message: "Message created successfully",
        orchestrator_id: "org-002",
        message_type: type,
        status: "pending",
      });
      ids.push(String(body.message_id));
      await stack.waitForLog(`Message ${ids[index]} created for org-002 (type: ${type})`);
    }
    await eventually(() => expect(org002.received("message")).toHaveLength(2));
    expect(org002.received("message")).toMatchObject([
      {
        data: {
          message_id: ids[0],
          message_type: "recommendation",
          content: "Consider enabling caching to improve performance by 40%",
          metadata: { severity: "medium", category: "performance", estimated_impact: "40% faster response time" },
        },
      },
      { data: { message_id: ids[1], message_type: "monitoring", metadata: { severity: "high" } } },
    ]);
  });

  it("part 6: the list and the SQL of the script show both, the newest first", async () => {
    const { status, body } = await run("Part 6", 2);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, orchestrator_id: "org-002", total_count: 2 });
    const listed = asList(body.messages);
    expect(listed.map((message) => message.id)).toEqual(ids.toReversed());
    expect(listed).toMatchObject([{ message_type: "monitoring" }, { message_type: "recommendation" }]);
    const rows = await query("Part 6");
    expect(rows).toMatchObject([
      {
        id: ids[1],
        orchestrator_id: "org-002",
        message_type: "monitoring",
        content: "High memory usage detected: 85% of available RAM in use",
        status: "pending",
      },
      { id: ids[0], message_type: "recommendation", status: "pending" },
    ]);
  });

  it("part 6: filters by type and status, and a decision reaches the client", async () => {
    const path = "/api/v1/internal/orchestrators/org-002/messages";
    const accepted = await stack.controller.call("PUT", `/api/v1/internal/messages/${ids[0]}/status`, {
      status: "accepted",
    });
    expect(accepted.body).toMatchObject({ success: true, message: "Message accepted successfully" });
    await eventually(() =>
      expect(org002.received("message_status")).toMatchObject([{ message_id: ids[0], status: "accepted" }]),
    );
    const pending = await stack.controller.call("GET", `${path}?status=pending`);
    expect(asList(pending.body.messages).map((message) => message.id)).toEqual([ids[1]]);
    const wanted = await stack.controller.call("GET", `${path}?message_type=recommendation&status=accepted`);
    expect(asList(wanted.body.messages).map((message) => message.id)).toEqual([ids[0]]);
  });

  it("part 7: activity holds what happened", async () => {
    await eventually(async () => {
      const types = await stack.activityTypes("org-002");
      for (const type of ["handshake", "keepalive", "provision", "message_sent"]) expect(types).toContain(type);
    });
  });

  it("part 8: changed features reach the connected client at once", async () => {
    const before = org002.received("provision_config").length;
    const { status, body, text } = await stack.controller.call("PUT", `${CONTROLLER}/organizations/org-002/features`, {
      features: { cache: { enabled: false }, firewall: { enabled: true } },
    });
    expect(status, text).toBe(200);
    const features = { cache: { enabled: false }, firewall: { enabled: true } };
    expect(body.data).toMatchObject({ organization_id: "org-002", features });
    await eventually(() => {
      expect(org002.received("provision_config").length).toBe(before + 1);
      expect(org002.received("provision_config").at(-1)).toMatchObject({
        revision: Number(body.data?.revision),
        data: { features, settings: {}, policies: {} },
      });
      expect(org002.received("provisioning").at(-1)).toMatchObject({ data: { orchestrator_id: "org-002", features } });
      expect(org002.features).toMatchObject(features);
    });
    expect(org002.id).toBe("org-002");
  });

  it("part 8: another orchestrator of the organization gets them at its next handshake", async () => {
    await stack.register("org-002-b", "org-002");
    const second = start("org-002-b");
    await eventually(() => expect(second.received("provision_config")).toHaveLength(1));
    second.kill();
    expect(second.received("provision_config")).toMatchObject([
      { data: { features: { cache: { enabled: false }, firewall: { enabled: true } } } },
    ]);
    expect(second.received("provisioning")).toMatchObject([{ data: { orchestrator_id: "org-002-b" } }]);
    expect(second.features).toMatchObject({ firewall: { enabled: true } });
  });

  it("part 10: a new organization is in both tables, inactive", async () => {
    const { status, body } = await run("Part 10", 0);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, orchestrator_id: "org-005", organization_id: "org-005" });
    expect(await stack.instance("org-005")).toMatchObject({ status: "inactive", last_seen: null });
    expect(await stack.organization("org-005")).toMatchObject({ name: "Demo Company", location: "us-west-2" });
    await stack.waitForLog("DB registration successful for org-005");
  });

  it("part 11.1–11.2: org-demo is registered, inactive, never seen", async () => {
    const { status, body } = await run("Part 11", 0);
    expect(status).toBe(200);
    expect(body).toMatchObject({ message: "Orchestrator instance registered (inactive until connection)" });
    expect(await query("Part 11", 0)).toEqual([{ orchestrator_id: "org-demo", status: "inactive", last_seen: null }]);
  });

  it("part 11.3–11.6: its client makes it active", async () => {
    start("org-demo");
    await stack.waitForLog("[C-OCS] Orchestrator org-demo connected");
    await stack.waitForLog("[C-OCS] Processing heartbeat from orchestrator org-demo");
    await eventually(async () => {
      const [row] = await query("Part 11", 1);
      expect(row).toMatchObject({ orchestrator_id: "org-demo", status: "active" });
      expect(Date.now() - Number(row?.last_seen)).toBeLessThan(30_000);
      expect(await stack.listed("organizations", "org-demo")).toMatchObject({ status: "active" });
    });
  });

  it("part 11.7–11.8: set free, its heartbeats are ignored", async () => {
    const path = "/api/v1/internal/orchestrators/org-demo/independence";
    const { status } = await stack.controller.call("PUT", path, { is_independent: true, privacy_mode: false });
    expect(status).toBe(200);
    await stack.waitForLog("[C-OCS] Ignoring heartbeat from independent orchestrator org-demo");
    expect(await stack.listed("organizations", "org-demo")).toMatchObject({ status: "independent" });
    expect(org002.isEstablished).toBe(true);
    expect(await stack.listed("organizations", "org-002")).toMatchObject({ status: "active" });
  });

  it("the quick reference works as well", async () => {
    const rows = await query("Quick Reference", 0);
    expect(rows.map((row) => row.orchestrator_id)).toEqual(
      expect.arrayContaining(["org-002", "org-002-b", "org-005", "org-demo"]),
    );
    expect(rows.find((row) => row.orchestrator_id === "org-demo")).toMatchObject({ is_independent: true });
    expect((await run("Quick Reference", 0)).body).toMatchObject({ is_independent: true });
    expect((await run("Quick Reference", 1)).body).toMatchObject({ is_independent: false });
    const { status, body } = await run("Quick Reference", 2);
    expect(status).toBe(200);
    await eventually(() =>
      expect(org002.received("message").at(-1)).toMatchObject({
        data: { message_id: String(body.message_id), content: "Enable caching for better performance" },
      }),
    );
  });
});
