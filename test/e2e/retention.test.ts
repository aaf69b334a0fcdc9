import { afterAll, beforeAll, expect, it } from "vitest";
import { runRetention } from "../../worker/jobs/retention.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

const DAY_MS = 86_400_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

it("deletes what is older than the settings say, and never the last 30 days of the audit", async () => {
  const now = new Date();
  const env = { DATABASE_URL: database.url, DATABASE_ENDPOINT: database.endpoint } as Parameters<
    typeof runRetention
  >[0];
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  await database.query("INSERT INTO organizations (organization_id, name) VALUES ('ret', 'ret')");
  await database.query("INSERT INTO orchestrator_instances (orchestrator_id, organization_id) VALUES ('ret', 'ret')");
  for (const days of [29, 31, 400]) {
    await database.query(
      "INSERT INTO activity_logs (at, actor, action, target_type, target_id) VALUES ($1, 'user:x', 'test', 'user', 'x')",
      [ago(days)],
    );
  }
  for (const [id, days] of [["old", 91] as const, ["new", 89] as const]) {
    await database.query(
      `INSERT INTO orchestrator_messages (id, orchestrator_id, message_type, direction, content, created_at)
       VALUES ($1, 'ret', 'monitoring', 'inbound', 'x', $2)`,
      [id, ago(days)],
    );
  }
  for (const days of [402, 399]) {
    await database.query("INSERT INTO usage_reports (orchestrator_id, report_id, at) VALUES ('ret', $1, $2)", [
      days,
      ago(days),
    ]);
    await database.query(
      "INSERT INTO usage_hourly (organization_id, orchestrator_id, hour) VALUES ('ret', 'ret', $1)",
      [ago(days)],
    );
  }

  expect(await runRetention(env, now)).toEqual({ messages: 1, audit: 1, usage: 2 });
  expect(await runRetention(env, now)).toEqual({ messages: 0, audit: 0, usage: 0 });
  expect(await database.query("SELECT id FROM orchestrator_messages")).toEqual([{ id: "new" }]);
  // A clock that runs ahead empties the rest, but for what Postgres keeps.
  expect(await runRetention(env, ago(-3_650))).toEqual({ messages: 1, audit: 1, usage: 2 });
  expect(await database.query("SELECT count(*)::int AS count FROM activity_logs")).toEqual([{ count: 1 }]);
});
