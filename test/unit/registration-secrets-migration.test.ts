import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";

const { entries } = JSON.parse(readFileSync(projectPath("migrations/meta/_journal.json"), "utf8")) as {
  entries: { tag: string }[];
};
const TAGS = entries.map(({ tag }) => tag);
const OWN = TAGS.findIndex((tag) => tag.endsWith("_forget_registration_secrets"));

it("secrets of registrations that were stored, encrypted, are forgotten: that they were set stays known", async () => {
  const database = await PGlite.create();
  try {
    const migrate = async (tags: string[]) => {
      for (const tag of tags) await database.exec(readFileSync(projectPath(`migrations/${tag}.sql`), "utf8"));
    };
    const register = (orchestrator_id: string, fields: object) => {
      const registration = { orchestrator_id, organization_id: orchestrator_id, generation: 1, source: "rest", fields };
      return database.query("SELECT register_orchestrator($1::jsonb)", [registration]);
    };
    await migrate(TAGS.slice(0, OWN));
    await register("full", {
      database_url: "enc:v1:a",
      redis_url: "enc:v1:b",
      environment_variables: { A: "enc:v1:c" },
    });
    await register("empty", {});
    await migrate(TAGS.slice(OWN));
    const { rows } = await database.query(
      "SELECT orchestrator_id, database_url, redis_url, environment_variables FROM orchestrator_instances ORDER BY 1",
    );
    expect(rows).toEqual([
      { orchestrator_id: "empty", database_url: null, redis_url: null, environment_variables: {} },
      { orchestrator_id: "full", database_url: "set", redis_url: "set", environment_variables: { A: "set" } },
    ]);
  } finally {
    await database.close();
  }
  // An upper bound, for a machine on which a database takes its time to start.
}, 120_000);
