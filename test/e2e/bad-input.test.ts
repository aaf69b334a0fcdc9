import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BadRequest } from "../support/bad-bodies.ts";
import { KNOWN_ID } from "../support/bad-bodies.ts";
import { badRequests } from "../support/bad-requests.ts";
import { type Answer, type RequestOptions, readAnswer } from "../support/controller.ts";
import { RawClient, UpgradeRefused } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const states = [
  { state: "up", begin: async () => {}, end: async () => {} },
  {
    state: "stopped",
    begin: (stack: Stack) => stack.database.pause(),
    end: (stack: Stack) => stack.database.resume(),
  },
  {
    state: "frozen",
    begin: async (stack: Stack) => stack.database.freeze(),
    end: async (stack: Stack) => stack.database.unfreeze(),
  },
];

/** Good requests, which may fail in no other way than with 503 while the database is away. */
const goodRequests: [string, string, unknown?][] = [
  ["GET", "/health"],
  ["GET", "/api/v1/internal/health"],
  ["GET", "/api/v1/internal/logs"],
  ["GET", "/api/v1/internal/orchestrators"],
  ["GET", "/api/v1/internal/orchestrators/live"],
  ["GET", `/api/v1/internal/orchestrators/${KNOWN_ID}/independence`],
  ["POST", "/api/v1/internal/orchestrators/heartbeat", { orchestrator_id: KNOWN_ID }],
  ["POST", "/api/v1/internal/auth/login", { username: "superadmin", password: "moolai-dev" }],
  ["GET", "/api/v1/controller/health"],
  ["GET", "/api/v1/controller/logs"],
  ["GET", "/api/v1/controller/organizations"],
  ["GET", `/api/v1/controller/organizations/${KNOWN_ID}`],
  ["GET", "/api/v1/controller/orchestrators"],
  ["GET", "/api/v1/controller/orchestrators/live"],
  ["GET", `/api/v1/controller/orchestrators/${KNOWN_ID}`],
  ["GET", `/api/v1/controller/orchestrators/${KNOWN_ID}/activity`],
  ["GET", "/api/v1/controller/orchestrator-instances"],
  ["GET", "/api/v1/controller/orchestrator-instances/live"],
  ["GET", `/api/v1/controller/orchestrator-instances/${KNOWN_ID}`],
  ["GET", "/api/v1/internal/messages"],
  ["GET", `/api/v1/internal/orchestrators/${KNOWN_ID}/messages`],
  ["GET", `/api/v1/controller/organizations/${KNOWN_ID}/config`],
  ["GET", "/api/v1/controller/overview"],
  ["GET", "/api/v1/controller/costs?include_forecast=true"],
  ["GET", "/api/v1/controller/audit"],
  ["GET", "/api/v1/controller/audit?format=csv"],
  ["GET", "/api/v1/controller/users"],
  ["GET", "/openapi.json"],
  ["GET", "/docs"],
  ["GET", "/"],
];

describe("bad REST input", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
    await stack.register(KNOWN_ID);
  });

  afterAll(async () => {
    stack?.database.unfreeze();
    await stack?.stop();
  });

  async function send({ method, path, headers = {}, bearer, body, streamed }: BadRequest): Promise<Answer> {
    const payload = streamed ? { body: new Blob([body ?? ""]).stream(), duplex: "half" } : { body: body ?? null };
    const credential = bearer === undefined ? {} : { bearer };
    const init = { method, headers, ...credential, ...(body === undefined ? {} : payload) };
    return readAnswer(await stack.controller.fetch(path, init as RequestOptions));
  }

  describe.each(states)("with the database $state", ({ state, begin, end }) => {
    let answers: Map<string, Answer>;

    // All at once while the database is away, because each may wait for its time limit; else so few that a busy machine
    // answers them within it.
    async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
      const size = state === "up" ? 5 : items.length;
      for (let start = 0; start < items.length; start += size) {
        await Promise.all(items.slice(start, start + size).map(work));
      }
    }

    beforeAll(async () => {
      await begin(stack);
      answers = new Map();
      await inTurns(badRequests, async (request) => answers.set(request.name, await send(request)));
    });

    afterAll(async () => {
      await end(stack);
    });

    it.each(badRequests)("$name → $status $code", (request) => {
      const answer = answers.get(request.name);
      if (!answer) throw new Error("no answer");
      const { status, headers, body, text } = answer;
      const isAway = state !== "up" && request.asksDatabase === true && status === 503;
      expect(status, text).toBe(isAway ? 503 : request.status);
      expect(body, text).toMatchObject({
        success: false,
        message: expect.stringMatching(/./),
        error: {
          code: isAway ? "database_unavailable" : request.code,
          request_id: expect.stringMatching(/./),
          details: expect.any(Array),
        },
      });
      expect(headers.get("Content-Type")).toMatch(/^application\/json/);
      // Nothing of the inside may show.
      expect(text).not.toMatch(/select |insert |postgres|\bat .*\.(ts|js):\d+|node_modules|fake-dev-token/i);
      if (status === 401) expect(headers.get("WWW-Authenticate")).toBe("Bearer");
      if (status === 405) expect(headers.get("Allow")).toMatch(/[A-Z]+/);
      if (status === 503) expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
      if (request.code === "validation_failed") expect(body.error?.details?.[0]).toHaveProperty("message");
    });

    it("answers good requests, or 503 where it needs the database", async () => {
      const allowed = state === "up" ? [200] : [200, 503];
      const others: string[] = [];
      await inTurns(goodRequests, async ([method, path, body]) => {
        const { status, text } = await stack.controller.call(method, path, body);
        if (!allowed.includes(status)) others.push(`${method} ${path}: ${status} ${text.slice(0, 200)}`);
      });
      expect(others).toEqual([]);
    });

    it("refuses an upgrade from a foreign Origin with 403", async () => {
      for (const path of ["/ws", `/ws/${KNOWN_ID}`, "/"]) {
        const opening = RawClient.open(`${stack.controller.wsUrl}${path}`, { origin: "https://evil.example" });
        const refusal = await opening.catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(UpgradeRefused);
        expect(refusal).toMatchObject({ status: 403 });
        expect(String(refusal)).toContain("origin_rejected");
      }
    });

    it("refuses a bad id in the URL of an upgrade", async () => {
      for (const path of ["/ws/a%20b", "/ws/-a", "/ws?orchestrator_id=a%20b"]) {
        const refusal = await RawClient.open(`${stack.controller.wsUrl}${path}`).catch((error: unknown) => error);
        expect(refusal, path).toBeInstanceOf(UpgradeRefused);
        expect([400, 404, 422], path).toContain((refusal as UpgradeRefused).status);
      }
    });
  });

  it("reads exactly up to the limits", async () => {
    const good = JSON.stringify({ orchestrator_id: KNOWN_ID });
    const headers = { "Content-Type": "application/json" };
    for (const [path, size] of [
      ["/api/v1/internal/orchestrators/heartbeat", 64 * 1024],
      ["/api/v1/internal/orchestrators/register", 256 * 1024],
    ] as const) {
      const response = await stack.controller.fetch(path, { method: "POST", headers, body: good.padEnd(size, " ") });
      expect(response.status, path).toBe(200);
    }
  });

  it("changed nothing", async () => {
    expect((await stack.instances()).map((row) => row.orchestrator_id)).toEqual([KNOWN_ID]);
    expect(await stack.organization("org-other")).toBeNull();
  });
});
