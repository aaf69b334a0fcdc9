import { describe, expect, it } from "vitest";
import { app } from "../../worker/app.ts";
import type { Role, Scope } from "../../worker/contract/actor.ts";
import { PERMISSIONS } from "../../worker/contract/permissions.ts";
import { PAGES } from "../../worker/routes/pages.ts";
import { SSO_CALLBACK, SSO_START } from "../../worker/routes/sso.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { EXPECTED, type Expectation } from "./permission-expectations.ts";
import { makeWorld, OWN_ORGANIZATIONS, organizationOf, requestFor, SIDES, type Side } from "./permission-world.ts";
import { sessionOf } from "./session.ts";

/** What is served without being a route of the API: sockets of orchestrators, assets, and the documents. */
const NO_API = new Set(
  ["/ws", "/ws/*", "/openapi.json", "/docs", SSO_START, SSO_CALLBACK, ...PAGES].map((path) => `GET ${path}`),
);

interface Declared {
  name: string;
  permission: unknown;
  query: string[];
}

const declared: Declared[] = app.openAPIRegistry.definitions.flatMap((definition) => {
  if (definition.type !== "route") return [];
  const { method, path, request } = definition.route;
  const query = request?.query && "shape" in request.query ? Object.keys(request.query.shape) : [];
  const permission: unknown = Reflect.get(definition.route, "x-permission");
  return [{ name: `${method.toUpperCase()} ${path}`, permission, query }];
});

/** Served, but left out of the document: walked like the others. */
const HIDDEN = ["GET /api/v1/controller/orchestrators/live/{orchestrator_id}"];
const walked = [...declared, ...HIDDEN.map((name) => ({ name, query: [] }))];

describe("every route", () => {
  it("declares a permission of the table", () => {
    for (const { name, permission } of declared) expect(PERMISSIONS, name).toHaveProperty([String(permission)]);
  });

  it("is declared at all, or is one of the few that belong to no API", () => {
    const known = new Set(walked.map(({ name }) => name.replaceAll(/\{(\w+)\}/g, ":$1")));
    const served = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(served)].filter((name) => !known.has(name) && !NO_API.has(name))).toEqual([]);
  });

  it("is expected to be for somebody, in a table that was written apart from the code", () => {
    expect(walked.map(({ name }) => name).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it("guards before anything else looks at the request", async () => {
    for (const { name } of walked) {
      const [method = "", template = ""] = name.split(" ");
      if (EXPECTED[name]?.public) continue;
      const path = template.replaceAll(/\{\w+\}/g, "..%2F..");
      const { status } = await call(method, `${path}?page=x`, {
        bearer: "wrong",
        ...(method !== "GET" && { body: "{" }),
      });
      expect([name, status]).toEqual([name, 401]);
    }
  });
});

type Who = "anonymous" | "agent" | Role | `token:${Scope}`;
const ACTORS: Who[] = [
  "anonymous",
  "agent",
  "viewer",
  "operator",
  "admin",
  "superadmin",
  "token:read",
  "token:operate",
  "token:admin",
];
const ROLES: Role[] = ["viewer", "operator", "admin", "superadmin"];
const SCOPES: Scope[] = ["read", "operate", "admin"];

function isPermitted(who: Who, expected: Expectation): boolean {
  if (expected.public) return true;
  // Without a credential, development takes the caller for an orchestrator where one may call.
  if (who === "anonymous" || who === "agent") return expected.agent === true;
  if (who.startsWith("token:")) {
    return expected.scope !== undefined && SCOPES.indexOf(who.slice(6) as Scope) >= SCOPES.indexOf(expected.scope);
  }
  return expected.role !== undefined && ROLES.indexOf(who as Role) >= ROLES.indexOf(expected.role);
}

function expectedStatus(who: Who, side: Side, expected: Expectation): number {
  if (!isPermitted(who, expected)) return who === "anonymous" ? 401 : 403;
  const isBound = who !== "anonymous" && who !== "superadmin";
  if (side === "foreign" && isBound && !expected.public) return expected.foreign ?? expected.status ?? 200;
  return (who === "anonymous" ? expected.development : undefined) ?? expected.status ?? 200;
}

describe.each(ACTORS)("%s", (who) => {
  it.each(SIDES)("gets from every route what the table says, for what is %s", { timeout: 120_000 }, async (side) => {
    const world = await makeWorld();
    const wrong: string[] = [];
    let calls = 0;
    for (const { name, query } of walked) {
      const expected = EXPECTED[name];
      if (!expected) continue;
      const { method, path, body, agentToken } = await requestFor(name, query, side, world);
      const bearer = await bearerOf(who, side === "own" ? agentToken : world.own.agentToken);
      // Each call its own address, so that the login throttle stays out of it.
      const headers = { "CF-Connecting-IP": crypto.randomUUID() };
      const answer = await call(method, path, { bearer, headers, ...(body !== undefined && { body }) });
      calls += 1;
      const wanted = expectedStatus(who, side, expected);
      if (answer.status !== wanted) wrong.push(`${method} ${path}: ${answer.status}, not ${wanted} ${answer.text}`);
      const isBound = who !== "anonymous" && who !== "superadmin";
      // Filters that come back are the caller's own words.
      const told = JSON.stringify({ ...answer.body, filters: null });
      if (isBound && answer.status === 200 && told.includes("mx-foreign")) {
        wrong.push(`${method} ${path} tells of the foreign organization: ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(calls).toBe(Object.keys(EXPECTED).length);
  });
});

const apiTokens = new Map<Who, string>();

/** A credential that is bound to the own side, but for a superadmin's. Some routes end it: each call has its own session. */
async function bearerOf(who: Who, agentToken: string): Promise<string | null> {
  if (who === "anonymous") return null;
  if (who === "agent") return agentToken;
  if (!who.startsWith("token:")) return await sessionOf(who as Role, who === "superadmin" ? null : OWN_ORGANIZATIONS);
  const body = { name: "matrix", scopes: [who.slice(6)], organizations: OWN_ORGANIZATIONS };
  const token = apiTokens.get(who) ?? (await call("POST", `${CONTROLLER}/api-tokens`, { body })).body.data.api_token;
  apiTokens.set(who, token);
  return token;
}

it("takes an unknown organization for a foreign one where something is made in it", async () => {
  const bearer = await sessionOf("admin", OWN_ORGANIZATIONS);
  const make = (organization_id: string) =>
    call("POST", `${INTERNAL}/orchestrators/register`, { bearer, body: { orchestrator_id: "mx-x", organization_id } });
  const [unknown, foreign] = [await make("mx-nowhere"), await make(organizationOf("foreign"))];
  expect([unknown.status, unknown.body.message]).toEqual([foreign.status, foreign.body.message]);
});
