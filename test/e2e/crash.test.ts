import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";

/** Long enough for a runtime and its clients to come back on a busy machine. */
const TTL_SEC = 25;
const FLEET = 20;
const idOf = (index: number) => `org-${String(index).padStart(2, "0")}`;

describe("kill -9 of the runtime", () => {
  let stack: Stack;
  const clients: PythonClient[] = [];

  beforeAll(async () => {
    stack = await startStack({ vars: { HEARTBEAT_TTL_SEC: String(TTL_SEC) } });
    for (let index = 0; index < FLEET; index++) {
      const client = new PythonClient({
        url: `${stack.controller.wsUrl}/ws`,
        orchestratorId: idOf(index),
        intervalMs: 1_000,
      });
      clients.push(client.start());
    }
    await eventually(async () => expect(await activeInPostgres()).toHaveLength(FLEET), { timeoutMs: 90_000 });
  });

  afterAll(async () => {
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  async function activeInPostgres(): Promise<string[]> {
    const rows = await stack.instances();
    return rows.filter(({ status }) => status === "active").map(({ orchestrator_id }) => orchestrator_id);
  }

  async function activeInRest(): Promise<string[]> {
    const path = "/api/v1/controller/orchestrators?page_size=100";
    const { status, body, text } = await stack.controller.call("GET", path);
    expect(status, text).toBe(200);
    const active = asList(body.data?.items).filter((item) => String(item.status) === "active");
    return active.map((item) => String(item.orchestrator_id)).sort();
  }

  const everyone = Array.from({ length: FLEET }, (_, index) => idOf(index));
  const survivors = everyone.slice(0, FLEET / 2);

  it("marks nobody inactive before one TTL, and afterwards exactly those that did not come back", async () => {
    const crashedAt = Date.now();
    const restarted = stack.controller.crash();
    // SIGKILL is out: what happens to these sockets now, no controller sees.
    for (const client of clients.slice(FLEET / 2)) client.kill();
    await restarted;
    console.log(`the runtime answers again ${Date.now() - crashedAt} ms after kill -9`);

    let looks = 0;
    while (Date.now() - crashedAt < TTL_SEC * 1000 - 500) {
      const [rows, listed] = await Promise.all([activeInPostgres(), activeInRest()]);
      const at = Date.now() - crashedAt;
      if (at >= TTL_SEC * 1000) break;
      expect(rows, `Postgres after ${at} ms`).toEqual(everyone);
      expect(listed, `REST after ${at} ms`).toEqual(everyone);
      looks += 1;
      await sleep(200);
    }
    expect(looks).toBeGreaterThan(5);
    expect(clients.slice(0, FLEET / 2).every((client) => client.sessions === 2)).toBe(true);

    // The shard asks everyone when it wakes after the restart, so lost_at is not far from it.
    await eventually(
      async () => {
        expect(await activeInPostgres()).toEqual(survivors);
        expect(await activeInRest()).toEqual(survivors);
      },
      { timeoutMs: (TTL_SEC + 15) * 1000 },
    );
    console.log(`exactly the ${survivors.length} were active ${Date.now() - crashedAt} ms after kill -9`);
  }, 240_000);

  it("keeps it so, and lists exactly those as connected", async () => {
    for (let look = 0; look < 10; look++) {
      expect(await activeInPostgres()).toEqual(survivors);
      expect(await activeInRest()).toEqual(survivors);
      await sleep(500);
    }
    const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
    expect(Object.keys(body.data?.orchestrators ?? {}).sort()).toEqual(survivors);
    for (const id of everyone) {
      const expected = survivors.includes(id) ? "active" : "inactive";
      expect(await stack.organization(id)).toMatchObject({ status: expected });
    }
  });
});
