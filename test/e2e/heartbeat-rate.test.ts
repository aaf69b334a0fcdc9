import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const FLEET = 100;
const BEAT_MS = 10_000;
const WATCHED_MS = 30_000;

describe("with one report a second", () => {
  let stack: Stack;
  const clients: PythonClient[] = [];

  beforeAll(async () => {
    stack = await startStack({ vars: { PRESENCE_REPORT_INTERVAL_SEC: "1" } });
    for (let index = 0; index < FLEET; index++) {
      const client = new PythonClient({
        url: `${stack.controller.wsUrl}/ws`,
        orchestratorId: `org-${index}`,
        intervalMs: BEAT_MS,
      });
      clients.push(client.start());
      // Spread over one interval, as a fleet is.
      await sleep(BEAT_MS / FLEET);
    }
    await eventually(
      async () => {
        const rows = await stack.instances();
        expect(rows.filter(({ status }) => status === "active").length).toBe(FLEET);
      },
      { timeoutMs: 60_000 },
    );
  });

  afterAll(async () => {
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  it(`${FLEET} orchestrators at a 10 s beat make at most one statement a second, one a flush`, async () => {
    await sleep(2_000);
    stack.database.clearStatements();
    const beatsBefore = clients.reduce((sum, client) => sum + client.received("keepalive_ack").length, 0);
    const start = Date.now();
    await sleep(WATCHED_MS);
    const seconds = (Date.now() - start) / 1000;
    const statements = stack.database.statements();
    const beats = clients.reduce((sum, client) => sum + client.received("keepalive_ack").length, 0) - beatsBefore;
    console.log(`${beats} beats, ${statements.length} statements in ${seconds.toFixed(1)} s`);

    expect(beats).toBeGreaterThan((FLEET * WATCHED_MS) / BEAT_MS / 2);
    expect(statements.length).toBeGreaterThan(0);
    // Flushes are 1 s apart where they begin; how long each is on its way moves the edges by one.
    expect(statements.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(statements.filter((sql) => !sql.includes("apply_presence"))).toEqual([]);
    expect(clients.every((client) => client.isEstablished)).toBe(true);
  });

  it("shows every one of them as seen within the last beat", async () => {
    for (const row of await stack.instances()) {
      expect(row.status).toBe("active");
      expect(Date.now() - Date.parse(row.last_seen ?? "")).toBeLessThan(BEAT_MS + 20_000);
    }
  });
});
