import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const TTL_SEC = 12;
/** A silent death shows within TTL + 15 s. */
const DEATH_MS = (TTL_SEC + 15) * 1000;

describe("an orchestrator that says nothing", () => {
  let stack: Stack;
  const sockets: RawClient[] = [];
  const clients: PythonClient[] = [];

  beforeAll(async () => {
    stack = await startStack({ vars: { HEARTBEAT_TTL_SEC: String(TTL_SEC) } });
  });

  afterAll(async () => {
    for (const socket of sockets) socket.kill();
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  async function expectEverywhere(id: string, status: string): Promise<void> {
    expect(await stack.instance(id)).toMatchObject({ status });
    expect(await stack.organization(id)).toMatchObject({ status });
    expect(await stack.listed("orchestrators", id)).toMatchObject({ status });
  }

  async function session(id: string): Promise<RawClient> {
    const socket = await openSession(`${stack.controller.wsUrl}/ws/${id}`, id);
    sockets.push(socket);
    socket.send(beat());
    await socket.next("keepalive_ack");
    await eventually(() => expectEverywhere(id, "active"));
    return socket;
  }

  /** Looks again and again until a TTL has passed; what is read too late to tell does not count. */
  async function staysActive(id: string, since: number): Promise<void> {
    // On a busy machine the beat before may have been a TTL ago.
    await eventually(async () => expect(await stack.instance(id)).toMatchObject({ status: "active" }));
    for (let looks = 0; ; looks++) {
      const row = await stack.instance(id);
      if (Date.now() - since >= TTL_SEC * 1000) {
        expect(looks).toBeGreaterThan(0);
        return;
      }
      expect(row).toMatchObject({ status: "active" });
      await sleep(250);
    }
  }

  it("on an open socket is inactive one TTL after its last beat, and active with the next", async () => {
    const socket = await session("org-mute");
    socket.send(beat());
    const last = Date.now();
    await socket.next("keepalive_ack");
    await staysActive("org-mute", last);
    await eventually(() => expectEverywhere("org-mute", "inactive"), { timeoutMs: DEATH_MS });
    console.log(`inactive ${Date.now() - last} ms after the last beat`);
    // The axes are separate: the socket is open still.
    const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
    expect(body.data?.orchestrators?.["org-mute"]).toMatchObject({ status: "connected" });
    socket.send(beat());
    await eventually(() => expectEverywhere("org-mute", "active"));
  });

  it("after a SIGTERM without a close frame is inactive as soon as the socket ends", async () => {
    const client = new PythonClient({
      url: `${stack.controller.wsUrl}/ws`,
      orchestratorId: "org-term",
      intervalMs: 1_000,
      timeScale: 0.2,
    }).start();
    clients.push(client);
    await eventually(() => expectEverywhere("org-term", "active"));
    client.stop();
    const stopped = Date.now();
    await eventually(() => expectEverywhere("org-term", "inactive"), { timeoutMs: DEATH_MS });
    console.log(`inactive ${Date.now() - stopped} ms after SIGTERM`);
    const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
    expect(body.data?.orchestrators).not.toHaveProperty("org-term");
  });

  it("over REST is active for one TTL after its last heartbeat", async () => {
    await stack.register("org-http");
    const { status, text } = await stack.controller.call("POST", "/api/v1/internal/orchestrators/heartbeat", {
      orchestrator_id: "org-http",
      status: "active",
      health_status: "healthy",
    });
    expect(status, text).toBe(200);
    const last = Date.now();
    await eventually(() => expectEverywhere("org-http", "active"));
    expect(await stack.instance("org-http")).toMatchObject({ health_status: "healthy" });
    await staysActive("org-http", last);
    await eventually(() => expectEverywhere("org-http", "inactive"), { timeoutMs: DEATH_MS });
    const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
    expect(body.data?.orchestrators).not.toHaveProperty("org-http");
  });
});
