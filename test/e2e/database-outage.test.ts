import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Answer } from "../support/controller.ts";
import type { TestDatabase } from "../support/database.ts";
import { eventually, sleep } from "../support/eventually.ts";
import { PythonClient } from "../support/python-client.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const INTERNAL = "/api/v1/internal/orchestrators";
const CONTROLLER = "/api/v1/controller";
/** The promise is 6 s; a loaded machine gets more. */
const ANSWER_MS = 20_000;

interface Outage {
  kind: string;
  begin(database: TestDatabase): Promise<() => Promise<void>>;
}

const outages: Outage[] = [
  {
    kind: "stopped",
    async begin(database) {
      await database.pause();
      return () => database.resume();
    },
  },
  {
    kind: "frozen",
    async begin(database) {
      database.freeze("before");
      return async () => database.unfreeze();
    },
  },
  // Everything is stored, but no answer arrives: what is repeated later must change nothing.
  {
    kind: "mute",
    async begin(database) {
      database.freeze("after");
      return async () => database.unfreeze();
    },
  },
];
if (inject("database") === "postgres") outages.push({ kind: "suspended", begin: suspendServer });

/** SIGSTOP for the server and its backends, as when its machine hangs: connections stay, nobody answers. */
async function suspendServer(database: TestDatabase): Promise<() => Promise<void>> {
  const [server] = await database.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid");
  const backends = await database.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()");
  const pids = [server, ...backends].map((row) => Number(row?.pid));
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // A backend whose connection was idle may have ended since.
      }
    }
  };
  signal("SIGSTOP");
  return async () => signal("SIGCONT");
}

describe("while Postgres is away", () => {
  let stack: Stack;
  const answers: { request: string; status: number; ms: number }[] = [];

  beforeAll(async () => {
    stack = await startStack({ ownServer: true });
  });

  afterAll(async () => {
    stack?.database.unfreeze();
    await stack?.stop();
  });

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const start = performance.now();
    const answer = await stack.controller.call(method, path, body);
    answers.push({ request: `${method} ${path}`, status: answer.status, ms: Math.round(performance.now() - start) });
    return answer;
  }

  describe.each(outages)("$kind", ({ kind, begin }) => {
    const id = (name: string) => `${name}-${kind}`;
    let client: PythonClient;
    let toggled: RawClient;
    let back: RawClient | undefined;
    let newcomer: RawClient | undefined;
    let end: (() => Promise<void>) | null = null;
    let begunAt = 0;
    let toggledAt = 0;

    beforeAll(async () => {
      for (const name of ["steady", "toggled", "absent", "removed"]) await stack.register(id(name));
      client = new PythonClient({
        url: `${stack.controller.wsUrl}/ws`,
        orchestratorId: id("steady"),
        intervalMs: 500,
      }).start();
      toggled = await openSession(`${stack.controller.wsUrl}/ws`, id("toggled"));
      toggled.send(beat());
      // Known to its Durable Object, and away.
      const absent = await openSession(`${stack.controller.wsUrl}/ws`, id("absent"));
      await absent.close(1000);
      await eventually(async () => {
        expect(await stack.instance(id("steady"))).toMatchObject({ status: "active" });
        expect(await stack.instance(id("toggled"))).toMatchObject({ status: "active" });
        expect(await stack.instance(id("absent"))).toMatchObject({ status: "inactive" });
      });
      answers.length = 0;
      end = await begin(stack.database);
      begunAt = Date.now();
    });

    afterAll(async () => {
      await end?.();
      client?.kill();
      for (const socket of [toggled, back, newcomer]) socket?.kill();
    });

    it("answers beats and keeps the sockets open", async () => {
      const before = client.received("keepalive_ack").length;
      await eventually(() => expect(client.received("keepalive_ack").length).toBeGreaterThan(before + 5));
      expect(client.closeCodes).toEqual([]);
    });

    it("answers /live", async () => {
      const { status, body } = await call("GET", `${CONTROLLER}/orchestrators/live`);
      expect(status).toBe(200);
      expect(body.data?.orchestrators?.[id("steady")]).toMatchObject({ status: "connected" });
    });

    it("lets a known orchestrator reconnect", async () => {
      const start = performance.now();
      let hasGivenUp = false;
      const asked = call("GET", `${CONTROLLER}/organizations`).then(() => {
        hasGivenUp = true;
      });
      back = await openSession(`${stack.controller.wsUrl}/ws`, id("absent"));
      console.log(`${kind}: reconnected in ${Math.round(performance.now() - start)} ms`);
      // The promise is 1 s; above all, it must not wait for the database as long as a request that needs it does.
      if (kind !== "stopped") expect(hasGivenUp).toBe(false);
      await asked;
      back.send(beat());
      expect(await back.next("keepalive_ack")).toMatchObject({ independent: false });
    });

    it("lets an unknown one in, too, and stores it later", async () => {
      newcomer = await openSession(`${stack.controller.wsUrl}/ws`, id("newcomer"));
      newcomer.send(beat());
      await newcomer.next("keepalive_ack");
    });

    it("answers database routes with 503 in time", async () => {
      const paths = [`${CONTROLLER}/organizations`, `${CONTROLLER}/orchestrators`];
      const ask = async (path: string) => {
        const start = performance.now();
        const { status, headers, body, text } = await call("GET", path);
        const ms = Math.round(performance.now() - start);
        console.log(`${kind}: GET ${path} → ${status} after ${ms} ms`);
        expect(status, text).toBe(503);
        expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
        expect(body).toMatchObject({ success: false, error: { code: "database_unavailable", accepted: false } });
        expect(ms).toBeLessThan(ANSWER_MS);
      };
      await Promise.all([...paths, `${CONTROLLER}/organizations/${id("steady")}`, INTERNAL].map(ask));
    });

    it("accepts a toggle, which holds at once", async () => {
      const { status, headers, body } = await call("PUT", `${INTERNAL}/${id("toggled")}/independence`, {
        is_independent: true,
      });
      expectAccepted(status, headers, body);
      expect(await toggled.next("independence_update")).toMatchObject({ is_independent: true });
      toggled.send(beat());
      const acks = toggled.received("keepalive_ack").length;
      await eventually(() => expect(toggled.received("keepalive_ack").length).toBeGreaterThan(acks));
      expect(toggled.received("keepalive_ack").at(-1)).toMatchObject({ independent: true });
      toggledAt = Date.now();
    });

    it("accepts a registration and a deregistration", async () => {
      const registered = await call("POST", `${INTERNAL}/register`, { orchestrator_id: id("added"), name: "Added" });
      expectAccepted(registered.status, registered.headers, registered.body);
      const removed = await call("DELETE", `${INTERNAL}/${id("removed")}/deregister`);
      expectAccepted(removed.status, removed.headers, removed.body);
    });

    function expectAccepted(status: number, headers: Headers, body: unknown): void {
      expect(status).toBe(503);
      expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(body).toMatchObject({ message: expect.stringMatching(/accepted/i), error: { accepted: true } });
    }

    it("has the truth in Postgres within 30 s of its return", async () => {
      // Long enough for several failed flushes and their back-off.
      await sleep(Math.max(0, 15_000 - (Date.now() - begunAt)));
      await end?.();
      end = null;
      const returned = Date.now();
      await eventually(
        async () => {
          for (const name of ["steady", "absent", "newcomer"]) {
            expect(await stack.instance(id(name)), name).toMatchObject({ status: "active", is_independent: false });
            expect(await stack.organization(id(name)), name).toMatchObject({ status: "active" });
          }
          expect(Date.parse((await stack.instance(id("steady")))?.last_seen ?? "")).toBeGreaterThan(returned - 5_000);
          expect(await stack.instance(id("toggled"))).toMatchObject({ status: "independent", is_independent: true });
          expect(await stack.organization(id("toggled"))).toMatchObject({ status: "independent" });
          expect(await stack.instance(id("added"))).toMatchObject({ status: "inactive", last_seen: null });
          expect(await stack.organization(id("added"))).toMatchObject({ name: "Added" });
          expect(await stack.instance(id("removed"))).toBeNull();
          expect(await stack.organization(id("removed"))).toBeNull();
        },
        { timeoutMs: 30_000 },
      );
      console.log(`${kind}: Postgres was right ${Date.now() - returned} ms after its return`);
    });

    it("kept last_seen of the toggled one frozen", async () => {
      const stored = (await stack.instance(id("toggled")))?.last_seen ?? null;
      for (let sent = 0; sent < 3; sent++) {
        toggled.send(beat());
        await sleep(1_000);
      }
      expect((await stack.instance(id("toggled")))?.last_seen).toBe(stored);
      expect(Date.parse(stored ?? "")).toBeLessThan(toggledAt);
    });

    it("audited each change once", async () => {
      const changes = [
        ["orchestrator.independence", id("toggled")],
        ["orchestrator.register", id("added")],
        ["orchestrator.deregister", id("removed")],
      ];
      for (const change of changes) {
        const sql = "SELECT count(*)::int AS entries FROM activity_logs WHERE action = $1 AND target_id = $2";
        await eventually(async () =>
          expect(await stack.database.query(sql, change), change.join(" ")).toEqual([{ entries: 1 }]),
        );
      }
    });

    it("never closed a socket nor answered 500", () => {
      expect(client.closeCodes).toEqual([]);
      expect([toggled.isOpen, back?.isOpen, newcomer?.isOpen]).toEqual([true, true, true]);
      expect(answers.filter(({ status }) => status === 500)).toEqual([]);
      expect(answers.filter(({ ms }) => ms > ANSWER_MS)).toEqual([]);
    });
  });
});
