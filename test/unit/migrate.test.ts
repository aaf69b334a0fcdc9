import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate, migrationState } from "../../scripts/lib/migrate.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import * as schema from "../../worker/db/schema.ts";
import { startDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
/** A copy of migrations/, which tests change. */
let folder: string;

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "moolai-migrations-")), "migrations");
  await cp(projectPath("migrations"), folder, { recursive: true });
  database = await startDatabase("pglite", { migrated: false });
  // The first run in a checkout also makes the template, which takes long on a busy machine.
}, 120_000);

afterAll(async () => {
  await database.stop();
  await rm(join(folder, ".."), { recursive: true, force: true });
});

const run = () => migrate(database.ownerUrl, { endpoint: database.endpoint, folder });
const state = () => migrationState(database.ownerUrl, { endpoint: database.endpoint, folder });
const fileOf = (tag: string) => join(folder, `${tag}.sql`);

async function answerOf(call: string): Promise<unknown> {
  return (await database.query(`SELECT ${call} AS answer`))[0]?.answer;
}

/** Puts a function that answers with this number into a repeatable file of its own. */
async function writeFunction(name: string, answer: string): Promise<void> {
  const text = `CREATE OR REPLACE FUNCTION ${name}() RETURNS integer LANGUAGE sql AS $$ SELECT ${answer} $$;\n`;
  await writeFile(fileOf(`repeatable/${name}`), text);
}

/** The tables of a schema of the database, with what belongs to them. */
async function shapeOf(name: string) {
  const columns = await database.query(
    `SELECT table_name, column_name, udt_name, character_maximum_length, numeric_precision, numeric_scale,
       datetime_precision, is_nullable, column_default, generation_expression, collation_name
     FROM information_schema.columns WHERE table_schema = $1 AND table_name <> 'schema_migrations' ORDER BY 1, 2`,
    [name],
  );
  const others = await database.query(
    `SELECT replace(definition, $1 || '.', '') AS definition FROM (
       SELECT indexdef AS definition FROM pg_indexes WHERE schemaname = $1 AND tablename <> 'schema_migrations'
       UNION ALL
       SELECT r.relname || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
       JOIN pg_class r ON r.oid = c.conrelid
       WHERE c.connamespace = to_regnamespace($1) AND c.contype <> 'n' AND r.relname <> 'schema_migrations') d
     ORDER BY 1`,
    [name],
  );
  return { columns, others };
}

describe("a new database", () => {
  it("is brought to this checkout once, and a second run changes nothing", async () => {
    expect(await state()).toMatchObject({ applied: 0, total: 1 });
    const { applied, total } = await run();
    expect(total).toBe(1);
    expect(applied).toEqual(expect.arrayContaining(["0000_baseline", "repeatable/presence", "repeatable/role"]));
    expect(await run()).toEqual({ applied: [], total: 1 });
    expect(await state()).toEqual({ applied: 1, total: 1, changed: [] });
  });

  it("has the tables that worker/db/schema.ts describes", async () => {
    const empty = generateDrizzleJson({});
    const statements = await generateMigration(empty, generateDrizzleJson({ ...schema }, empty.id));
    expect(statements.length).toBeGreaterThan(20);
    await database.query(`DO $outer$ BEGIN
      CREATE SCHEMA described;
      PERFORM set_config('search_path', 'described, public', true);
      ${statements.map((text) => `EXECUTE $text$${text.replaceAll('"public".', '"described".')}$text$;`).join("\n")}
    END $outer$`);
    const described = await shapeOf("described");
    expect(described.columns.length).toBeGreaterThan(100);
    expect(described.others.length).toBeGreaterThan(30);
    expect(described).toEqual(await shapeOf("public"));
    await database.query("DROP SCHEMA described CASCADE");
  });

  it("is what drizzle-kit takes it for, so that the next migration holds what was changed and nothing else", async () => {
    const { entries } = JSON.parse(await readFile(join(folder, "meta/_journal.json"), "utf8"));
    const last = `meta/${String(entries.length - 1).padStart(4, "0")}_snapshot.json`;
    const snapshot = JSON.parse(await readFile(join(folder, last), "utf8"));
    expect(await generateMigration(snapshot, generateDrizzleJson({ ...schema }, snapshot.id))).toEqual([]);
  });
});

describe("a file in migrations/repeatable", () => {
  it("is applied when it is new and again when it has changed, once each time", async () => {
    await writeFunction("zz_first", "1");
    expect((await state()).changed).toEqual(["repeatable/zz_first"]);
    expect(await run()).toMatchObject({ applied: ["repeatable/zz_first"] });
    expect(await run()).toMatchObject({ applied: [] });
    expect(await answerOf("zz_first()")).toBe(1);
    await writeFunction("zz_first", "2");
    expect(await run()).toMatchObject({ applied: ["repeatable/zz_first"] });
    expect(await run()).toMatchObject({ applied: [] });
    expect(await answerOf("zz_first()")).toBe(2);
  });

  it("is applied with all others, so that role.sql takes rights from a function that was made anew", async () => {
    const isPublic = () =>
      answerOf("has_function_privilege('public', 'delete_old_audit(timestamptz, integer)', 'EXECUTE')");
    expect(await isPublic()).toBe(false);
    await writeFile(fileOf("repeatable/aa_anew"), "DROP FUNCTION delete_old_audit(timestamptz, integer);\n");
    expect(await run()).toMatchObject({ applied: ["repeatable/aa_anew"] });
    expect(await isPublic()).toBe(false);
    await rm(fileOf("repeatable/aa_anew"));
  });

  it("is one that ends in .sql, and no other", async () => {
    await writeFile(join(folder, "repeatable", ".DS_Store"), "x");
    expect(await run()).toMatchObject({ applied: [] });
  });

  it("that fails leaves the others as they were too, and says which it was", async () => {
    await writeFunction("zz_first", "3");
    await writeFunction("zz_wrong", "no_such_function()");
    await expect(run()).rejects.toThrow(
      /^Applying repeatable\/zz_first, repeatable\/zz_wrong failed and left nothing behind: .*no_such_function/,
    );
    expect(await answerOf("zz_first()")).toBe(2);
    await writeFunction("zz_wrong", "zz_first()");
    expect(await run()).toMatchObject({ applied: ["repeatable/zz_first", "repeatable/zz_wrong"] });
    expect(await answerOf("zz_wrong()")).toBe(3);
  });

  it("that fails says which migrations were applied before it and stay", async () => {
    const journalFile = join(folder, "meta/_journal.json");
    const journal = await readFile(journalFile, "utf8");
    const { entries, ...rest } = JSON.parse(journal);
    await writeFile(journalFile, JSON.stringify({ ...rest, entries: [...entries, { tag: "0001_more" }] }));
    await writeFile(fileOf("0001_more"), "SELECT 1;\n");
    await writeFunction("zz_wrong", "no_such_function()");
    await expect(run()).rejects.toThrow(
      /no_such_function.* These migrations were applied before that and stay: 0001_more\.$/,
    );
    expect(await state()).toMatchObject({ applied: 2, total: 2 });
    await writeFunction("zz_wrong", "zz_first()");
    await writeFile(journalFile, journal);
    await database.query("DELETE FROM schema_migrations WHERE tag = '0001_more'");
  });
});

describe("a database that this checkout cannot have made", () => {
  it.each([
    ["0009_later", "The database is newer than this checkout: it has 0009_later, which migrations/ does not."],
    [
      "0000_tables",
      "This database was made by a version from before the first release, and its data cannot be taken over. Delete the folder .data/,",
    ],
  ])("is refused in a sentence that says what to do: %s", async (tag, sentence) => {
    await database.query("INSERT INTO schema_migrations (tag, hash) VALUES ($1, '')", [tag]);
    await expect(run()).rejects.toThrow(sentence);
    await database.query("DELETE FROM schema_migrations WHERE tag = $1", [tag]);
    expect(await run()).toMatchObject({ applied: [] });
  });

  it("is refused when an applied migration was edited", async () => {
    const text = await readFile(fileOf("0000_baseline"), "utf8");
    await writeFile(fileOf("0000_baseline"), `${text}\n`);
    await expect(run()).rejects.toThrow("Migration 0000_baseline was changed after it had been applied.");
    await writeFile(fileOf("0000_baseline"), text);
  });
});

it("Postgres tells a repeated usage report from another one of the same id, also for an object that lost its storage", async () => {
  const registration = { orchestrator_id: "o", organization_id: "o", generation: 3, source: "rest", fields: {} };
  await database.query("SELECT register_orchestrator($1::jsonb)", [JSON.stringify(registration)]);
  const hours = [
    { hour: Date.now(), model: "m", provider: "p", requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: "1.5" },
  ];
  const count = async (digest: string, generation: number) => {
    const report = { orchestrator_id: "o", organization_id: "o", report_id: "r", digest, generation, hours };
    const [row] = await database.query("SELECT count_usage($1::jsonb) AS outcome", [JSON.stringify(report)]);
    return row?.outcome;
  };
  expect(await count("digest", 3)).toBe("stored");
  expect(await count("digest", 1)).toBe("duplicate");
  expect(await count("other", 3)).toBe("conflict");
  expect(await count("other", 4)).toBe("stored");
  const [sum] = await database.query("SELECT sum(cost_usd)::text AS cost FROM usage_hourly");
  expect(Number(sum?.cost)).toBe(3);
});
