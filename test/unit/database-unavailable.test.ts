import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DatabaseUnavailable, withDatabase } from "../../worker/db/client.ts";
import { isDatabaseUp } from "../../worker/db/health.ts";

const env = { DATABASE_URL: "postgresql://app:password@127.0.0.1/app", DATABASE_ENDPOINT: "http://127.0.0.1:1/sql" };
/** So that what was known of the database before is too old. */
let now = Date.now();

beforeEach(() => {
  now += 60_000;
  vi.useFakeTimers({ toFake: ["Date"], now });
  vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Postgres answers every statement with this error, as the endpoint of Neon passes it on. */
function failWith(code: string): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json({ message: "of the database", code, severity: "FATAL" }, { status: 400 }),
  );
}

describe("an error of Postgres", () => {
  it.each([
    ["28P01", "a wrong password"],
    ["28000", "a role that may not log in"],
    ["3D000", "a database that does not exist"],
    ["08006", "a broken connection"],
    ["57P01", "a shutdown"],
  ])("counts as unavailable: %s, %s", async (code) => {
    failWith(code);
    await expect(withDatabase(env, (db) => db.execute(sql`select 1`))).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(["23505", "42501", "42P01"])("is about the statement: %s", async (code) => {
    failWith(code);
    const failed = withDatabase(env, (db) => db.execute(sql`select 1`));
    await expect(failed).rejects.not.toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(["28P01", "57P01", "42501"])("leaves the health to be told: %s", async (code) => {
    failWith(code);
    expect(await isDatabaseUp(env as Parameters<typeof isDatabaseUp>[0])).toBe(false);
  });
});
