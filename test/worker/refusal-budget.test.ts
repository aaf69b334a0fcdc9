import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AccessEvent } from "../../worker/contract/session.ts";
import type { RateLimiter } from "../../worker/middleware/rate.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { bearer, firstToken } from "./agent-token-calls.ts";
import { type CallOptions, CONTROLLER, call, INTERNAL } from "./api.ts";
import { upgrade } from "./client.ts";
import { sessionOf } from "./session.ts";
import { statementOf } from "./statements.ts";

const LIMIT = 10;
const FORGED = 200;
const LIST = `${CONTROLLER}/organizations`;
const JOIN = `${INTERNAL}/orchestrators/join`;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Counts for ever, as the platform does for a minute. */
function limiter(): RateLimiter {
  const counts = new Map<string, number>();
  return {
    limit: async ({ key }) => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { success: count <= LIMIT };
    },
  };
}

/** Calls from one site, whose refusals are counted together. */
function site(address: string, refusals = limiter(), bindings: Partial<Env> = {}) {
  const withSite = (options: CallOptions): CallOptions => ({
    bearer: null,
    // Over the budget the audit is told a second later.
    waits: false,
    ...options,
    headers: { "CF-Connecting-IP": address, ...options.headers },
    env: { REFUSAL_RATE: refusals, ...bindings },
  });
  return {
    get: (credential: string, path = LIST) =>
      call(
        "GET",
        path,
        withSite({ headers: { ...bearer(credential), ...(path === "/ws" && { Upgrade: "websocket" }) } }),
      ),
    /** Waits also for what is done behind the answer. */
    settled: (credential: string) => call("GET", LIST, { ...withSite({ headers: bearer(credential) }), waits: true }),
    page: (path: string) => call("GET", path, withSite({})),
    post: (path: string, body: object, headers: Record<string, string> = {}) =>
      call("POST", path, withSite({ body, headers })),
    cookie: (token: string) => call("GET", LIST, withSite({ headers: { Cookie: `__Host-moolai_session=${token}` } })),
    /** So many refusals that no more are answered, and so many that no more are looked up. */
    async exhaust() {
      for (let index = 0; index <= LIMIT; index++) {
        await this.get("made-up");
        await this.get(newToken("api").text);
      }
    },
    at: (elsewhere: string) => site(elsewhere, refusals),
  };
}

interface Told {
  method: string;
  given: unknown;
}

/** The objects behind a binding, and what the Worker tells them. */
function watched<Namespace extends object>(namespace: Namespace, calls: Told[]): Namespace {
  const stubOf = (stub: object): object =>
    new Proxy(stub, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          calls.push({ method: String(method), given: given[0] });
          return Reflect.apply(value, target, given);
        };
      },
    });
  return new Proxy(namespace, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        const made: unknown = Reflect.apply(value, target, given);
        return (key === "get" || key === "getByName") && made ? stubOf(made as object) : made;
      };
    },
  });
}

/** The statements that were sent meanwhile: about tokens, and all of them. */
async function statementsOf(work: () => Promise<unknown>): Promise<{ lookups: number; all: number }> {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const sent = vi.spyOn(globalThis, "fetch");
  await work();
  const statements = sent.mock.calls.map(statementOf);
  sent.mockRestore();
  return {
    lookups: statements.filter((text) => /from \\?"(api|join)_tokens/.test(text)).length,
    all: statements.length,
  };
}

async function apiToken(): Promise<string> {
  const body = { name: "budget", scopes: ["read"], organizations: null, expires_at: inAnHour() };
  return (await call("POST", `${CONTROLLER}/api-tokens`, { body })).body.data.api_token;
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe("forged tokens from one address", () => {
  it.each([
    [
      "API tokens one after the other",
      "203.0.113.151",
      false,
      (of: ReturnType<typeof site>) => of.get(newToken("api").text),
    ],
    [
      "API tokens at the same time",
      "203.0.113.152",
      true,
      (of: ReturnType<typeof site>) => of.get(newToken("api").text),
    ],
    [
      "join tokens",
      "203.0.113.153",
      true,
      (of: ReturnType<typeof site>) => of.post(JOIN, { orchestrator_id: "bud-forged" }, bearer(newToken("join").text)),
    ],
    [
      "tokens of wall screens",
      "203.0.113.154",
      true,
      (of: ReturnType<typeof site>) => of.post(`${INTERNAL}/auth/token-session`, { token: newToken("api").text }),
    ],
    ["cookies", "203.0.113.155", true, (of: ReturnType<typeof site>) => of.cookie(newToken("api").text)],
  ] as const)(
    "cost as many statements as may be refused, not one each: %s",
    async (_what, address, isParallel, ask) => {
      const of = site(address);
      const answers: Awaited<ReturnType<typeof ask>>[] = [];
      const { lookups, all } = await statementsOf(async () => {
        if (isParallel) answers.push(...(await Promise.all(Array.from({ length: FORGED }, () => ask(of)))));
        else for (let index = 0; index < FORGED; index++) answers.push(await ask(of));
      });
      const refused = answers.filter(({ status }) => status === 429);
      expect([refused.length, answers.filter(({ status }) => status === 401).length]).toEqual([FORGED - LIMIT, LIMIT]);
      for (const answer of refused) expect(answer.headers.get("Retry-After")).toBe("60");
      expect(lookups).toBe(LIMIT);
      // The others are the first rows of the audit.
      expect(all).toBeLessThan(LIMIT + 10);
      console.log(`${_what}: ${FORGED} calls, ${lookups} lookups, ${all} statements`);
    },
  );

  it.each([
    ["with a wrong checksum", "203.0.113.161", () => `${newToken("api").text.slice(0, -6)}aaaaaa`],
    ["of an orchestrator that nobody knows", "203.0.113.162", () => newToken("agent", "bud-nobody").text],
    ["of an orchestrator that exists", "203.0.113.163", () => newToken("agent", "bud-known").text],
    ["that are none at all", "203.0.113.164", () => "made-up"],
  ])("cost no lookup when they can be told without one: %s", async (_what, address, make) => {
    await firstToken("bud-known").catch(() => {});
    const of = site(address);
    const { lookups, all } = await statementsOf(async () => {
      for (let index = 0; index < FORGED; index++) await of.get(make());
    });
    expect(lookups).toBe(0);
    expect(all).toBeLessThan(10);
  });

  it("are all counted in the audit, also those that were not looked at", async () => {
    const address = "203.0.113.171";
    const of = site(address);
    await Promise.all(Array.from({ length: FORGED }, () => of.settled(newToken("api").text)));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    await runDurableObjectAlarm(env.AUTH.getByName("auth"));
    vi.useRealTimers();
    const { items } = (await call("GET", `${CONTROLLER}/audit?q=${address}&page_size=100`)).body.data;
    const counts = Map.groupBy(items as { after: { code: string; count: number } }[], ({ after }) => after.code);
    const countOf = (code: string) => counts.get(code)?.reduce((sum, { after }) => sum + after.count, 0);
    expect([countOf("unauthorized"), countOf("rate_limited")]).toEqual([LIMIT, FORGED - LIMIT]);
    expect(items.length).toBeLessThanOrEqual(4);
  });

  it.each([
    ["of an orchestrator that exists, over REST", "203.0.113.191", "bud-noted", LIST],
    ["of an orchestrator that exists, on the socket", "203.0.113.192", "bud-noted", "/ws"],
    ["of an orchestrator that nobody knows, over REST", "203.0.113.193", "bud-unknown", LIST],
    ["of an orchestrator that nobody knows, on the socket", "203.0.113.194", "bud-unknown", "/ws"],
    ["in the address of a page", "203.0.113.195", "bud-noted", "/orchestrators?token="],
  ])("are told to no object one by one over the budget: %s", async (_what, address, id, path) => {
    await firstToken("bud-noted").catch(() => {});
    const calls: Told[] = [];
    const of = site(address, limiter(), {
      AUTH: watched(env.AUTH, calls),
      FLEET: watched(env.FLEET, calls),
      ORCHESTRATOR: watched(env.ORCHESTRATOR, calls),
    });
    const made = Array.from({ length: FORGED }, () => newToken("agent", id).text);
    const answers = await Promise.all(
      made.map((token) => (path.endsWith("=") ? of.page(path + token) : of.get(token, path))),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(FORGED - LIMIT);
    const events = () => calls.filter(({ method }) => method === "note").map(({ given }) => given as AccessEvent);
    await eventually(() =>
      expect(events().reduce((sum, { count = 1 }) => sum + count, 0)).toBeGreaterThanOrEqual(FORGED - LIMIT),
    );
    expect(events().reduce((sum, { count = 1 }) => sum + count, 0)).toBe(FORGED - LIMIT);
    expect(events().length).toBeLessThan(FORGED / 10);
    expect(calls.filter(({ method }) => method === "refused").length).toBeLessThanOrEqual(2 * LIMIT);
  });
});

describe("good credentials from an address that is over its budget", () => {
  it("are taken as long as nobody has to be asked about them", async () => {
    const of = site("203.0.113.181");
    const [token, agent, session] = [await apiToken(), await firstToken("bud-agent"), await sessionOf("viewer", null)];
    expect((await of.get(token)).status).toBe(200);
    await of.exhaust();
    expect((await of.get("made-up")).status).toBe(429);
    expect((await of.get(token)).status).toBe(200);
    expect((await of.get(session)).status).toBe(200);
    expect((await of.cookie(session)).status).toBe(200);
    expect((await of.get(agent, `${INTERNAL}/health`)).status).toBe(200);
    expect((await upgrade("/ws", { ...bearer(agent), "CF-Connecting-IP": "203.0.113.181" })).status).toBe(101);
  });

  it("wait when they were never presented, and are taken from elsewhere at once", async () => {
    const of = site("203.0.113.182");
    const token = await apiToken();
    await of.exhaust();
    const answer = await of.get(token);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect((await of.at("203.0.113.183").get(token)).status).toBe(200);
    expect((await of.get(token)).status).toBe(200);
  });

  it("let others of the site join, whose neighbours try for ever with tokens that are revoked", async () => {
    const path = `${CONTROLLER}/organizations/bud-repair/join-tokens`;
    await call("POST", `${CONTROLLER}/organizations`, { body: { organization_id: "bud-repair", name: "Site" } });
    const made = await call("POST", path, { body: { max_uses: 1 } });
    const of = site("203.0.113.185");
    for (let index = 0; index < 2 * LIMIT; index++) await of.get(newToken("agent", "bud-revoked").text);
    expect((await of.get(newToken("agent", "bud-revoked").text)).status).toBe(429);
    const joined = await of.post(JOIN, { orchestrator_id: "bud-repaired" }, bearer(made.body.data.join_token));
    expect(joined.status).toBe(200);
    expect((await of.get(await apiToken())).status).toBe(200);
  });

  it("let all machines of a site join with one join token", async () => {
    const path = `${CONTROLLER}/organizations/bud-site/join-tokens`;
    await call("POST", `${CONTROLLER}/organizations`, { body: { organization_id: "bud-site", name: "Site" } });
    const made = await call("POST", path, { body: { max_uses: 50 } });
    const token: string = made.body.data.join_token;
    const of = site("203.0.113.184");
    for (let index = 0; index < LIMIT + 5; index++) {
      const answer = await of.post(JOIN, { orchestrator_id: `bud-site-${index}` }, bearer(token));
      expect(answer.status).toBe(200);
    }
  });
});
