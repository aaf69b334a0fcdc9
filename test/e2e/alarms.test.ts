import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { type Stack, startStack } from "../support/stack.ts";

const INTERNAL = "/api/v1/internal";
const CHANGES = 300;
const AT_A_TIME = 50;

async function inBatches(work: (index: number) => Promise<void>): Promise<void> {
  const indices = Array.from({ length: CHANGES }, (_, index) => index);
  for (let at = 0; at < indices.length; at += AT_A_TIME) {
    await Promise.all(indices.slice(at, at + AT_A_TIME).map(work));
  }
}

/**
 * An alarm that is set at or behind the present moment from within `alarm()` may never ring (cloudflare/workerd#6866). After
 * the database is back nobody calls the controller: whatever is still due must be done by alarms alone.
 */
describe("what was accepted while Postgres was away is finished by alarms alone", () => {
  let stack: Stack;
  const id = (index: number) => `alarm-${index}`;
  const count = async (sql: string, params: string[] = []) =>
    Number((await stack.database.query(`SELECT count(*)::int AS count FROM ${sql}`, params))[0]?.count);

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    stack?.database.unfreeze();
    await stack?.stop();
  });

  it("in the objects of 300 orchestrators", async () => {
    await stack.database.pause();
    await inBatches(async (index) => {
      const { status } = await stack.controller.call("POST", `${INTERNAL}/orchestrators/register`, {
        orchestrator_id: id(index),
        organization_id: "alarms",
      });
      expect(status).toBe(503);
    });
    // Each of them tries in vain a few times, by its alarm.
    await sleep(6_000);
    await stack.database.resume();
    await eventually(
      async () => expect(await count("orchestrator_instances WHERE orchestrator_id LIKE 'alarm-%'")).toBe(CHANGES),
      { timeoutMs: 90_000, everyMs: 500 },
    );
  });

  it("in the object of a fleet shard, also of reports that came during a write that took long", async () => {
    stack.database.freeze("before");
    const beat = async (index: number) => {
      const { status } = await stack.controller.call("POST", `${INTERNAL}/orchestrators/heartbeat`, {
        orchestrator_id: id(index),
      });
      expect(status).toBe(200);
    };
    await beat(0);
    // The write of the first one hangs in the database while the others come, and then succeeds.
    await sleep(500);
    await inBatches(beat);
    stack.database.unfreeze();
    await eventually(async () => expect(await count("orchestrator_instances WHERE status = 'active'")).toBe(CHANGES), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
  });

  it("in the object of logins: the audit of 300 refused calls", async () => {
    await stack.database.pause();
    await inBatches(async (index) => {
      // Refusals of one address would be counted together.
      const headers = { "CF-Connecting-IP": `198.51.${100 + Math.floor(index / 250)}.${index % 250}` };
      const init = { headers, bearer: "wrong" };
      const { status } = await stack.controller.call("GET", "/api/v1/controller/organizations", undefined, init);
      expect(status).toBe(401);
    });
    await sleep(6_000);
    await stack.database.resume();
    await eventually(async () => expect(await count("activity_logs WHERE action = 'access.denied'")).toBe(CHANGES), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
  });
});
