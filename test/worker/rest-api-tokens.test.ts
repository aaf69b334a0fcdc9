import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { apiTokens } from "../../worker/db/schema.ts";
import { digestOf } from "../../worker/middleware/credentials.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { sessionOf } from "./session.ts";
import { statementOf } from "./statements.ts";
import { openStream, TestViewer } from "./viewer.ts";

const TOKENS = `${CONTROLLER}/api-tokens`;
const READ = `${CONTROLLER}/organizations`;

afterEach(() => {
  vi.restoreAllMocks();
});

async function create(fields: object = {}, bearer?: string) {
  const body = { name: "test", scopes: ["read"], ...fields };
  const answer = await call("POST", TOKENS, { body, ...(bearer !== undefined && { bearer }) });
  expect(answer.status).toBe(200);
  const { api_token: token, key_id, expires_at } = answer.body.data;
  return { token, key_id, expires_at } as { key_id: string; token: string; expires_at: string | null };
}

const status = async (bearer: string, method = "GET", path = READ, body?: unknown) =>
  (await call(method, path, { bearer, ...(body !== undefined && { body }) })).status;
const stored = async (keyId: string) =>
  (await database(env).select().from(apiTokens).where(eq(apiTokens.keyId, keyId)))[0];

describe("an API token", () => {
  it("is shown once, and kept as a digest", async () => {
    const { token, key_id, expires_at } = await create({ name: "export" });
    expect(token).toMatch(new RegExp(`^mct_${key_id}`));
    expect(Date.parse(expires_at ?? "") - Date.now()).toBeGreaterThan(89 * 86_400_000);
    expect(await status(token)).toBe(200);
    const everywhere = [
      JSON.stringify(await stored(key_id)),
      (await call("GET", TOKENS)).text,
      (await call("GET", `${CONTROLLER}/audit?target=${key_id}`)).text,
      JSON.stringify(
        await runInDurableObject(env.AUTH.getByName("auth"), (_object, { storage }) =>
          storage.sql.exec("SELECT * FROM api_tokens").toArray(),
        ),
      ),
    ];
    for (const text of everywhere) {
      expect(text).toContain(key_id);
      expect(text).not.toContain(token.slice(4 + key_id.length));
    }
    expect(everywhere[1]).not.toContain("digest");
  });

  it("does what its scopes say, and never makes tokens or users", async () => {
    await register("tok-a");
    const [read, operate, admin] = await Promise.all(
      [["read"], ["operate"], ["admin", "read"]].map(async (scopes) => (await create({ scopes })).token),
    );
    const independence = `${INTERNAL}/orchestrators/tok-a/independence`;
    const put = (bearer = "") => status(bearer, "PUT", independence, { is_independent: false });
    expect([await put(read), await put(operate), await put(admin)]).toEqual([403, 200, 200]);
    const audit = (bearer = "") => status(bearer, "GET", `${CONTROLLER}/audit`);
    expect([await audit(read), await audit(operate), await audit(admin)]).toEqual([403, 403, 200]);
    for (const path of [TOKENS, `${CONTROLLER}/users`]) expect(await status(admin ?? "", "GET", path)).toBe(403);
    expect(await status(admin ?? "", "GET", `${INTERNAL}/auth/me`)).toBe(403);
  });

  it("sees its organizations alone", async () => {
    await register("tok-own");
    await register("tok-foreign");
    const { token } = await create({ scopes: ["admin"], organizations: ["tok-own"] });
    expect((await call("GET", READ, { bearer: token })).body.data.total).toBe(1);
    expect(await status(token, "GET", `${READ}/tok-foreign`)).toBe(404);
    const viewer = await TestViewer.open({ headers: { Authorization: `Bearer ${token}` } });
    expect(viewer.state.rows.has("tok-foreign")).toBe(false);
    viewer.close();
  });

  it("tells who used it, and when, at most once a minute", async () => {
    const { token, key_id } = await create({ name: "logger", scopes: ["admin"] });
    expect((await stored(key_id))?.lastUsedAt).toBeNull();
    await call("POST", READ, { bearer: token, body: { organization_id: "tok-made", name: "Made" } });
    const { body } = await call("GET", `${CONTROLLER}/audit?target=tok-made`);
    expect(body.data.items[0].actor).toBe(`token:logger (${key_id})`);
    const first = (await stored(key_id))?.lastUsedAt;
    expect(Date.now() - (first?.getTime() ?? 0)).toBeLessThan(30_000);
    await status(token);
    expect((await stored(key_id))?.lastUsedAt).toEqual(first);
    const start = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => start + 61_000);
    await status(token);
    expect((await stored(key_id))?.lastUsedAt).not.toEqual(first);
  });

  it("ends when it expires", async () => {
    const { token } = await create({ expires_at: new Date(Date.now() + 86_400_000).toISOString() });
    expect(await status(token)).toBe(200);
    const start = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => start + 86_400_001);
    expect(await status(token)).toBe(401);
  });

  it("is refused at once when it is revoked, also by the stream that is open", async () => {
    const { token, key_id } = await create({ scopes: ["read"] });
    const other = await create({ scopes: ["read"] });
    const headers = { Authorization: `Bearer ${token}` };
    const viewer = await TestViewer.open({ headers });
    const untouched = await TestViewer.open({ headers: { Authorization: `Bearer ${other.token}` } });
    const answer = await call("DELETE", `${TOKENS}/${key_id}`);
    expect(answer.body.data).toMatchObject({ key_id, state: "revoked", revoked_at: expect.any(String) });
    expect(await status(token)).toBe(401);
    await viewer.untilClosed(4401);
    expect((await openStream("", { Upgrade: "websocket", ...headers })).status).toBe(401);
    expect(untouched.closeCode).toBeNull();
    untouched.close();
    expect((await call("DELETE", `${TOKENS}/${key_id}`)).status).toBe(200);
    const { items } = (await call("GET", `${CONTROLLER}/audit?target=${key_id}`)).body.data;
    expect(items.map((item: { action: string }) => item.action)).toEqual(["api_token.revoke", "api_token.create"]);
  });

  it("stays revoked when Postgres answered for it a moment earlier", async () => {
    const { token, key_id } = await create();
    const { fetch } = globalThis;
    const passed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    let isFirst = true;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
      const response = await fetch(...request);
      if (!isFirst || !statementOf(request).includes(key_id)) return response;
      isFirst = false;
      asked.resolve();
      await passed.promise;
      return response;
    });
    const slow = status(token);
    await asked.promise;
    await call("DELETE", `${TOKENS}/${key_id}`);
    passed.resolve();
    expect(await slow).toBe(401);
    expect(await status(token)).toBe(401);
  });

  it("is refused within a minute when Postgres alone knows that it ended", async () => {
    const { token, key_id } = await create();
    expect(await status(token)).toBe(200);
    await database(env).update(apiTokens).set({ revokedAt: new Date() }).where(eq(apiTokens.keyId, key_id));
    const start = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => start + 61_000);
    await status(token);
    expect(await status(token)).toBe(401);
  });

  it("works without Postgres once it is known; another one has to wait for it", async () => {
    const known = await create();
    const fresh = await create();
    expect(await status(known.token)).toBe(200);
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    const live = `${CONTROLLER}/orchestrators/live`;
    expect(await status(known.token, "GET", live)).toBe(200);
    expect(await status(fresh.token, "GET", live)).toBe(503);
    vi.restoreAllMocks();
    expect(await status(fresh.token, "GET", live)).toBe(200);
  });

  it("that was mistyped is refused without asking Postgres; one that was made up asks once", async () => {
    const { token } = await create();
    const asked = vi.spyOn(globalThis, "fetch");
    const flipped = token.endsWith("0") ? `${token.slice(0, -1)}1` : `${token.slice(0, -1)}0`;
    expect(await status(flipped)).toBe(401);
    const queries = () => asked.mock.calls.filter((request) => statementOf(request).includes("api_tokens")).length;
    expect(queries()).toBe(0);
    const made = newToken("api").text;
    expect([await status(made), await status(made)]).toEqual([401, 401]);
    expect(queries()).toBe(1);
  });

  it("is more than its key id", async () => {
    const { key_id, token } = await create();
    const auth = env.AUTH.getByName("auth");
    expect(await auth.apiToken(key_id, digestOf(newToken("api").text))).toBeNull();
    expect(await auth.apiToken(key_id, digestOf(token))).toMatchObject({ scopes: ["read"] });
  });
});

describe("who is bound to organizations", () => {
  it("gives tokens for those alone, and sees and revokes no others", async () => {
    const bearer = await sessionOf("admin", ["tok-own"]);
    const body = { name: "beyond", scopes: ["read"] };
    const beyond = [null, ["tok-foreign"], ["tok-own", "tok-foreign"]];
    for (const organizations of beyond) {
      expect((await call("POST", TOKENS, { bearer, body: { ...body, organizations } })).status).toBe(403);
    }
    const own = await call("POST", TOKENS, { bearer, body });
    expect(own.body.data.organizations).toEqual(["tok-own"]);
    const foreign = await create({ organizations: ["tok-own", "tok-foreign"] });
    const { items } = (await call("GET", TOKENS, { bearer })).body.data;
    expect(items.map((item: { key_id: string }) => item.key_id)).toContain(own.body.data.key_id);
    for (const item of items) expect(item.organizations).toEqual(["tok-own"]);
    expect((await call("DELETE", `${TOKENS}/${foreign.key_id}`, { bearer })).status).toBe(404);
    expect((await call("DELETE", `${TOKENS}/${own.body.data.key_id}`, { bearer })).status).toBe(200);
  });
});

it.each([
  [{ scopes: [] }],
  [{ scopes: ["root"] }],
  [{ name: "" }],
  [{ name: "a\nb" }],
  [{ organizations: [] }],
  [{ organizations: ["../x"] }],
  [{ expires_at: "2020-01-01T00:00:00Z" }],
  [{ expires_at: "2999-01-01T00:00:00Z" }],
  [{ expires_at: "tomorrow" }],
])("refuses %j", async (fields) => {
  const answer = await call("POST", TOKENS, { body: { name: "test", scopes: ["read"], ...fields } });
  expect(answer.body.error.code).toBe("validation_failed");
});
