import { type NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

const things = pgTable("things", {
  id: integer().primaryKey(),
  name: text(),
  data: jsonb(),
  tags: text().array(),
  at: timestamp({ withTimezone: true, mode: "date" }),
});

let database: TestDatabase;
const { fetchEndpoint } = neonConfig;

beforeAll(async () => {
  database = await startTestDatabase();
  neonConfig.fetchEndpoint = database.endpoint;
  await database.query(
    "CREATE TABLE things (id int PRIMARY KEY, name text UNIQUE, data jsonb, tags text[], at timestamptz)",
  );
  await database.query("GRANT ALL ON things TO moolai_app");
});

afterAll(async () => {
  // Of the whole process, in which other test files follow.
  if (fetchEndpoint) neonConfig.fetchEndpoint = fetchEndpoint;
  await database?.stop();
});

beforeEach(async () => {
  await database.query("TRUNCATE things");
  database.clearStatements();
});

const app = () => neon(database.url);

/** The error with which `work` fails. */
async function failure(work: Promise<unknown>): Promise<NeonDbError> {
  const outcome = await work.then(
    () => undefined,
    (error: NeonDbError) => error,
  );
  if (!outcome) throw new Error("it succeeded");
  return outcome;
}

async function post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(database.endpoint, {
    method: "POST",
    body,
    headers: { "Neon-Connection-String": database.url, ...headers },
  });
}

describe("values", () => {
  test("of every kind arrive and come back as the driver types them", async () => {
    const at = new Date("2026-11-02T03:04:05.678Z");
    const nested = { a: [1, "zwei", null, { ü: true }], quote: `"'\\` };
    const [row] = await app()`SELECT ${1}::int AS int, ${"9007199254740993"}::bigint AS big, ${1.5}::float8 AS float,
      ${"12.30"}::numeric AS decimal, ${true}::bool AS yes, ${"naïve 🦉 \\ ' \""}::text AS text, ${null}::text AS nothing,
      ${nested}::jsonb AS json, ${at}::timestamptz AS at, ${["a", 'b"c', null]}::text[] AS texts,
      ${[1, 2]}::int[] AS ints, ${Buffer.from([0, 255])}::bytea AS bytes`;
    expect(row).toEqual({
      int: 1,
      big: "9007199254740993",
      float: 1.5,
      decimal: "12.30",
      yes: true,
      text: "naïve 🦉 \\ ' \"",
      nothing: null,
      json: nested,
      at,
      texts: ["a", 'b"c', null],
      ints: [1, 2],
      bytes: Buffer.from([0, 255]),
    });
  });

  test("come as arrays in array mode, with fields, command and row count in full results", async () => {
    const sqlArray = neon(database.url, { arrayMode: true, fullResults: true });
    const result = await sqlArray`INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id, name`;
    expect(result.rows).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    expect(result).toMatchObject({ command: "INSERT", rowCount: 2, rowAsArray: true });
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ["id", 23],
      ["name", 25],
    ]);
  });

  test("are JSON values for a caller that asks for no raw text", async () => {
    const response = await post(
      JSON.stringify({ query: "SELECT $1::int AS n, '{\"a\":1}'::jsonb AS j, true AS b", params: [7] }),
    );
    const body = (await response.json()) as { rows: unknown[] };
    expect(body.rows).toEqual([{ n: 7, j: { a: 1 }, b: true }]);
  });

  test("are written and read by drizzle", async () => {
    const db = drizzle(app());
    const row = { id: 1, name: "a", data: { x: [1] }, tags: ["p", "q"], at: new Date("2026-01-02T03:04:05.006Z") };
    expect(await db.insert(things).values(row).returning()).toEqual([row]);
    expect(await db.select().from(things)).toEqual([row]);
    const empty = { id: 2, name: null, data: null, tags: null, at: null };
    expect(await db.insert(things).values({ id: 2 }).returning()).toEqual([empty]);
  });
});

describe("a batch", () => {
  test("is one transaction and one request", async () => {
    const client = app();
    const results = await client.transaction([
      client`INSERT INTO things (id) VALUES (1)`,
      client`SELECT pg_current_xact_id()::text AS id`,
      client`SELECT pg_current_xact_id()::text AS id, count(*)::int AS n FROM things`,
    ]);
    expect(results[2]?.[0]).toEqual({ id: results[1]?.[0]?.id, n: 1 });
    expect(database.statements()).toHaveLength(3);
  });

  test("leaves nothing when a later statement fails", async () => {
    const db = drizzle(app());
    const error = await failure(
      db.batch([
        db.insert(things).values({ id: 1, name: "same" }),
        db.insert(things).values({ id: 2, name: "same" }),
        db.insert(things).values({ id: 3 }),
      ]),
    );
    expect(JSON.stringify(error.cause ?? error)).toContain("23505");
    expect(await database.query("SELECT id FROM things")).toEqual([]);
  });

  test("has the isolation level and the access mode that it asks for", async () => {
    const client = app();
    const settings = (options: object) =>
      client.transaction(
        [
          client`SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS read_only,
            current_setting('transaction_deferrable') AS deferrable`,
        ],
        options,
      );
    expect(await settings({ isolationLevel: "Serializable", readOnly: true, deferrable: true })).toEqual([
      [{ level: "serializable", read_only: "on", deferrable: "on" }],
    ]);
    expect(await settings({ isolationLevel: "RepeatableRead" })).toMatchObject([[{ level: "repeatable read" }]]);
    expect(await settings({})).toEqual([[{ level: "read committed", read_only: "off", deferrable: "off" }]]);
    const error = await failure(client.transaction([client`INSERT INTO things (id) VALUES (1)`], { readOnly: true }));
    expect(error.code).toBe("25006");
  });
});

describe("an error", () => {
  test("carries SQLSTATE and what PostgreSQL says about it", async () => {
    await database.query("INSERT INTO things (id, name) VALUES (1, 'a')");
    const error = await failure(app()`INSERT INTO things (id, name) VALUES (2, 'a')`);
    expect(error).toMatchObject({
      message: 'duplicate key value violates unique constraint "things_name_key"',
      severity: "ERROR",
      code: "23505",
      detail: "Key (name)=(a) already exists.",
      schema: "public",
      table: "things",
      constraint: "things_name_key",
    });
  });

  test.each([
    ["SELEC 1", "42601", "1"],
    ["SELECT 1; SELECT 2", "42601", undefined],
    ["SELECT nothing FROM things", "42703", "8"],
    ["SELECT 1 / 0", "22012", undefined],
    ["SELECT 'x'::int", "22P02", "8"],
  ])("of %s is %s", async (statement, code, position) => {
    expect(await failure(app().query(statement))).toMatchObject({ code, position });
    expect(await app()`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  test("of an unknown role or a wrong password is a refusal to log in", async () => {
    const url = new URL(database.url);
    url.username = "nobody_here";
    expect((await failure(neon(url.href)`SELECT 1`)).code).toMatch(/^28/);
  });
});

describe("the application role", () => {
  test("may not create, alter or drop anything", async () => {
    for (const statement of [
      "CREATE TABLE mine (id int)",
      "ALTER TABLE things ADD x int",
      "DROP TABLE things",
      "CREATE ROLE x",
    ]) {
      expect(await failure(app().query(statement))).toMatchObject({ code: "42501" });
    }
    expect(await app()`SELECT current_user::text AS user`).toEqual([{ user: "moolai_app" }]);
    expect(await neon(database.ownerUrl)`SELECT current_user::text AS user`).toEqual([{ user: "postgres" }]);
  });

  test("leaves no setting, role or open transaction to the next request", async () => {
    const before = await app()`SELECT current_setting('statement_timeout') AS timeout`;
    await app()`SET statement_timeout = 1234`;
    await app()`BEGIN`;
    await app()`INSERT INTO things (id) VALUES (1)`;
    await app()`ROLLBACK`;
    expect(await app()`SELECT current_setting('statement_timeout') AS timeout`).toEqual(before);
    expect(await database.query("SELECT id FROM things")).toEqual([{ id: 1 }]);
  });
});

describe("a bad request", () => {
  test.each([
    ["no JSON", "{"],
    ["not an object", "[]"],
    ["null", "null"],
    ["no query", "{}"],
    ["a query that is no string", '{"query":1}'],
    ["params that are no list", '{"query":"SELECT 1","params":{}}'],
    ["queries that are no list", '{"queries":1}'],
    ["a query of a batch that is none", '{"queries":[null]}'],
    ["nothing", ""],
  ])("with %s as body is a 400", async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.any(String) });
    expect(database.statements()).toEqual([]);
  });

  test("without or with a wrong connection string is a 400", async () => {
    const body = JSON.stringify({ query: "SELECT 1" });
    for (const value of ["", "http://x", "postgresql://localhost/x", "\u00ff"]) {
      expect((await post(body, { "Neon-Connection-String": value })).status).toBe(400);
    }
    expect((await fetch(database.endpoint, { method: "POST", body })).status).toBe(400);
  });

  test("with a wrong isolation level is a 400, and one that is too large a 413", async () => {
    const batch = JSON.stringify({ queries: [{ query: "SELECT 1" }] });
    expect((await post(batch, { "Neon-Batch-Isolation-Level": "Sloppy; DROP TABLE things" })).status).toBe(400);
    expect((await post("x".repeat(17 * 1024 * 1024))).status).toBe(413);
    expect((await fetch(database.endpoint)).status).toBe(405);
  });
});

describe("a fault", () => {
  test("of a paused endpoint is a refused connection, and passes on the same port", async () => {
    await database.pause();
    expect((await failure(app()`SELECT 1`)).message).toContain("Error connecting to database");
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await database.resume();
    expect(await app()`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  test("of a frozen endpoint is silence; what the caller gave up on is never run", async () => {
    database.freeze();
    const given = neon(database.url, { fetchOptions: { signal: AbortSignal.timeout(200) } });
    await failure(given`INSERT INTO things (id) VALUES (1)`);
    const patient = app()`INSERT INTO things (id) VALUES (2)`.then((rows) => rows);
    await new Promise((resolve) => setTimeout(resolve, 200));
    database.unfreeze();
    await patient;
    expect(await database.query("SELECT id FROM things")).toEqual([{ id: 2 }]);
  });

  test("can lose the answer of a statement that was run", async () => {
    database.freeze("after");
    const patience = new AbortController();
    const given = neon(database.url, { fetchOptions: { signal: patience.signal } });
    const failed = failure(given`INSERT INTO things (id) VALUES (1)`);
    await eventually(async () => expect(await database.query("SELECT id FROM things")).toEqual([{ id: 1 }]));
    patience.abort();
    await failed;
    database.unfreeze();
    expect(await database.query("SELECT id FROM things")).toEqual([{ id: 1 }]);
  });
});

test("many requests at once are all answered", async () => {
  const client = app();
  const rows = await Promise.all(Array.from({ length: 100 }, (_, i) => client`SELECT ${i}::int AS i`));
  expect(rows.map(([row]) => row?.i)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(database.statements()).toHaveLength(100);
});
