import {
  createExecutionContext,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { app } from "../../worker/app.ts";
import type { Role } from "../../worker/contract/actor.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { digestOf, newSessionToken } from "../../worker/middleware/credentials.ts";
import { call, INTERNAL } from "./api.ts";
import { Client } from "./client.ts";
import { evict, fleet } from "./shards.ts";
import { openStream, TestViewer } from "./viewer.ts";

const SAME_ORIGIN = "http://controller.test";
const UPGRADE = { Upgrade: "websocket" };
const cookie = (token: string) => ({ Cookie: `__Host-moolai_session=${token}` });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function login(role: Role, organizations: string[] | null): Promise<string> {
  const token = newSessionToken();
  const session = { digest: digestOf(token), attemptId: 0, username: `user-${role}`, role, organizations };
  await env.AUTH.getByName("auth").openSession(session);
  return token;
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("who may follow the stream", () => {
  it("needs a credential, an upgrade, and a shard that exists", async () => {
    expect((await openStream("", UPGRADE)).status).toBe(401);
    expect((await openStream("", { ...UPGRADE, ...bearer("wrong") })).status).toBe(401);
    expect((await openStream("?token=fake-dev-token&bearer=fake-dev-token", UPGRADE)).status).toBe(401);
    const plain = await call("GET", "/api/v1/stream?shard=0");
    expect(plain.status).toBe(426);
    expect(plain.headers.get("Upgrade")).toBe("websocket");
    const known = { ...UPGRADE, ...bearer("fake-dev-token") };
    expect((await openStream("?shard=1", known)).status).toBe(404);
    for (const query of ["?shard=-1", "?shard=x", "?cursor=nonsense", "?shard=0&shard=0"]) {
      expect((await openStream(query, known)).status, query).toBe(422);
    }
  });

  it("needs the exact origin with a cookie", async () => {
    const token = await login("viewer", null);
    const attempt = async (headers: Record<string, string>) => {
      const { status, webSocket } = await openStream("", { ...UPGRADE, ...cookie(token), ...headers });
      webSocket?.accept();
      webSocket?.close(1000);
      return status;
    };
    expect(await attempt({})).toBe(403);
    expect(await attempt({ Origin: "https://evil.example" })).toBe(403);
    expect(await attempt({ Origin: "http://controller.test.evil.example" })).toBe(403);
    expect(await attempt({ Origin: "https://controller.test" })).toBe(403);
    expect(await attempt({ Origin: "null" })).toBe(403);
    expect(await attempt({ Origin: SAME_ORIGIN })).toBe(101);
  });

  it("lets in a page of an allowed origin, and no other", async () => {
    const token = await login("viewer", null);
    const bindings = { ...env, ALLOWED_ORIGINS: "https://ops.example" };
    const attempt = async (origin: string) => {
      const headers = { ...UPGRADE, ...cookie(token), Origin: origin };
      const request = new Request(`${SAME_ORIGIN}/api/v1/stream`, { headers });
      const context = createExecutionContext();
      const { status, webSocket } = await app.fetch(request, bindings, context);
      await waitOnExecutionContext(context);
      webSocket?.accept();
      webSocket?.close(1000);
      return { status, isOpen: webSocket !== null };
    };
    expect(await attempt("https://ops.example")).toEqual({ status: 101, isOpen: true });
    expect(await attempt("https://ops.example.evil.example")).toMatchObject({ status: 403 });
    expect(await attempt(SAME_ORIGIN)).toEqual({ status: 101, isOpen: true });
  });

  it("takes no word of a client about who it is", async () => {
    const client = await Client.connect("not-yours");
    const forged = encodeURIComponent(
      JSON.stringify({ who: { kind: "user", name: "x", organizations: null }, cursor: null, shard: 0, shards: 1 }),
    );
    const token = await login("viewer", ["nobody"]);
    const viewer = await TestViewer.open({ headers: { ...bearer(token), "X-Moolai-Viewer": forged } });
    expect(viewer.state.rows.size).toBe(0);
    client.socket.close(1000, "bye");
  });

  it("ends with the session: the shards are told before the logout is answered", async () => {
    const token = await login("viewer", null);
    const other = await TestViewer.open();
    const viewer = await TestViewer.open({ headers: bearer(token) });
    expect((await call("POST", `${INTERNAL}/auth/logout`, { bearer: token })).status).toBe(200);
    await viewer.untilClosed(4401);
    expect(other.closeCode).toBeNull();
    expect((await openStream("", { ...UPGRADE, ...bearer(token) })).status).toBe(401);
  });

  it("ends with the absolute end of the session, hibernated or not", async () => {
    const viewer = await TestViewer.open({ headers: bearer(await login("viewer", null)) });
    await evict(fleet);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 12 * 3_600_000 });
    await runDurableObjectAlarm(fleet);
    await viewer.untilClosed(4401);
  });

  it("ends when its session is idle for 30 min, whatever the open page asks by itself", async () => {
    const token = await login("viewer", null);
    const [start, minutes] = [Date.now(), 60_000];
    const at = async (minute: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: start + minute * minutes });
      await runDurableObjectAlarm(fleet);
    };
    const me = (headers: Record<string, string> = {}) =>
      call("GET", `${INTERNAL}/auth/me`, { bearer: token, headers }).then(({ status }) => status);
    const viewer = await TestViewer.open({ headers: bearer(token) });
    await at(20);
    expect(await me()).toBe(200);
    await evict(fleet);
    await at(31);
    const client = await Client.connect("idle-witness");
    await viewer.until((state) => expect(state.rows.get("idle-witness")?.connected).toBe(true));
    await at(45);
    expect(await me({ "X-Moolai-Unattended": "1" })).toBe(200);
    const again = await TestViewer.open({ headers: bearer(token) });
    expect(viewer.closeCode).toBeNull();
    await at(51);
    await viewer.untilClosed(4401);
    await again.untilClosed(4401);
    expect(await me()).toBe(401);
    client.socket.close(1000, "bye");
  });

  it("has to come back when nobody can say whether its session goes on", async () => {
    const viewer = await TestViewer.open({ headers: bearer(await login("viewer", null)) });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31 * 60_000 });
    await runInDurableObject(env.AUTH.getByName("auth"), (auth: object) => {
      vi.spyOn(Object.getPrototypeOf(auth), "session").mockImplementation(() => {
        throw new Error("busy");
      });
    });
    await runDurableObjectAlarm(fleet);
    await viewer.untilClosed(1012);
  });

  it("ends when access changes, and begins anew with what may be seen then", async () => {
    const viewer = await TestViewer.open({ headers: bearer(await login("viewer", ["crowd"])) });
    const { epoch } = viewer.state;
    await fleetOf(env, "any").dropViewers({ user: "user-viewer", comesBack: true });
    await viewer.untilClosed(1012);
    const headers = bearer(await login("viewer", ["crowd", "more"]));
    const again = await TestViewer.open({ headers, state: viewer.state });
    expect(again.state).toMatchObject({ snapshots: 2, resumes: 0 });
    expect(again.state.epoch).not.toBe(epoch);
  });
});
