import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openStorage, storageVersion } from "../../worker/platform/storage-steps.ts";
import { NOW, rowsOf, SCENES } from "./storage-scenes.ts";

/** What each version of the code has stored, as SQL: `<class>-<version>.sql`. Once a version is released, its fixture stays as it is. */
const FIXTURES = import.meta.glob<string>("../data/storage/*.sql", { query: "?raw", import: "default", eager: true });
const fixtureOf = (name: string, version: number) => FIXTURES[`../data/storage/${name}-${version}.sql`];

const TABLES = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '_cf_%' AND name NOT LIKE 'sqlite_%'";

beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
  for (const method of ["log", "warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The rows and tables of an object as the statements that make them. */
async function dump(stub: DurableObjectStub<undefined>): Promise<string> {
  const made = await rowsOf(stub, `${TABLES} ORDER BY type DESC, name`);
  const lines = made.map(({ sql }) => `${String(sql)};`);
  for (const { name } of made.filter(({ sql }) => String(sql).startsWith("CREATE TABLE"))) {
    for (const row of await rowsOf(stub, `SELECT * FROM ${String(name)}`)) {
      const values = Object.values(row).map((value) =>
        typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value),
      );
      lines.push(`INSERT INTO ${String(name)} (${Object.keys(row).join(", ")}) VALUES (${values.join(", ")});`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Gives an object the storage that a version of the code has left, as it finds it at its next start. */
async function load(stub: DurableObjectStub<undefined>, fixture: string, version: number): Promise<void> {
  await runInDurableObject(stub, (_object, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>(`${TABLES} AND type = 'table'`).toArray();
    for (const { name } of tables) storage.sql.exec(`DROP TABLE ${name}`);
    storage.sql.exec(fixture);
    storage.kv.put("storage_version", version);
  });
  await evictDurableObject(stub);
}

/** The columns of all tables, by name. */
async function columnsOf(stub: DurableObjectStub<undefined>) {
  const query = `SELECT t.name AS place, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM (${TABLES}) t
    JOIN pragma_table_info(t.name) c ORDER BY 1, 2`;
  return await rowsOf(stub, query);
}

describe.each(Object.entries(SCENES))("the storage of the class %s", (name, { steps, stub, fill, check }) => {
  const versions = steps.map((_step, index) => index + 1);

  it("is found again by the code that wrote it", async () => {
    vi.setSystemTime(NOW);
    await fill("storage-fresh");
    for (const table of await rowsOf(stub("storage-fresh"), `${TABLES} AND type = 'table'`)) {
      const rows = await rowsOf(stub("storage-fresh"), `SELECT 1 FROM ${String(table.name)}`);
      expect(rows, `the scene puts no row into ${String(table.name)}`).not.toEqual([]);
    }
    await evictDurableObject(stub("storage-fresh"));
    vi.setSystemTime(NOW + 60_000);
    await check("storage-fresh");
  });

  it("has a fixture of the present version", async () => {
    if (fixtureOf(name, steps.length) !== undefined) return;
    vi.setSystemTime(NOW);
    await fill(`storage-v${steps.length}`);
    const text = await dump(stub(`storage-v${steps.length}`));
    expect.fail(`Store this as test/data/storage/${name}-${steps.length}.sql:\n${text}`);
  });

  it.each(versions)("of version %i is opened, and everything in it is found", async (version) => {
    const fixture = fixtureOf(name, version);
    if (fixture === undefined) expect.fail(`test/data/storage/${name}-${version}.sql is missing`);
    const id = `storage-v${version}`;
    await load(stub(id), fixture, version);
    vi.setSystemTime(NOW + 60_000);
    await check(id);
    expect(await columnsOf(stub(id))).toEqual(await columnsOf(stub("storage-fresh")));
    expect(await runInDurableObject(stub(id), (_object, { storage }) => storageVersion(storage))).toBe(steps.length);
  });

  it("of a version that a later release made is opened by this code, which finds everything", async () => {
    const id = `storage-v${steps.length}`;
    await load(stub(id), fixtureOf(name, steps.length) ?? "", steps.length);
    await runInDurableObject(stub(id), (_object, { storage }) => {
      const [table] = storage.sql.exec<{ name: string }>(`${TABLES} AND type = 'table' LIMIT 1`).toArray();
      openStorage(storage, [
        ...steps,
        `ALTER TABLE ${table?.name} ADD COLUMN later TEXT`,
        "CREATE TABLE later (id TEXT)",
      ]);
    });
    await evictDurableObject(stub(id));
    vi.setSystemTime(NOW + 60_000);
    await check(id);
    expect(await runInDurableObject(stub(id), (_object, { storage }) => storageVersion(storage))).toBe(
      steps.length + 2,
    );
  });
});
