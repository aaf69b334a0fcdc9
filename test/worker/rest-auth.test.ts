import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { digestOf, newSessionToken } from "../../worker/middleware/credentials.ts";
import { type Answer, CONTROLLER, call, DEV_TOKEN, INTERNAL, register } from "./api.ts";
import { sessionOf } from "./session.ts";

const LOGIN = `${INTERNAL}/auth/login`;
const ME = `${INTERNAL}/auth/me`;
const GOOD = { username: "superadmin", password: "moolai-dev" };
const BROWSER = { Origin: "https://controller.example", "Sec-Fetch-Site": "same-origin" };
const auth = env.AUTH.getByName("auth");

/** Each test its own address, so that failures of one do not count for another. */
let lastAddress = 0;
function address(): Record<string, string> {
  lastAddress += 1;
  return { "CF-Connecting-IP": `192.0.2.${lastAddress}` };
}

function login(body: unknown, headers: Record<string, string> = address()): Promise<Answer> {
  return call("POST", LOGIN, { body, headers, bearer: null });
}

function cookieOf(answer: Answer): string {
  return answer.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
}

describe("a bearer token", () => {
  it("lets the development token in", async () => {
    const { body } = await call("GET", ME);
    expect(body.user).toEqual({ username: "development", role: "superadmin", organizations: null });
    expect(body.mode).toBe("development");
  });

  it.each([
    ["none", {}],
    ["a wrong one", { Authorization: "Bearer wrong" }],
    ["a longer one", { Authorization: `Bearer ${DEV_TOKEN}x` }],
    ["an empty one", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: `Basic ${btoa(`${DEV_TOKEN}:`)}` }],
    ["two headers", { Authorization: `Bearer ${DEV_TOKEN}, Bearer ${DEV_TOKEN}` }],
    ["an unknown session", { Authorization: `Bearer ${newSessionToken()}` }],
  ])("refuses %s", async (_what, headers) => {
    const answer = await call("GET", `${ME}?token=${DEV_TOKEN}&access_token=${DEV_TOKEN}`, { bearer: null, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect(answer.body.error.code).toBe("unauthorized");
  });

  it("is not optional where agents need none: a wrong one is refused", async () => {
    const path = `${INTERNAL}/health`;
    expect((await call("GET", path, { bearer: null })).status).toBe(200);
    expect((await call("GET", path, { bearer: "wrong" })).status).toBe(401);
  });
});

describe("login", () => {
  it("gives a token to programs, which logout ends", async () => {
    const answer = await login(GOOD);
    expect(answer.body).toMatchObject({ success: true, message: "Login successful" });
    const { token, ...user } = answer.body.user;
    expect(user).toEqual({ username: "superadmin", role: "superadmin" });
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await call("GET", ME, { bearer: token })).body.user.username).toBe("superadmin");
    expect((await call("POST", `${INTERNAL}/auth/logout`, { bearer: token })).status).toBe(200);
    expect((await call("GET", ME, { bearer: token })).status).toBe(401);
  });

  it("gives browsers a cookie and no token", async () => {
    const answer = await login(GOOD, { ...address(), ...BROWSER });
    expect(answer.body.user).toEqual({ username: "superadmin", role: "superadmin" });
    const cookie = answer.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^__Host-moolai_session=[\w-]{43};/);
    for (const attribute of ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"]) expect(cookie).toContain(attribute);
    expect(cookie).not.toContain("Domain");
  });

  it("refuses another site", async () => {
    const crossSite = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    expect((await login(GOOD, { ...address(), ...crossSite })).body.error.code).toBe("csrf_rejected");
    const origin = { Origin: "https://evil.example" };
    expect((await login(GOOD, { ...address(), ...origin })).body.error.code).toBe("origin_rejected");
  });

  it("does not say what was wrong", async () => {
    const name = await login({ username: "nobody", password: GOOD.password });
    const password = await login({ ...GOOD, password: "wrong" });
    expect([name.status, password.status]).toEqual([401, 401]);
    expect(name.body.error.code).toBe("invalid_credentials");
    expect(name.body.message).toBe(password.body.message);
  });

  it("admits exactly five of many guesses at once", async () => {
    const headers = address();
    const guess = () => login({ username: "guessed", password: "wrong" }, headers);
    const statuses = (await Promise.all(Array.from({ length: 12 }, guess))).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
    const refused = await login({ username: "GUESSED", password: "right" }, headers);
    expect(refused.body.error.code).toBe("rate_limited");
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(14 * 60);
    expect((await login({ username: "guessed", password: "wrong" })).status).toBe(401);
  });

  it("admits 20 failures of one address, and then one at a time", async () => {
    const headers = address();
    const statuses: number[] = [];
    for (let index = 0; index < 20; index++) {
      statuses.push((await login({ username: `name-${index}`, password: "wrong" }, headers)).status);
    }
    expect(statuses).toEqual(Array(20).fill(401));
    const burst = Array.from({ length: 8 }, (_, index) =>
      login({ username: `burst-${index}`, password: "wrong" }, headers),
    );
    const refused = (await Promise.all(burst)).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const { headers: told } of refused) expect(Number(told.get("Retry-After"))).toBeLessThanOrEqual(30);
  });

  it("forgets failures after a success", async () => {
    const headers = address();
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 4; index++) await login({ ...GOOD, password: "wrong" }, headers);
      expect((await login(GOOD, headers)).status).toBe(200);
    }
  });
});

describe("a session cookie", () => {
  it("reads freely and writes only from the same origin", async () => {
    const headers = { Cookie: cookieOf(await login(GOOD, { ...address(), ...BROWSER })) };
    expect((await call("GET", ME, { bearer: null, headers })).status).toBe(200);
    const put = (more: Record<string, string>) =>
      call("PUT", `${INTERNAL}/orchestrators/org-cookie/independence`, {
        body: { is_independent: true },
        bearer: null,
        headers: { ...headers, ...more },
      });
    await register("org-cookie");
    expect((await put({})).body.error.code).toBe("csrf_rejected");
    expect((await put(BROWSER)).body.error.code).toBe("csrf_rejected");
    const ours = { "X-Requested-With": "moolai" };
    expect((await put({ ...ours, "Sec-Fetch-Site": "cross-site" })).body.error.code).toBe("csrf_rejected");
    expect((await put({ ...ours, Origin: "https://evil.example" })).body.error.code).toBe("origin_rejected");
    expect((await put({ ...ours, ...BROWSER })).status).toBe(200);
  });

  it("is cleared by logout", async () => {
    const headers = { Cookie: cookieOf(await login(GOOD, { ...address(), ...BROWSER })) };
    const ours = { ...headers, ...BROWSER, "X-Requested-With": "moolai" };
    const answer = await call("POST", `${INTERNAL}/auth/logout`, { bearer: null, headers: ours });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Set-Cookie")).toContain("Max-Age=0");
    expect((await call("GET", ME, { bearer: null, headers })).status).toBe(401);
  });
});

describe("a session", () => {
  it.each([
    ["idle", "used_at", 30],
    ["absolute", "opened_at", 12 * 60],
  ])("ends by its %s limit, and the alarm sweeps it away", async (_name, column, minutes) => {
    const token = await sessionOf("viewer", null);
    const digest = digestOf(token);
    const age = (by: number) =>
      runInDurableObject(auth, (_instance, state) => {
        state.storage.sql.exec(`UPDATE sessions SET ${column} = ${column} - ? WHERE digest = ?`, by, digest);
      });
    await age((minutes - 1) * 60_000);
    expect((await call("GET", ME, { bearer: token })).status).toBe(200);
    await age(minutes * 60_000);
    await runDurableObjectAlarm(auth);
    expect((await call("GET", ME, { bearer: token })).status).toBe(401);
  });

  it("stores no token", async () => {
    const token = await sessionOf("viewer", null);
    const rows = await runInDurableObject(auth, (_instance, state) =>
      state.storage.sql.exec("SELECT * FROM sessions").toArray(),
    );
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe("who is bound to an organization", () => {
  it("sees and changes nothing else", async () => {
    await register("bound-a", { organization_id: "bound-a" });
    await register("bound-b", { organization_id: "bound-b" });
    const bearer = await sessionOf("admin", ["bound-a"]);
    const lists = await call("GET", `${CONTROLLER}/orchestrators`, { bearer });
    expect(lists.body.data.items).toEqual([expect.objectContaining({ orchestrator_id: "bound-a" })]);
    expect((await call("GET", `${CONTROLLER}/organizations`, { bearer })).body.data.total).toBe(1);
    expect((await call("GET", `${CONTROLLER}/orchestrators/bound-a`, { bearer })).status).toBe(200);
    const foreign = await Promise.all([
      call("GET", `${CONTROLLER}/orchestrators/bound-b`, { bearer }),
      call("GET", `${CONTROLLER}/orchestrators/bound-b/activity`, { bearer }),
      call("GET", `${CONTROLLER}/organizations/bound-b`, { bearer }),
      call("GET", `${INTERNAL}/orchestrators/bound-b/independence`, { bearer }),
      call("PUT", `${INTERNAL}/orchestrators/bound-b/independence`, { bearer, body: { is_independent: true } }),
      call("DELETE", `${INTERNAL}/orchestrators/bound-b/deregister`, { bearer }),
    ]);
    expect(foreign.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404, 404]);
    const body = { orchestrator_id: "bound-c", organization_id: "bound-b" };
    expect((await call("POST", `${INTERNAL}/orchestrators/register`, { bearer, body })).status).toBe(403);
    expect((await call("GET", `${CONTROLLER}/orchestrators/bound-b`)).status).toBe(200);
  });
});

describe("a viewer", () => {
  it("reads, and is refused what changes things", async () => {
    await register("org-viewed");
    const bearer = await sessionOf("viewer", null);
    expect((await call("GET", `${INTERNAL}/orchestrators/org-viewed/independence`, { bearer })).status).toBe(200);
    const refused = await Promise.all([
      call("PUT", `${INTERNAL}/orchestrators/org-viewed/independence`, { bearer, body: { is_independent: true } }),
      call("POST", `${INTERNAL}/orchestrators/register`, { bearer, body: { orchestrator_id: "org-new" } }),
      call("DELETE", `${CONTROLLER}/orchestrator-instances/org-viewed`, { bearer }),
    ]);
    expect(refused.map((answer) => answer.body.error.code)).toEqual(["forbidden", "forbidden", "forbidden"]);
  });
});
