import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { app } from "../../worker/app.ts";
import type { Role, Scope } from "../../worker/contract/actor.ts";
import { CONTROLLER, call } from "./api.ts";
import { EXPECTED, type Expectation } from "./permission-expectations.ts";
import { makeWorld, OWN_ORGANIZATIONS, requestFor } from "./permission-world.ts";
import { sessionOf } from "./session.ts";

/** Marks the statements of the call from those that objects make at times of their own. */
const MARK = "application_name=walk";

afterEach(() => {
  vi.restoreAllMocks();
});

const routes = app.openAPIRegistry.definitions.flatMap((definition) => {
  if (definition.type !== "route") return [];
  const { method, path, request } = definition.route;
  const query = request?.query && "shape" in request.query ? Object.keys(request.query.shape) : [];
  return [{ name: `${method.toUpperCase()} ${path}`, query }];
});

const ID_KEYS = ["user_id", "message_id", "key_id", "orchestrator_id", "organization_id"] as const;
const idsOf = (target: Record<string, string>) => ID_KEYS.flatMap((key) => target[key] ?? []);

/** The same request for something that there is not. */
function unknownTwin<T>(request: T, target: Record<string, string>): T {
  const random = "01a228c4-0000-4000-8000-000000000000";
  const twins: Record<string, string> = {
    organization_id: "mx-nowhere",
    orchestrator_id: "mx-nowhere-o",
    user_id: random,
    message_id: `msg_${random}`,
    key_id: "Nowhere123",
  };
  let text = JSON.stringify(request);
  for (const key of ID_KEYS) {
    const [known, twin] = [target[key], twins[key]];
    if (known && twin) text = text.replaceAll(known, twin);
  }
  return JSON.parse(text) as T;
}

/** What an answer says, without what differs from call to call. */
function comparable(text: string, ids: string[]): string {
  let same = text.replaceAll(/"request_id":"[^"]+"/g, "").replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<moment>");
  for (const id of ids.toSorted((one, other) => other.length - one.length)) same = same.replaceAll(id, "<id>");
  return same;
}

/** Counts what a call asks of Postgres and of objects. */
async function cost(method: string, path: string, options: { bearer: string; body?: unknown }) {
  const asked: string[] = [];
  const { fetch } = globalThis;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    const headers = new Headers(request[1]?.headers);
    if (headers.get("Neon-Connection-String")?.includes(MARK)) {
      asked.push("statement");
    }
    return await fetch(...request);
  });
  const counting = <T extends object>(name: string, namespace: T): T =>
    new Proxy(namespace, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (key === "get" || key === "getByName") asked.push(name);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  const { ORCHESTRATOR, FLEET, AUTH, DATABASE_URL = "" } = env;
  const answer = await call(method, path, {
    ...options,
    headers: { "CF-Connecting-IP": crypto.randomUUID() },
    env: {
      ORCHESTRATOR: counting("orchestrator", ORCHESTRATOR),
      FLEET: counting("fleet", FLEET),
      AUTH: counting("auth", AUTH),
      DATABASE_URL: `${DATABASE_URL}${DATABASE_URL.includes("?") ? "&" : "?"}${MARK}`,
    },
  });
  spy.mockRestore();
  return { answer, asked: asked.toSorted() };
}

type Who = "admin" | "viewer" | "token:admin" | "agent";

function isPermitted(who: Who, { role, scope, agent }: Expectation): boolean {
  if (who === "agent") return agent === true;
  if (who === "token:admin") return scope !== undefined;
  return who === "admin" ? role !== undefined && role !== "superadmin" : role === "viewer";
}

async function bearerOf(who: Who, agentToken: string): Promise<string> {
  if (who === "agent") return agentToken;
  if (who !== "token:admin") return await sessionOf(who as Role, OWN_ORGANIZATIONS);
  const body = { name: "walk", scopes: ["admin" satisfies Scope], organizations: OWN_ORGANIZATIONS };
  return (await call("POST", `${CONTROLLER}/api-tokens`, { body })).body.data.api_token;
}

/** Which orchestrator was refused is told behind the answer, to those whom it concerns: nobody waits for that. */
function costOf(who: Who, asked: string[]): string {
  return asked.filter((one) => who !== "agent" || one === "statement").join();
}

it.each<Who>(["admin", "viewer", "token:admin", "agent"])(
  "%s cannot tell what is another organization's from what there is not",

  async (who) => {
    const world = await makeWorld();
    const differences: string[] = [];
    let compared = 0;
    let statements = 0;
    const bearer = await bearerOf(who, world.own.agentToken);
    // Postgres is told of the first use of a token.
    await call("GET", `${CONTROLLER}/organizations`, { bearer });
    for (const { name, query } of routes) {
      const expected = EXPECTED[name];
      if (!expected || expected.public || !isPermitted(who, expected)) continue;
      const { target, method, path, body } = await requestFor(name, query, "foreign", world);
      const ids = idsOf(target);
      const twin = unknownTwin({ path, body }, target);
      // Nothing is named that could be foreign.
      if (twin.path === path && JSON.stringify(twin.body) === JSON.stringify(body)) continue;
      const foreign = await cost(method, path, { bearer, ...(body !== undefined && { body }) });
      const unknown = await cost(method, twin.path, { bearer, ...(body !== undefined && { body: twin.body }) });
      compared += 1;
      statements += foreign.asked.length;
      const unknownIds = idsOf(unknownTwin(target, target));
      const [one, other] = [comparable(foreign.answer.text, ids), comparable(unknown.answer.text, unknownIds)];
      if (foreign.answer.status !== unknown.answer.status || one !== other) {
        differences.push(`${method} ${path}: ${foreign.answer.status} ${one} / ${unknown.answer.status} ${other}`);
      }
      // One that was never used takes longer to answer than one that runs.
      if (who !== "agent" && foreign.asked.includes("orchestrator"))
        differences.push(`${method} ${path} asks the object`);
      const [foreignCost, unknownCost] = [foreign, unknown].map(({ asked }) => costOf(who, asked));
      if (foreignCost !== unknownCost) differences.push(`${method} ${path} asks ${foreignCost} / ${unknownCost}`);
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan({ admin: 40, viewer: 15, "token:admin": 35, agent: 8 }[who]);
    expect(statements).toBeGreaterThan(compared);
  },
);
