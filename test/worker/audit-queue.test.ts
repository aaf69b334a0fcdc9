import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Accounts } from "../../worker/auth/accounts.ts";
import { AuditQueue } from "../../worker/auth/audit-queue.ts";
import type { AccessEvent } from "../../worker/contract/session.ts";

const NOW = Date.UTC(2030, 0, 1);

afterEach(() => {
  vi.restoreAllMocks();
});

/** The storage of an object of its own, and the statements that were run in it. */
async function inStorage(name: string, work: (sql: SqlStorage, statements: string[]) => void | Promise<void>) {
  const stub = env.AUTH.getByName(name) as unknown as DurableObjectStub<undefined>;
  await runInDurableObject(stub, async (_object, state) => {
    const statements: string[] = [];
    const sql = new Proxy(state.storage.sql, {
      get: (target, key) =>
        key === "exec"
          ? (query: string, ...values: unknown[]) => {
              statements.push(query);
              return target.exec(query, ...values);
            }
          : Reflect.get(target, key),
    });
    await work(sql, statements);
  });
}

function denial(index: number): AccessEvent {
  const context = { actor: `user:person-${index}`, ip: "192.0.2.7", userAgent: null, requestId: "r" };
  return { action: "access.denied", target: { type: "route", id: "GET /" }, code: "forbidden", context };
}

describe("the queue of the audit", () => {
  it("does not count its rows anew for every refusal", async () => {
    await inStorage("audit-queue-count", (sql, statements) => {
      const queue = new AuditQueue(sql);
      statements.length = 0;
      for (let index = 0; index < 20; index++) {
        queue.add(denial(index), false, NOW);
        expect(queue.dueAt).toBeNull();
      }
      expect(statements.filter((text) => /count\(/.test(text))).toEqual([]);
    });
  });

  it("takes no more refusals while it is full, also after a reset, and again when some have gone", async () => {
    await inStorage("audit-queue-full", (sql) => {
      const entry = JSON.stringify({ id: "filler" });
      new AuditQueue(sql);
      for (let index = 0; index < 10_000; index++) sql.exec("INSERT INTO audit (entry) VALUES (?)", entry);
      const queue = new AuditQueue(sql);
      expect(queue.add(denial(1), false, NOW)).toBe(false);
      const batch = queue.next();
      queue.remove(batch?.upTo ?? 0);
      expect(queue.add(denial(2), false, NOW)).toBe(true);
      expect(sql.exec("SELECT count(*) AS rows FROM audit").one()).toEqual({ rows: 10_000 - 100 + 2 });
    });
  });
});

describe("the names of accounts", () => {
  it("are taken as made up when Postgres cannot say them for any reason", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const answer = { message: "permission denied for table users", code: "42501", severity: "ERROR" };
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(answer, { status: 400 }));
    await inStorage("audit-queue-names", async (sql) => {
      expect(await new Accounts(env, sql).exists("somebody", NOW)).toBe(false);
    });
  });
});
