import { exports } from "cloudflare:workers";
import crypto from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newSessionToken } from "../../worker/middleware/credentials.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { CONTROLLER, call, DEV_TOKEN, INTERNAL, register } from "./api.ts";
import { createPerson, fromAnywhere, login, PASSWORD, personWithSession } from "./people.ts";

const ME = `${INTERNAL}/auth/me`;
const BROWSER = { Origin: "https://controller.example", "Sec-Fetch-Site": "same-origin" };
const OURS = { ...BROWSER, "X-Requested-With": "moolai" };

afterEach(() => {
  vi.restoreAllMocks();
});

async function cookieOf(username: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await login(username, PASSWORD, { ...fromAnywhere(), ...BROWSER, ...headers });
  return answer.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
}

describe("parallel guesses", () => {
  /** Counts derivations and makes none: twenty at once would keep this isolate from the answers of Postgres for too long. */
  const countScrypt = () =>
    vi
      .spyOn(crypto, "scrypt")
      .mockImplementation((_password, _salt, length, _options, derived) => derived(null, new Uint8Array(length)));

  it("at one name from one address are verified five times at most", async () => {
    const headers = fromAnywhere();
    await createPerson("target", "viewer");
    const scrypt = countScrypt();
    const answers = await Promise.all(Array.from({ length: 20 }, () => login("target", "wrong", headers)));
    expect(scrypt).toHaveBeenCalledTimes(5);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ body }) => body.error.code === "rate_limited")).toHaveLength(15);
  });

  it("at many names from one address are verified twenty times, and then one by one", async () => {
    const headers = fromAnywhere();
    const scrypt = countScrypt();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => login(`many-${index}`, "wrong", headers)),
    );
    // Those whose turn comes within five seconds: after one, and after two more.
    expect(scrypt.mock.calls.length).toBeGreaterThanOrEqual(22);
    expect(scrypt.mock.calls.length).toBeLessThanOrEqual(24);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30 - scrypt.mock.calls.length);
  });

  it("cost one derivation each, whether there is such a user or not, active or not", async () => {
    const person = await personWithSession("present", "viewer");
    await call("PUT", `${CONTROLLER}/users/${person.user_id}`, { body: { is_active: false } });
    await createPerson("invited", "viewer");
    for (const name of ["present", "invited", "absent", "no such name at all"]) {
      const scrypt = vi.spyOn(crypto, "scrypt").mockClear();
      expect((await login(name, "wrong")).status).toBe(401);
      expect(scrypt).toHaveBeenCalledTimes(1);
    }
  });
});

describe("a session", () => {
  it("is never one that the visitor brought along", async () => {
    await personWithSession("fixed", "viewer");
    const planted = `__Host-moolai_session=${newSessionToken()}`;
    const cookie = await cookieOf("fixed", { Cookie: planted });
    expect(cookie).not.toBe(planted);
    const status = async (Cookie: string) => (await call("GET", ME, { bearer: null, headers: { Cookie } })).status;
    expect([await status(cookie), await status(planted)]).toEqual([200, 401]);
    expect(await cookieOf("fixed", { Cookie: cookie })).not.toBe(cookie);
  });

  it("is worth nothing after logout, and neither is its copy", async () => {
    await personWithSession("gone", "viewer");
    const [Cookie, other] = [await cookieOf("gone"), await cookieOf("gone")];
    const answer = await call("POST", `${INTERNAL}/auth/logout`, { bearer: null, headers: { ...OURS, Cookie } });
    expect(answer.status).toBe(200);
    // It would wipe the preferences of the dashboard, which are no secret, and nothing of the session is stored there.
    expect(answer.headers.has("Clear-Site-Data")).toBe(false);
    const replay = await call("GET", ME, { bearer: null, headers: { Cookie } });
    expect([replay.status, replay.body.error.code]).toEqual([401, "unauthorized"]);
    expect((await call("GET", ME, { bearer: null, headers: { Cookie: other } })).status).toBe(200);
    const bearer = Cookie.split("=")[1] ?? "";
    expect((await call("GET", ME, { bearer })).status).toBe(401);
  });

  it("is not looked at beside an Authorization header", async () => {
    await personWithSession("both", "viewer");
    const Cookie = await cookieOf("both");
    expect((await call("GET", ME, { bearer: "wrong", headers: { Cookie } })).status).toBe(401);
  });

  it("writes from no other site: every cross-site request is refused by its code", async () => {
    await personWithSession("crossed", "admin");
    await register("hostile-a");
    const Cookie = await cookieOf("crossed");
    const put = async (headers: Record<string, string>) => {
      const path = `${INTERNAL}/orchestrators/hostile-a/independence`;
      const answer = await call("PUT", path, {
        bearer: null,
        headers: { Cookie, ...headers },
        body: { is_independent: true },
      });
      return answer.body.error?.code ?? answer.status;
    };
    expect(await put({ "X-Requested-With": "moolai", "Sec-Fetch-Site": "cross-site" })).toBe("csrf_rejected");
    expect(await put({ "X-Requested-With": "moolai", "Sec-Fetch-Site": "same-site" })).toBe("csrf_rejected");
    expect(await put({ "X-Requested-With": "moolai", Origin: "https://evil.example" })).toBe("origin_rejected");
    expect(await put({ "X-Requested-With": "moolai", Origin: "null" })).toBe("origin_rejected");
    expect(await put({ "X-Requested-With": "moolai" })).toBe("origin_rejected");
    expect(await put(BROWSER)).toBe("csrf_rejected");
    expect(await put({ ...OURS, "Content-Type": "text/plain" })).toBe("unsupported_media_type");
    expect(await put(OURS)).toBe(200);
  });
});

describe("two Authorization headers", () => {
  it.each([
    [`Bearer ${DEV_TOKEN}`, "Bearer wrong"],
    ["Bearer wrong", `Bearer ${DEV_TOKEN}`],
    [`Bearer ${DEV_TOKEN}`, `Bearer ${DEV_TOKEN}`],
    [`Bearer ${DEV_TOKEN}`, "Basic eDp5"],
  ])("are refused: %s and %s", async (first, second) => {
    const headers = new Headers({ Authorization: first });
    headers.append("Authorization", second);
    const response = await exports.default.fetch(new Request(`http://controller.test${ME}`, { headers }));
    expect(response.status).toBe(401);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe("unauthorized");
  });
});

describe("a token in an address", () => {
  const api = newToken("api").text;
  const agent = newToken("agent", "org-a").text;

  it.each([
    `${ME}?token=${DEV_TOKEN}`,
    `${ME}?access_token=${DEV_TOKEN}`,
    `${CONTROLLER}/organizations?q=${api}`,
    `${CONTROLLER}/orchestrators?api_key=${DEV_TOKEN}`,
    `/api/v1/stream?token=${DEV_TOKEN}`,
    `/ws?token=${agent}`,
    `/ws?orchestrator_id=org-a&access_token=${agent}`,
    `/health?authorization=${DEV_TOKEN}`,
  ])("is refused, right or wrong, beside a valid header too: %s", async (path) => {
    const lines: unknown[] = [];
    for (const level of ["log", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
    }
    for (const bearer of [null, DEV_TOKEN]) {
      const answer = await call("GET", path, { bearer });
      expect([answer.status, answer.body.error.code]).toEqual([401, "unauthorized"]);
      expect(answer.text).not.toContain(DEV_TOKEN);
    }
    expect(lines.length).toBeGreaterThan(0);
    const logged = lines.join("\n");
    for (const secret of [DEV_TOKEN, api, agent]) expect(logged).not.toContain(secret);
    const { text } = await call("GET", `${CONTROLLER}/audit?action=access.denied&page_size=100`);
    for (const secret of [DEV_TOKEN, api, agent]) expect(text).not.toContain(secret);
  });
});

describe("a statement that fails", () => {
  it.each([
    ["because Postgres is away", 503, () => Promise.reject(new TypeError("fetch failed"))],
    ["for what it is", 500, () => Promise.resolve(Response.json({ message: "boom", code: "42703" }, { status: 400 }))],
  ])("%s puts none of its values into the log", async (_why, status, answer) => {
    const lines: unknown[] = [];
    for (const level of ["warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
    }
    vi.spyOn(globalThis, "fetch").mockImplementation(answer);
    expect((await call("GET", `${CONTROLLER}/organizations?q=canary-value`)).status).toBe(status);
    expect((await login("canary-value", "canary-value")).status).toBe(status);
    const logged = lines.join("\n");
    expect(logged).toContain("Request failed");
    expect(logged).not.toMatch(/canary-value|params|select /i);
  });
});

describe("forged headers", () => {
  const FORGED = {
    Host: "localhost",
    "X-Forwarded-Host": "localhost",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "127.0.0.1",
    Forwarded: "for=127.0.0.1;host=localhost",
    "CF-Connecting-IP": "127.0.0.1",
    "X-Original-URL": "/health",
    "X-HTTP-Method-Override": "GET",
  };

  it("let nobody in, and change no answer", async () => {
    expect((await call("GET", ME, { bearer: null, headers: FORGED })).status).toBe(401);
    const [plain, forged] = [await call("GET", ME), await call("GET", ME, { headers: FORGED })];
    expect(forged.body).toEqual(plain.body);
    const ignored = (headers: Headers) =>
      [...headers].filter(([name]) => !["x-request-id", "x-server-time"].includes(name));
    expect(ignored(forged.headers)).toEqual(ignored(plain.headers));
  });

  it("change the recorded address, if it is that of Cloudflare's header, and nothing else", async () => {
    const body = { organization_id: "hostile-org", name: "Hostile" };
    await call("POST", `${CONTROLLER}/organizations`, {
      body,
      headers: { ...FORGED, "CF-Connecting-IP": "198.51.100.77" },
    });
    const [entry] = (await call("GET", `${CONTROLLER}/audit?target=hostile-org`)).body.data.items;
    expect(entry).toMatchObject({ ip: "198.51.100.77", actor: "user:development" });
    expect(JSON.stringify(entry)).not.toContain("127.0.0.1");
  });

  it("count with their IPv6 network, whatever address of it they name", async () => {
    const [, network = ""] = /^(.*)::1$/.exec(fromAnywhere()["CF-Connecting-IP"] ?? "") ?? [];
    const statuses: number[] = [];
    for (let index = 1; index <= 7; index++) {
      statuses.push((await login("v6", "wrong", { "CF-Connecting-IP": `${network}::${index}` })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it("do not get around the throttle", async () => {
    const headers = fromAnywhere();
    const statuses: number[] = [];
    for (let index = 0; index < 7; index++) {
      const more = {
        "X-Forwarded-For": `10.0.0.${index}`,
        "X-Real-IP": `10.0.0.${index}`,
        Host: `controller.example:${index + 1}`,
      };
      statuses.push((await login("throttled", "wrong", { ...headers, ...more })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });
});
