import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neonClient } from "../../scripts/lib/neon-client.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { sleep } from "../support/eventually.ts";

const ROUNDS = 200;
const ORGANIZATIONS = ["alpha", "beta"];
const INSTANCES = ["one", "two", "three"];
const STATUSES = ["active", "inactive"] as const;
const idOf = (organization: string, name: string) => `${organization}-${name}`;
const everyId = ORGANIZATIONS.flatMap((organization) => INSTANCES.map((name) => idOf(organization, name)));

interface Report {
  orchestrator_id: string;
  generation: number;
  epoch: number;
  seq: number;
  status: string;
  health_status: string;
  is_independent: boolean;
  privacy_mode: boolean;
  last_seen: number | null;
  last_activity: number | null;
  config_revision: number;
  config_state: string;
}

const MINE = "FROM orchestrator_instances i WHERE i.organization_id = o.organization_id";

// The aggregate once more, in other words than the migration's.
const EXPECTED = `
  SELECT o.organization_id,
         o.status,
         o.is_independent,
         o.last_seen IS NOT DISTINCT FROM (SELECT max(i.last_seen) ${MINE}) AS last_seen_follows,
         CASE WHEN EXISTS (SELECT ${MINE} AND i.status = 'active') THEN 'active'
              WHEN EXISTS (SELECT ${MINE}) AND NOT EXISTS (SELECT ${MINE} AND NOT i.is_independent) THEN 'independent'
              ELSE 'inactive' END AS expected_status,
         EXISTS (SELECT ${MINE}) AND NOT EXISTS (SELECT ${MINE} AND NOT i.is_independent) AS expected_independent
  FROM organizations o
  ORDER BY o.organization_id`;

describe("several instances in one organization", { timeout: 240_000 }, () => {
  let database: TestDatabase;
  let seq = 0;

  beforeAll(async () => {
    database = await startTestDatabase();
    for (const organization of ORGANIZATIONS) {
      for (const name of INSTANCES) await register(idOf(organization, name), organization);
    }
  });

  afterAll(async () => {
    await database?.stop();
  });

  /** As the Worker does it: over HTTP, as the application role, each call on a connection of its own. */
  async function call(name: string, argument: unknown): Promise<unknown> {
    const [row] = await neonClient(database.url, database.endpoint).query(`SELECT ${name}($1) AS outcome`, [
      JSON.stringify(argument),
    ]);
    return row?.outcome;
  }

  const register = (id: string, organization: string, generation = 1) =>
    call("register_orchestrator", { orchestrator_id: id, organization_id: organization, generation, source: "rest" });

  const deregister = (id: string, organization: string, generation = 1) =>
    call("deregister_orchestrator", { orchestrator_id: id, organization_id: organization, generation });

  function report(id: string, fields: Partial<Report>): Report {
    seq += 1;
    return {
      orchestrator_id: id,
      generation: 1,
      epoch: 1,
      seq,
      status: "active",
      health_status: "healthy",
      is_independent: false,
      privacy_mode: false,
      last_seen: Date.now(),
      last_activity: null,
      config_revision: 0,
      config_state: "none",
      ...fields,
    };
  }

  const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;

  async function expectConsistent(round: number): Promise<void> {
    for (const row of await database.query(EXPECTED)) {
      const at = `round ${round}: ${JSON.stringify(row)}`;
      expect(row.status, at).toBe(row.expected_status);
      expect(row.is_independent, at).toBe(row.expected_independent);
      expect(row.last_seen_follows, at).toBe(true);
    }
  }

  it(`follow from their instances after two flushes and a toggle at once, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const target = pick(everyId);
      const independent = Math.random() < 0.5;
      // Every instance is in one of the flushes, the target in both and in the toggle, in any order of ids.
      const first = everyId.filter((id) => id === target || Math.random() < 0.6);
      const second = everyId.filter((id) => id === target || Math.random() < 0.6).reverse();
      const reports = [first, second].map((ids) => ids.map((id) => report(id, { status: pick(STATUSES) })));
      const toggle = report(target, {
        status: independent ? "independent" : pick(STATUSES),
        is_independent: independent,
        last_seen: Date.now() - 60_000,
      });
      await Promise.all([
        call("apply_presence", reports[0]),
        call("apply_presence", reports[1]),
        call("apply_presence", [toggle]),
      ]);
      await expectConsistent(round);
      const [row] = await database.query(
        "SELECT status, is_independent, presence_seq FROM orchestrator_instances WHERE orchestrator_id = $1",
        [target],
      );
      // The toggle has the highest seq, so whoever came last, it holds.
      expect(row, `round ${round}`).toMatchObject({ status: toggle.status, is_independent: independent });
      expect(Number(row?.presence_seq)).toBe(toggle.seq);
    }
  });

  it("refuses a report of an older session or generation", async () => {
    const [id] = everyId as [string];
    await call("apply_presence", [report(id, { epoch: 3, status: "active" })]);
    await call("apply_presence", [report(id, { epoch: 2, status: "inactive" })]);
    await call("apply_presence", [report(id, { epoch: 9, generation: 0, status: "inactive" })]);
    await call("apply_presence", [report("unknown", { epoch: 9 })]);
    const [row] = await database.query("SELECT status FROM orchestrator_instances WHERE orchestrator_id = $1", [id]);
    expect(row).toEqual({ status: "active" });
    expect(await database.query("SELECT FROM orchestrator_instances WHERE orchestrator_id = 'unknown'")).toEqual([]);
    await expectConsistent(-1);
  });

  it("stay consistent while instances come and go during flushes", async () => {
    for (let round = 1; round <= 50; round++) {
      const guest = `guest-${round}`;
      await register(guest, "alpha");
      await Promise.all([
        call(
          "apply_presence",
          everyId.map((id) => report(id, { epoch: 4 + round, status: pick(STATUSES) })),
        ),
        deregister(guest, "alpha"),
        call("apply_presence", [report(guest, { status: "active" })]),
        register(`late-${round}`, "alpha"),
      ]);
      await expectConsistent(round);
      expect(await database.query("SELECT FROM orchestrator_instances WHERE orchestrator_id = $1", [guest])).toEqual(
        [],
      );
      await deregister(`late-${round}`, "alpha");
    }
  });

  it("a registration that meets the deregistration of the last other instance is not lost", async () => {
    for (let round = 0; round < 100; round++) {
      const organization = `short-${round}`;
      await register(`${organization}-old`, organization);
      const [, registered] = await Promise.all([
        deregister(`${organization}-old`, organization),
        register(`${organization}-new`, organization),
      ]);
      expect(registered, `round ${round}`).toMatchObject({ outcome: "applied" });
      const rows = await database.query(
        "SELECT orchestrator_id FROM orchestrator_instances JOIN organizations USING (organization_id) WHERE organization_id = $1",
        [organization],
      );
      expect(rows, `round ${round}`).toEqual([{ orchestrator_id: `${organization}-new` }]);
    }
  });

  it("a tombstoned generation writes nothing, whoever comes last", async () => {
    for (let round = 0; round < 50; round++) {
      const id = `final-${round}`;
      await register(id, id);
      await Promise.all([deregister(id, id, 2), register(id, id, 1), sleep(0).then(() => register(id, id, 2))]);
      expect(await database.query("SELECT FROM orchestrator_instances WHERE orchestrator_id = $1", [id])).toEqual([]);
      expect(await database.query("SELECT FROM organizations WHERE organization_id = $1", [id])).toEqual([]);
      expect(await register(id, id, 3)).toMatchObject({ outcome: "applied" });
    }
  });
});
