import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";

const { entries } = JSON.parse(readFileSync(projectPath("migrations/meta/_journal.json"), "utf8")) as {
  entries: { tag: string }[];
};
const TAGS = entries.map(({ tag }) => tag);
const OWN = TAGS.findIndex((tag) => tag.endsWith("_usage_windows"));
const HOUR_MS = 3_600_000;
const HOUR = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

describe("usage that was counted before windows and digests were kept", () => {
  let database: PGlite;

  async function migrate(tags: string[]): Promise<void> {
    for (const tag of tags) await database.exec(readFileSync(projectPath(`migrations/${tag}.sql`), "utf8"));
  }

  async function call(name: "store_usage" | "count_usage", payload: object): Promise<unknown> {
    const { rows } = await database.query<{ outcome: unknown }>(`SELECT ${name}($1::jsonb) AS outcome`, [payload]);
    return rows[0]?.outcome;
  }

  /** As older code sends it. */
  const older = (report_id: string) =>
    call("store_usage", {
      orchestrator_id: "o",
      organization_id: "o",
      report_id,
      window_start: HOUR,
      items: [{ model: "", provider: "", requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: 1 }],
    });
  const newer = (report_id: string, digest: string, generation: number) => {
    const hours = [
      { hour: HOUR, model: "m", provider: "p", requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: "1.5" },
    ];
    return call("count_usage", { orchestrator_id: "o", organization_id: "o", report_id, digest, generation, hours });
  };
  const sum = async () => {
    const { rows } = await database.query<{ cost: string }>("SELECT sum(cost_usd)::text AS cost FROM usage_hourly");
    return Number(rows[0]?.cost);
  };

  beforeAll(async () => {
    database = await PGlite.create();
    await migrate(TAGS.slice(0, OWN));
    await older("of a registration before");
    const registration = { orchestrator_id: "o", organization_id: "o", generation: 3, source: "rest", fields: {} };
    await database.query("SELECT register_orchestrator($1::jsonb)", [registration]);
    await database.exec("UPDATE usage_reports SET at = at - interval '1 day'");
    await older("of this registration");
    await migrate(TAGS.slice(OWN));
    // An upper bound, for a machine on which a database takes its time to start.
  }, 120_000);

  afterAll(async () => await database.close());

  it("B06 sibling: stays counted once in its registration, and only there", async () => {
    expect(await sum()).toBe(2);
    expect(await newer("of this registration", "digest", 3)).toBe("duplicate");
    expect(await newer("of a registration before", "digest", 3)).toBe("stored");
    expect(await sum()).toBe(3.5);
  });

  it("B06 sibling: Postgres tells a repeat from a conflict, and knows the registration of an object that forgot it", async () => {
    expect(await newer("new", "digest", 3)).toBe("stored");
    expect(await newer("new", "digest", 1)).toBe("duplicate");
    expect(await newer("new", "other", 3)).toBe("conflict");
    expect(await newer("new", "other", 4)).toBe("stored");
    expect(await sum()).toBe(6.5);
  });

  it("B06 sibling: a Worker of the release before is still understood", async () => {
    await older("late");
    await older("late");
    expect(await sum()).toBe(7.5);
    expect(await newer("late", "digest", 3)).toBe("duplicate");
  });
});
