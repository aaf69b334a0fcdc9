import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { upgrade } from "./client.ts";

const EXCHANGE = `${INTERNAL}/auth/token-session`;
const BROWSER = { "Sec-Fetch-Site": "same-origin" };

async function newApiToken(fields: object = {}) {
  const body = { name: "wall", scopes: ["read"], organizations: ["wall-a"], ...fields };
  const { status, body: answer } = await call("POST", `${CONTROLLER}/api-tokens`, { body });
  expect(status).toBe(200);
  return answer.data as { api_token: string; key_id: string; expires_at: string };
}

function exchange(token: string, headers: Record<string, string> = BROWSER) {
  return call("POST", EXCHANGE, { body: { token }, bearer: null, headers });
}

async function screenOf(token: string): Promise<{ Cookie: string }> {
  const answer = await exchange(token);
  expect(answer.status).toBe(200);
  return { Cookie: answer.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "" };
}

const get = (path: string, headers: Record<string, string>) => call("GET", path, { bearer: null, headers });

describe("a wall screen", () => {
  it("B36: is logged in with a read-only token as a viewer of its organizations, until the token expires", async () => {
    for (const organization_id of ["wall-a", "wall-b"]) {
      await call("POST", `${CONTROLLER}/organizations`, { body: { organization_id, name: organization_id } });
    }
    const token = await newApiToken();
    const answer = await exchange(token.api_token);
    expect(answer.body).toMatchObject({ user: { role: "viewer" }, expires_at: token.expires_at });
    expect(answer.text).not.toContain(token.api_token);
    const cookie = answer.headers.get("Set-Cookie") ?? "";
    for (const part of [/^__Host-/, /HttpOnly/, /Secure/, /SameSite=Strict/]) expect(cookie).toMatch(part);
    const seconds = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
    expect(seconds).toBeGreaterThan(89 * 86_400);

    const screen = await screenOf(token.api_token);
    expect((await get(`${INTERNAL}/auth/me`, screen)).body.user).toMatchObject({
      username: `wall (${token.key_id})`,
      role: "viewer",
      organizations: ["wall-a"],
    });
    const list = await get(`${CONTROLLER}/organizations`, screen);
    expect(list.body.data.items.map((one: { organization_id: string }) => one.organization_id)).toEqual(["wall-a"]);
  });

  it("B36: is asked nothing for as long as the token is good, and ends with it at once, its stream too", async () => {
    const token = await newApiToken();
    const screen = await screenOf(token.api_token);
    const stream = await upgrade("/api/v1/stream", { ...screen, Origin: "http://controller.test" });
    let closed: number | null = null;
    stream.webSocket?.addEventListener("close", ({ code }) => {
      closed = code;
    });
    stream.webSocket?.accept();
    expect(stream.status).toBe(101);
    // A session of a person would be idle for far longer than it may be: nothing is stored that could get old.
    const unattended = { ...screen, "X-Moolai-Unattended": "1" };
    expect((await get(`${CONTROLLER}/overview`, unattended)).status).toBe(200);
    await call("DELETE", `${CONTROLLER}/api-tokens/${token.key_id}`);
    expect((await get(`${CONTROLLER}/overview`, unattended)).status).toBe(401);
    expect((await get(`${INTERNAL}/auth/me`, screen)).status).toBe(401);
    await expect.poll(() => closed).toBe(4401);
    expect((await exchange(token.api_token)).status).toBe(401);
  });

  it("B36 sibling: changes nothing, and does not become more", async () => {
    const screen = { ...(await screenOf((await newApiToken()).api_token)), "X-Requested-With": "moolai", ...BROWSER };
    const body = { organization_id: "wall-made", name: "x" };
    expect((await call("POST", `${CONTROLLER}/organizations`, { bearer: null, body, headers: screen })).status).toBe(
      403,
    );
    expect((await get(`${CONTROLLER}/users`, screen)).status).toBe(403);
    expect((await call("POST", `${INTERNAL}/auth/logout`, { bearer: null, headers: screen })).status).toBe(200);
  });

  it("is refused with a token that may more, that never ends, or that is none, also as a cookie", async () => {
    const [more, endless] = [await newApiToken({ scopes: ["read", "admin"] }), await newApiToken({ expires_at: null })];
    for (const text of [more.api_token, endless.api_token, "mct_x", `${more.api_token}x`]) {
      expect((await exchange(text)).body).toMatchObject({ error: { code: "invalid_credentials" } });
      const headers = { Cookie: `__Host-moolai_session=${text}` };
      expect((await get(`${CONTROLLER}/organizations`, headers)).status).toBe(401);
    }
    const foreign = { "Sec-Fetch-Site": "cross-site" };
    expect((await exchange((await newApiToken()).api_token, foreign)).status).toBe(403);
  });

  it("B36 sibling: that logs out everywhere takes no other screen of its token with it", async () => {
    const token = await newApiToken();
    const [screen, other] = [await screenOf(token.api_token), await screenOf(token.api_token)];
    const stream = await upgrade("/api/v1/stream", { ...other, Origin: "http://controller.test" });
    let closed: number | null = null;
    stream.webSocket?.addEventListener("close", ({ code }) => {
      closed = code;
    });
    stream.webSocket?.accept();
    const headers = { ...screen, "X-Requested-With": "moolai", ...BROWSER };
    const answer = await call("POST", `${INTERNAL}/auth/logout-all`, { bearer: null, headers });
    expect(answer).toMatchObject({ status: 200, body: { ended: 0 } });
    expect(answer.headers.get("Set-Cookie")).toContain("Max-Age=0");
    // The stream of a screen that is still good comes back by itself: 1012, never the 4401 of a session that is over.
    await expect.poll(() => closed).toBe(1012);
    expect((await get(`${INTERNAL}/auth/me`, other)).status).toBe(200);
    const { body } = await call("GET", `${CONTROLLER}/audit?target=${encodeURIComponent(`wall (${token.key_id})`)}`);
    const actions = body.data.items.map(({ action }: { action: string }) => action);
    expect(actions).toContain("auth.logout");
    expect(actions).not.toContain("auth.end_sessions");
  });

  it("leaves its login in the audit", async () => {
    const token = await newApiToken({ name: "lobby" });
    await screenOf(token.api_token);
    const name = `lobby (${token.key_id})`;
    const { body } = await call("GET", `${CONTROLLER}/audit?action=auth.login&target=${encodeURIComponent(name)}`);
    expect(body.data.items[0]).toMatchObject({ target_id: name, actor: `user:${name}` });
  });
});
