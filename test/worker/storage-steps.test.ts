import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { AUTH_STEPS } from "../../worker/auth/storage.ts";
import { openStorage, storageVersion } from "../../worker/platform/storage-steps.ts";
import { orchestratorStub } from "./client.ts";

const FIRST = "CREATE TABLE things (name TEXT NOT NULL); INSERT INTO things VALUES ('one')";
const SECOND = "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 1";
const FAILS = "INSERT INTO things (name, size) VALUES ('two', 2); INSERT INTO missing VALUES (1)";

/** The storage of an orchestrator's object under an id that was never used: it holds nothing. */
async function inNewStorage<T>(name: string, work: (storage: DurableObjectStorage) => T): Promise<T> {
  return await runInDurableObject(orchestratorStub(name), (_object, { storage }) => work(storage));
}

function tables({ sql }: DurableObjectStorage) {
  const query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '_cf_%' ORDER BY name";
  return sql.exec<{ name: string; sql: string }>(query).toArray();
}

describe("the storage of an object", () => {
  it("goes through each step once, in order", async () => {
    await inNewStorage("steps-once", (storage) => {
      expect(storageVersion(storage)).toBe(0);
      openStorage(storage, [FIRST]);
      openStorage(storage, [FIRST]);
      openStorage(storage, [FIRST, SECOND]);
      openStorage(storage, [FIRST, SECOND]);
      expect(storageVersion(storage)).toBe(2);
      expect(storage.sql.exec("SELECT name, size FROM things").toArray()).toEqual([{ name: "one", size: 1 }]);
    });
  });

  it("stays as it was when one of several steps fails, and goes through them once that one is mended", async () => {
    await inNewStorage("steps-fail", (storage) => {
      openStorage(storage, [FIRST]);
      const before = tables(storage);
      expect(() => openStorage(storage, [FIRST, SECOND, FAILS])).toThrow("missing");
      expect(storageVersion(storage)).toBe(1);
      expect(tables(storage)).toEqual(before);
      expect(storage.sql.exec("SELECT * FROM things").toArray()).toEqual([{ name: "one" }]);
      openStorage(storage, [FIRST, SECOND, "UPDATE things SET size = 3"]);
      expect(storage.sql.exec("SELECT * FROM things").toArray()).toEqual([{ name: "one", size: 3 }]);
    });
  });

  it("is empty when the first steps fail", async () => {
    await inNewStorage("steps-first-fail", (storage) => {
      expect(() => openStorage(storage, [FIRST, SECOND, FAILS])).toThrow("missing");
      expect(storageVersion(storage)).toBe(0);
      expect(tables(storage)).toEqual([]);
    });
  });

  it("of a newer version is left alone by older code, and is not changed again by the newer code after that", async () => {
    await inNewStorage("steps-newer", (storage) => {
      openStorage(storage, [FIRST, SECOND]);
      openStorage(storage, [FIRST]);
      expect(storageVersion(storage)).toBe(2);
      storage.sql.exec("INSERT INTO things (name) VALUES ('by older code')");
      openStorage(storage, [FIRST, SECOND]);
      expect(storage.sql.exec("SELECT * FROM things ORDER BY name").toArray()).toEqual([
        { name: "by older code", size: 1 },
        { name: "one", size: 1 },
      ]);
    });
  });

  it("is opened with one read and no statement when there is nothing to do", async () => {
    await inNewStorage("steps-cost", (storage) => {
      openStorage(storage, [FIRST]);
      let statements = 0;
      const sql = new Proxy(storage.sql, {
        get: (target, key) => {
          statements += 1;
          return Reflect.get(target, key);
        },
      });
      openStorage({ sql, kv: storage.kv } as DurableObjectStorage, [FIRST]);
      expect(statements).toBe(0);
    });
  });
});

it("an object that nobody ever used is asked without a trace in its storage", async () => {
  const size = () => inNewStorage("steps-nobody", ({ sql }) => sql.databaseSize);
  const before = await size();
  await evictDurableObject(orchestratorStub("steps-nobody"));
  expect(await size()).toBe(before);
  await inNewStorage("steps-nobody", (storage) => {
    expect(storageVersion(storage)).toBe(0);
    expect(storage.sql.exec("SELECT name FROM sqlite_master").toArray()).toEqual([]);
  });
});

it("the Auth object opens the storage of a release that comes after this one", async () => {
  const auth = env.AUTH.getByName("steps-auth");
  const stub = auth as unknown as DurableObjectStub<undefined>;
  const session = { digest: "a", username: "ada", role: "viewer", organizations: null, attemptId: 0 } as const;
  await auth.openSession(session);
  await runInDurableObject(stub, (_object, { storage }) => {
    openStorage(storage, [
      ...AUTH_STEPS,
      "ALTER TABLE sessions ADD COLUMN device TEXT",
      "CREATE TABLE devices (id TEXT)",
    ]);
  });
  await evictDurableObject(stub);
  expect(await auth.session("a")).toMatchObject({ username: "ada" });
  await auth.openSession({ ...session, digest: "b" });
  expect(await auth.session("b")).toMatchObject({ username: "ada" });
});
