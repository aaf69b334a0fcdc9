import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { app } from "../../worker/app.ts";
import type { Role, Scope } from "../../worker/contract/actor.ts";
import { database } from "../../worker/db/client.ts";
import { usageHourly } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, DEV_TOKEN, INTERNAL, register } from "./api.ts";
import { accept, personWithSession } from "./people.ts";
import { makeWorld, OWN_ORGANIZATIONS, organizationOf, type World } from "./permission-world.ts";
import { sessionOf } from "./session.ts";
import { TestViewer } from "./viewer.ts";

/** What belongs to the other tenant has this in its ids, names, contents and settings. */
const SECRET = organizationOf("foreign");
const WHO = ["viewer", "operator", "admin", "token:read", "token:operate", "token:admin"] as const;
type Who = (typeof WHO)[number];

let world: World;
const bearers = new Map<Who, string>();
let calls = 0;
const leaks: string[] = [];

/** One call as somebody who is bound to the own side; its status, and a leak when the other side is told of. */
async function attempt(who: Who, method: string, path: string, body?: object): Promise<number> {
  const headers = { "CF-Connecting-IP": crypto.randomUUID() };
  const bearer = bearers.get(who) ?? "";
  const answer = await call(method, path, { bearer, headers, ...(body && { body }) });
  calls += 1;
  // What the caller said itself comes back in filters, and in what is not found.
  const own = new Set([path, JSON.stringify(body ?? "")].join(" ").match(/[\w-]*mx-foreign[\w-]*/g) ?? []);
  const told = JSON.stringify({ ...(answer.body ?? { text: answer.text }), filters: null });
  const words = (told.match(/[\w-]*mx-foreign[\w-]*/g) ?? []).filter((word) => answer.status < 400 || !own.has(word));
  if (words.length > 0) leaks.push(`${who} ${method} ${path}: ${answer.status} tells ${words.join()}`);
  return answer.status;
}

async function bearerOf(who: Who): Promise<string> {
  if (!who.startsWith("token:")) return await sessionOf(who as Role, OWN_ORGANIZATIONS);
  const body = { name: "walk", scopes: [who.slice(6) as Scope], organizations: OWN_ORGANIZATIONS };
  return (await call("POST", `${CONTROLLER}/api-tokens`, { body })).body.data.api_token;
}

beforeAll(async () => {
  world = await makeWorld();
  for (const who of WHO) bearers.set(who, await bearerOf(who));
  // Something foreign in every list that is not in the world yet, last, so that it is first in what is walked from the newest.
  const { organization_id, orchestrator_id } = world.foreign;
  await call("POST", `${CONTROLLER}/api-tokens`, {
    body: { name: SECRET, scopes: ["read"], organizations: [organization_id] },
  });
  await call("POST", `${CONTROLLER}/organizations/${organization_id}/join-tokens`, { body: { label: SECRET } });
  const usage = { model: SECRET, provider: SECRET, requests: 1, costUsd: "1" };
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  await database(env)
    .insert(usageHourly)
    .values({ organizationId: organization_id, orchestratorId: orchestrator_id, hour, ...usage });
  await call("POST", `${INTERNAL}/auth/login`, { bearer: null, body: { username: SECRET, password: "wrong" } });
}, 60_000);

/** Every list, and whatever else is read without naming one thing. */
const reads = app.openAPIRegistry.definitions.flatMap((definition) => {
  if (definition.type !== "route" || definition.route.method !== "get") return [];
  const { path, request } = definition.route;
  if (path.includes("{") || path.includes("/stream") || path.includes("/auth/") || path === "/health") return [];
  return [{ path, query: request?.query && "shape" in request.query ? Object.keys(request.query.shape) : [] }];
});

/** Every filter that can name the other side, alone. */
function questionsOf(query: string[]): string[] {
  const { organization_id, orchestrator_id, message_id, user_id } = world.foreign;
  const values: Record<string, string[]> = {
    q: [SECRET, "mx", "content"],
    search: [SECRET],
    content: [SECRET],
    organization_id: [organization_id, `${organization_id},${OWN_ORGANIZATIONS[0]}`],
    organization_ids: [organization_id, `${organization_id},${OWN_ORGANIZATIONS[0]}`],
    organization: [organization_id],
    orchestrator_id: [orchestrator_id],
    ids: [orchestrator_id, `${orchestrator_id},${world.own.orchestrator_id}`],
    actor: [`agent:${orchestrator_id}`, "user:development"],
    target: [organization_id, orchestrator_id, user_id, message_id],
    ended: ["true"],
    format: ["csv"],
    group_by: ["organization", "organization_id", "orchestrator", "model"],
    level: ["INFO"],
    sort: ["name", "-name"],
  };
  return ["", ...query.flatMap((key) => (values[key] ?? []).map((value) => `${key}=${encodeURIComponent(value)}`))];
}

describe("nothing of another tenant is read", () => {
  it("although there is something to read: who is not bound is told of it", async () => {
    const told: string[] = [];
    for (const { path, query } of reads) {
      for (const question of questionsOf(query)) {
        const { status, text } = await call("GET", `${path}?${question}`);
        if (status === 200 && text.replaceAll(/"filters":\{.*?\}/g, "").includes("mx-foreign")) {
          told.push(path);
          break;
        }
      }
    }
    expect(told.length).toBeGreaterThanOrEqual(12);
  });

  it.each(WHO)("by %s in any list, under any filter", async (who) => {
    let answered = 0;
    for (const { path, query } of reads) {
      for (const question of questionsOf(query)) {
        const pages = query.includes("page_size") && !question.includes("csv") ? "page_size=100" : "";
        const full = `${path}?${[question, pages].filter(Boolean).join("&")}`;
        if ((await attempt(who, "GET", full)) === 200) answered += 1;
      }
    }
    expect(leaks).toEqual([]);
    expect(answered).toBeGreaterThan(60);
  });

  it("with a cursor that somebody else was given", async () => {
    let walked = 0;
    for (const { path, query } of reads.filter((read) => read.query.includes("cursor"))) {
      for (const size of ["page_size=1", "limit=1"].filter((one) => query.includes(one.slice(0, one.indexOf("="))))) {
        for (const filter of ["", query.includes("organization_id") ? `&organization_id=${SECRET}` : ""]) {
          const first = (await call("GET", `${path}?${size}${filter}`)).body;
          const cursor: unknown = first?.data?.next_cursor ?? first?.next_cursor;
          if (typeof cursor !== "string") continue;
          walked += 1;
          const rest = `${size.replace("=1", "=100")}${filter}&cursor=${encodeURIComponent(cursor)}`;
          for (const who of WHO) await attempt(who, "GET", `${path}?${rest}`);
        }
      }
    }
    expect(leaks).toEqual([]);
    expect(walked).toBeGreaterThan(8);
  });

  it("on the stream, whatever happens there", async () => {
    for (const who of ["viewer", "token:read"] as const) {
      const viewer = await TestViewer.open({ headers: { Authorization: `Bearer ${bearers.get(who)}` } });
      const marker = `${organizationOf("own")}-${who.replace(":", "-")}`;
      await register(`${SECRET}-${who.replace(":", "-")}`, { organization_id: SECRET });
      await register(marker, { organization_id: organizationOf("own") });
      await eventually(() => expect(JSON.stringify(viewer.frames)).toContain(marker));
      viewer.send({ type: "watch", orchestrator_ids: [world.foreign.orchestrator_id] } as never);
      await register(`${marker}-after`, { organization_id: organizationOf("own") });
      await eventually(() => expect(JSON.stringify(viewer.frames)).toContain(`${marker}-after`));
      calls += 1;
      expect(JSON.stringify(viewer.frames)).not.toContain(SECRET);
      viewer.close();
    }
  });
});

describe("nothing of another tenant is changed", () => {
  it("by ids that stand beside those of one's own, in a path or a body", async () => {
    const { own, foreign } = world;
    const foreignJoin = await call("POST", `${CONTROLLER}/organizations/${foreign.organization_id}/join-tokens`, {
      body: {},
    });
    const foreignKey: string = foreignJoin.body.data.key_id;
    const agentKey = foreign.agentToken.slice(foreign.agentToken.lastIndexOf(".") + 1).slice(0, 10);
    const mixed: [string, string, object | undefined, number][] = [
      ["DELETE", `${CONTROLLER}/organizations/${own.organization_id}/join-tokens/${foreignKey}`, undefined, 404],
      ["DELETE", `${CONTROLLER}/orchestrators/${own.orchestrator_id}/tokens/${agentKey}`, undefined, 404],
      ["GET", `${CONTROLLER}/organizations/${own.organization_id}/config/revisions/999`, undefined, 404],
      [
        "POST",
        `${INTERNAL}/orchestrators/register`,
        { orchestrator_id: own.orchestrator_id, organization_id: foreign.organization_id },
        403,
      ],
      // The id is taken; by whom is not said.
      [
        "POST",
        `${INTERNAL}/orchestrators/register`,
        { orchestrator_id: foreign.orchestrator_id, organization_id: own.organization_id },
        409,
      ],
      [
        "POST",
        `${CONTROLLER}/orchestrator-instances`,
        { orchestrator_id: foreign.orchestrator_id, organization_id: own.organization_id },
        409,
      ],
      ["POST", `${CONTROLLER}/organizations`, { organization_id: "mx-nobodys", name: "mine" }, 403],
    ];
    for (const [method, path, body, status] of mixed) {
      expect([method, path, await attempt("admin", method, path, body)]).toEqual([method, path, status]);
    }
    expect(leaks).toEqual([]);
    const state = await call("GET", `${CONTROLLER}/organizations/${foreign.organization_id}/join-tokens`);
    expect(state.body.data.items.find((one: { key_id: string }) => one.key_id === foreignKey).state).toBe("valid");
    const tokens = await call("GET", `${CONTROLLER}/orchestrators/${foreign.orchestrator_id}/tokens`);
    expect(tokens.body.data.items[0].state).toBe("valid");
    const detail = await call("GET", `${CONTROLLER}/orchestrators/${foreign.orchestrator_id}`);
    expect(detail.body.data.organization_id).toBe(foreign.organization_id);
  });

  it("by a join token that names an orchestrator there", async () => {
    const { own, foreign } = world;
    const path = `${CONTROLLER}/organizations/${own.organization_id}/join-tokens`;
    const made = await call("POST", path, { body: { orchestrator_id: foreign.orchestrator_id } });
    const joined = await call("POST", `${INTERNAL}/orchestrators/join`, {
      bearer: made.body.data.join_token,
      body: { orchestrator_id: foreign.orchestrator_id, name: "mine" },
    });
    calls += 2;
    expect([joined.status, joined.body.agent_token]).toEqual([409, undefined]);
  });
});

describe("nobody becomes more than they are", () => {
  const admin = () => bearers.get("admin") ?? "";
  const post = async (path: string, body: object, bearer = admin()) => {
    calls += 1;
    return (await call("POST", path, { bearer, body })).status;
  };
  const put = async (path: string, body: object, bearer = admin()) => {
    calls += 1;
    return (await call("PUT", path, { bearer, body })).status;
  };
  const person = async (role: Role, organizations: string[] | null): Promise<string> => {
    const body = { username: `mx-own-${role}-${crypto.randomUUID()}`, role, organizations };
    return (await call("POST", `${CONTROLLER}/users`, { body })).body.data.user_id;
  };

  it("by the role or the organizations that they give", async () => {
    const wide: [object, number][] = [
      [{ role: "superadmin" }, 403],
      [{ role: "superadmin", organizations: null }, 403],
      [{ role: "admin", organizations: null }, 403],
      [{ role: "viewer", organizations: [SECRET] }, 403],
      [{ role: "viewer", organizations: [...OWN_ORGANIZATIONS, SECRET] }, 403],
      [{ role: "viewer", organizations: ["mx-nowhere"] }, 403],
    ];
    const target = await person("viewer", OWN_ORGANIZATIONS);
    for (const [access, status] of wide) {
      const username = `mx-own-x-${crypto.randomUUID()}`;
      expect([access, await post(`${CONTROLLER}/users`, { username, ...access })]).toEqual([access, status]);
      expect([access, await put(`${CONTROLLER}/users/${target}`, access)]).toEqual([access, status]);
    }
  });

  it("by changing themselves", async () => {
    const me = await personWithSession(`mx-own-self-${crypto.randomUUID()}`, "admin", OWN_ORGANIZATIONS);
    const own = `${CONTROLLER}/users/${me.user_id}`;
    for (const more of [
      { role: "superadmin" },
      { organizations: null },
      { organizations: [...OWN_ORGANIZATIONS, SECRET] },
      { role: "superadmin", organizations: null },
    ]) {
      expect([more, await put(own, more, me.bearer)]).toEqual([more, 403]);
    }
    expect((await call("GET", `${INTERNAL}/auth/me`, { bearer: me.bearer })).body.user).toMatchObject({
      role: "admin",
      organizations: OWN_ORGANIZATIONS,
    });
    // Who gives something up does not get it back by themselves.
    expect(await put(own, { organizations: [OWN_ORGANIZATIONS[0]] }, me.bearer)).toBe(200);
    expect(await put(own, { organizations: OWN_ORGANIZATIONS }, me.bearer)).toBe(403);
    expect(await put(own, { role: "operator" }, me.bearer)).toBe(200);
    expect(await put(own, { role: "admin" }, me.bearer)).toBe(403);
  });

  it("by acting on somebody who has more", async () => {
    for (const [role, organizations, status] of [
      ["superadmin", null, 404],
      ["admin", null, 404],
      ["viewer", [...OWN_ORGANIZATIONS, SECRET], 403],
      ["viewer", [SECRET], 404],
    ] as const) {
      const id = await person(role, organizations && [...organizations]);
      const user = `${CONTROLLER}/users/${id}`;
      expect([role, await put(user, { is_active: false })]).toEqual([role, status]);
      expect([role, await put(user, { organizations: [OWN_ORGANIZATIONS[0]] })]).toEqual([role, status]);
      expect([role, await post(`${user}/links`, { purpose: "reset" })]).toEqual([role, status]);
      expect([role, await post(`${user}/end-sessions`, {})]).toEqual([role, status]);
    }
    // Not bound, but of a lower role.
    const bearer = await sessionOf("admin", null);
    const root = `${CONTROLLER}/users/${await person("superadmin", null)}`;
    for (const status of [
      await put(root, { role: "viewer" }, bearer),
      await put(root, { is_active: false }, bearer),
      await post(`${root}/links`, { purpose: "reset" }, bearer),
      await post(`${root}/end-sessions`, {}, bearer),
      await put(`${CONTROLLER}/users/${await person("viewer", null)}`, { role: "superadmin" }, bearer),
    ]) {
      expect(status).toBe(403);
    }
  });

  it("by a link that they made for somebody who has more by now", async () => {
    for (const raise of [
      { role: "superadmin", organizations: null },
      { organizations: [...OWN_ORGANIZATIONS, SECRET] },
    ]) {
      const user_id = await person("viewer", OWN_ORGANIZATIONS);
      const maker = await personWithSession(`mx-own-maker-${crypto.randomUUID()}`, "admin", OWN_ORGANIZATIONS);
      const made = await call("POST", `${CONTROLLER}/users/${user_id}/links`, {
        bearer: maker.bearer,
        body: { purpose: "invite" },
      });
      const token: string = made.body.data.link.split("#")[1];
      expect(await put(`${CONTROLLER}/users/${user_id}`, raise, DEV_TOKEN)).toBe(200);
      const refused = await accept(token);
      expect([refused.status, refused.body.error.code]).toEqual([401, "invalid_credentials"]);
      calls += 1;
    }
  });

  it("by a token that may more than its maker", async () => {
    const token = (organizations: string[] | null) => ({ name: "more", scopes: ["admin"], organizations });
    for (const organizations of [null, [SECRET], [...OWN_ORGANIZATIONS, SECRET], ["mx-nowhere"]]) {
      expect(await post(`${CONTROLLER}/api-tokens`, token(organizations))).toBe(403);
    }
    for (const who of ["viewer", "operator", "token:admin", "token:operate"] as const) {
      const bearer = bearers.get(who) ?? "";
      expect([who, await post(`${CONTROLLER}/api-tokens`, token([...OWN_ORGANIZATIONS]), bearer)]).toEqual([who, 403]);
      const user = { username: `mx-own-y-${crypto.randomUUID()}`, role: "viewer", organizations: OWN_ORGANIZATIONS };
      expect([who, await post(`${CONTROLLER}/users`, user, bearer)]).toEqual([who, 403]);
    }
    for (const who of ["viewer", "operator", "token:operate", "token:read"] as const) {
      const bearer = bearers.get(who) ?? "";
      const { organization_id, orchestrator_id } = world.own;
      const join = await post(`${CONTROLLER}/organizations/${organization_id}/join-tokens`, {}, bearer);
      const agent = await post(`${CONTROLLER}/orchestrators/${orchestrator_id}/tokens`, {}, bearer);
      expect([who, join, agent]).toEqual([who, 403, 403]);
    }
  });
});

it("is shown by a walk that has taken place", () => {
  expect(leaks).toEqual([]);
  expect(calls).toBeGreaterThan(700);
});
