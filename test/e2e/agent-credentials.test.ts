import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { type Controller, startController } from "../support/controller.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { handshake, RawClient, UpgradeRefused } from "../support/raw-client.ts";
import { asList } from "../support/stack.ts";

const REGISTER = "/api/v1/internal/orchestrators/register";
const tokensOf = (id: string) => `/api/v1/controller/orchestrators/${id}/tokens`;
const PERSON = { username: "ada", role: "superadmin", organizations: [], password: "correct horse battery" } as const;

let persistDir: string;
let database: TestDatabase;
let controller: Controller;
let bearer: string;
const clients: { kill(): void }[] = [];

beforeAll(async () => {
  persistDir = await mkdtemp(join(tmpdir(), "moolai-production-"));
  database = await startTestDatabase();
  controller = await startController({ database, production: true, persistDir });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.kill();
});

afterAll(async () => {
  await controller?.stop();
  await database?.stop();
  await rm(persistDir, { recursive: true, force: true });
});

async function login(): Promise<string> {
  await createUser(database, { ...PERSON, organizations: [] });
  const { username, password } = PERSON;
  const answer = await controller.call("POST", "/api/v1/internal/auth/login", { username, password });
  expect(answer.status).toBe(200);
  return String(answer.body.user?.token);
}

async function register(id: string): Promise<string> {
  const answer = await controller.call("POST", REGISTER, { orchestrator_id: id, name: id }, { bearer });
  expect(answer.status).toBe(200);
  return String(answer.body.agent_token);
}

/** The address of a client that has nothing but one setting to put its credential in. */
const urlOf = (id: string, token: string) => `${controller.wsUrl.replace("ws://", `ws://${id}:${token}@`)}/ws`;

async function refusal(url: string, headers: Record<string, string> = {}): Promise<number> {
  const error: unknown = await RawClient.open(url, { headers }).catch((reason: unknown) => reason);
  if (!(error instanceof UpgradeRefused)) throw new Error(`not refused: ${String(error)}`);
  expect(JSON.parse(error.body)).toMatchObject({ success: false, error: { code: "unauthorized" } });
  return error.status;
}

async function session(id: string, token: string): Promise<RawClient> {
  const client = await RawClient.open(`${controller.wsUrl}/ws`, { headers: { Authorization: `Bearer ${token}` } });
  clients.push(client);
  client.send(handshake(id));
  await client.next("handshake_ack");
  return client;
}

async function keyIds(id: string): Promise<string[]> {
  const { body } = await controller.call("GET", tokensOf(id), undefined, { bearer });
  return asList(body.data?.items).map((item) => String(item.key_id));
}

async function detail(id: string) {
  const { body } = await controller.call("GET", `/api/v1/controller/orchestrators/${id}`, undefined, { bearer });
  return body.data;
}

const objects = async () =>
  (await readdir(persistDir, { recursive: true })).filter((path) => /Orchestrator.*[0-9a-f]{64}/.test(path));

describe("a production deployment", () => {
  it("turns away who has no credential, before there is any object", async () => {
    for (const path of ["/ws", "/ws/org-002", "/ws?orchestrator_id=org-002", "/", "/ws?token=fake-dev-token"]) {
      expect(await refusal(controller.wsUrl + path)).toBe(401);
    }
    expect(await refusal(urlOf("org-002", "x"))).toBe(401);
    expect(await refusal(`${controller.wsUrl}/ws`, { Authorization: "Bearer fake-dev-token" })).toBe(401);
    const mistyped = `${newToken("agent", "org-002").text.slice(0, -1)}-`;
    expect(await refusal(urlOf("org-002", mistyped))).toBe(401);
    for (const token of [null, "fake-dev-token", mistyped]) {
      const body = { orchestrator_id: "org-002" };
      expect((await controller.call("POST", REGISTER, body, { bearer: token })).status).toBe(401);
    }
    expect(await objects()).toEqual([]);
  });

  it("lets the Python client in with the token that registering answered, and out when it is revoked", async () => {
    bearer = await login();
    const token = await register("org-py");
    expect((await objects()).length).toBeGreaterThan(0);
    const client = new PythonClient({ url: urlOf("org-py", token), orchestratorId: "org-py", intervalMs: 500 }).start();
    clients.push(client);
    await eventually(async () => {
      expect(client.received("keepalive_ack").length).toBeGreaterThan(1);
      expect(await detail("org-py")).toMatchObject({ status: "active" });
    });

    const [keyId] = await keyIds("org-py");
    const { status } = await controller.call("DELETE", `${tokensOf("org-py")}/${keyId}`, undefined, { bearer });
    expect(status).toBe(200);
    await eventually(() => expect(client.closeCodes).toEqual([4401]));
    const { attempts } = client;
    await eventually(() => expect(client.attempts).toBeGreaterThan(attempts + 1));
    expect(client.sessions).toBe(1);
    expect(await detail("org-py")).toMatchObject({ status: "inactive" });
  });

  it("lets the client that speaks HTTP only come, go and come back with the ID:TOKEN of its address", async () => {
    const id = "org-http";
    const Authorization = `Basic ${btoa(`${id}:${await register(id)}`)}`;
    const internal = "/api/v1/internal/orchestrators";
    const call = (method: string, path: string, body?: unknown) =>
      controller.call(method, path, body, { bearer: null, headers: { Authorization } });
    for (let life = 0; life < 2; life++) {
      expect((await call("GET", "/api/v1/internal/health")).status).toBe(200);
      expect((await call("POST", `${internal}/register`, { orchestrator_id: id })).status).toBe(200);
      expect((await call("POST", `${internal}/heartbeat`, { orchestrator_id: id })).status).toBe(200);
      expect(await detail(id)).toMatchObject({ status: "active" });
      expect((await call("DELETE", `${internal}/${id}/deregister`)).status).toBe(200);
      expect(await detail(id)).toMatchObject({ status: "inactive" });
    }
  });

  it("lets a known orchestrator come back while Postgres is away", async () => {
    const token = await register("org-away");
    const before = await session("org-away", token);
    database.clearStatements();
    await database.pause();
    try {
      before.kill();
      const client = await session("org-away", token);
      client.send({ type: "i_am_alive" });
      await client.next("keepalive_ack");
      expect(await refusal(urlOf("org-away", newToken("agent", "org-away").text))).toBe(401);
    } finally {
      await database.resume();
    }
    expect(database.statements().filter((statement) => statement.includes("agent_tokens"))).toEqual([]);
  });

  it("keeps its credentials through a crash", async () => {
    const token = await register("org-crash");
    await controller.crash();
    await session("org-crash", token);
    const [keyId] = await keyIds("org-crash");
    await controller.call("DELETE", `${tokensOf("org-crash")}/${keyId}`, undefined, { bearer });
    await controller.crash();
    expect(await refusal(urlOf("org-crash", token))).toBe(401);
  });

  it("sends no more than 256 KiB to a client that reads nothing, and the rest when it has spoken", async () => {
    const token = await register("org-slow");
    const slow = await session("org-slow", token);
    slow.pause();
    const path = "/api/v1/internal/orchestrators/org-slow/messages";
    const content = "x".repeat(15_000);
    let [pushed, kept] = [0, 0];
    for (let count = 0; count < 24; count++) {
      const { body } = await controller.call("POST", path, { message_type: "monitoring", content }, { bearer });
      if (String(body.pushed) === "true") pushed++;
      else kept++;
    }
    // 256 KiB, less what the handshake took.
    expect(pushed).toBeGreaterThan(12);
    expect(pushed).toBeLessThan(18);
    expect(await detail("org-slow")).toMatchObject({ status: "active" });
    slow.resume();
    for (let count = 0; count < pushed; count++) await slow.next("message");
    for (let count = 0; count < kept; count++) {
      slow.send({ type: "i_am_alive" });
      await slow.next("message");
    }
  });

  it("has put no token into a log", () => {
    const logs = controller.getLogs().map((line) => line.message);
    expect(logs.length).toBeGreaterThan(20);
    expect(logs.filter((line) => /mc[tjal]_/.test(line))).toEqual([]);
  });
});
