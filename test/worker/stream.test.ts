import {
  createExecutionContext,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { app } from "../../worker/app.ts";
import type { Role } from "../../worker/contract/actor.ts";
import type { PresenceReport, PresenceView } from "../../worker/contract/presence.ts";
import type { FleetRpc } from "../../worker/contract/rpc.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { digestOf, newSessionToken } from "../../worker/middleware/credentials.ts";
import { eventually, sleep } from "../support/eventually.ts";
import { StreamState } from "../support/stream-state.ts";
import { call, INTERNAL } from "./api.ts";
import { Client, fleetStub, orchestratorRpc } from "./client.ts";
import { openStream, TestViewer } from "./viewer.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const SAME_ORIGIN = "http://controller.test";
const fleet = fleetStub("any");
const UPGRADE = { Upgrade: "websocket" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A shard of its own with members that no object stands behind. Without Postgres nobody asks after them. */
function crowdShard(name: string) {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const stub = env.FLEET.getByName(name);
  return { stub: stub as unknown as DurableObjectStub<undefined>, rpc: stub as unknown as FleetRpc };
}

/** Out of memory, if it is there. */
async function evict(stub: DurableObjectStub<undefined>): Promise<void> {
  await runInDurableObject(stub, () => {});
  await evictDurableObject(stub, { webSockets: "hibernate" });
}

const feedIndex = (stub: DurableObjectStub<undefined>) =>
  runInDurableObject(stub, (_instance, state) =>
    Number(state.storage.sql.exec("SELECT max(idx) AS n FROM feed").one().n),
  );

async function login(role: Role, organizations: string[] | null): Promise<string> {
  const token = newSessionToken();
  const session = { digest: await digestOf(token), attemptId: 0, username: `user-${role}`, role, organizations };
  await env.AUTH.getByName("auth").openSession(session);
  return token;
}

const cookie = (token: string) => ({ Cookie: `__Host-moolai_session=${token}` });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A report as an object would send it, for members that need no object. */
function report(id: string, seq: number, view: Partial<PresenceView> = {}): PresenceReport {
  return {
    view: {
      orchestratorId: id,
      organizationId: "crowd",
      generation: 1,
      epoch: 1,
      seq,
      status: "inactive",
      connected: false,
      connectedAt: null,
      healthStatus: "healthy",
      isIndependent: false,
      privacyMode: false,
      lastSeenAt: null,
      lastActivityAt: null,
      configRevision: 0,
      configState: "none",
      configError: null,
      expiresAt: null,
      ...view,
    },
    transition: "health",
    profile: null,
    beats: { processed: 0, ignored: 0 },
    logs: [],
  };
}

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

  it("is up to a thousand at one shard; the next one is told to come later", async () => {
    const { stub } = crowdShard("popular");
    const viewers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => TestViewer.open({ shard: stub, name: `viewer-${index % 20}` })),
    );
    await expect(TestViewer.open({ shard: stub })).rejects.toThrow("1013");
    expect(viewers.filter(({ closeCode }) => closeCode !== null)).toEqual([]);
    viewers[0]?.close();
    await vi.waitFor(async () => await TestViewer.open({ shard: stub }), 15_000);
  }, 60_000);

  it("is up to fifty for one person or token, who takes no place of anybody else", async () => {
    const { stub } = crowdShard("greedy");
    const own = await Promise.all(Array.from({ length: 50 }, () => TestViewer.open({ shard: stub, name: "greedy" })));
    await expect(TestViewer.open({ shard: stub, name: "greedy" })).rejects.toThrow("1013");
    await TestViewer.open({ shard: stub, name: "modest" });
    own[0]?.close();
    await vi.waitFor(async () => await TestViewer.open({ shard: stub, name: "greedy" }), 15_000);
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

describe("a viewer through evictions", () => {
  it("misses nothing, and sees nothing twice", async () => {
    const viewer = await TestViewer.open();
    const client = await Client.connect("ev-a");
    await viewer.until(() => expect(viewer.events("ev-a")).toEqual(["registered", "connected"]));
    await evict(fleet);
    client.send({ type: "i_am_alive", health_status: "degraded" });
    await evict(fleet);
    await viewer.until(({ rows }) => expect(rows.get("ev-a")?.health_status).toBe("degraded"));
    await orchestratorRpc("ev-a").setIndependence({ isIndependent: true, audit: AUDIT });
    await evict(fleet);
    client.socket.close(1000, "bye");
    await viewer.until(({ rows }) =>
      expect(rows.get("ev-a")).toMatchObject({ status: "independent", connected: false, is_independent: true }),
    );
    await orchestratorRpc("ev-a").deregister(AUDIT);
    await viewer.until(({ rows }) => expect(rows.has("ev-a")).toBe(false));
    expect(viewer.events("ev-a")).toEqual([
      "registered",
      "connected",
      "health",
      "independence",
      "disconnected",
      "deregistered",
    ]);
    expect(viewer.state.organizations.has("ev-a")).toBe(false);
    expect(viewer.state.problems).toEqual([]);
    expect(viewer.state.snapshots).toBe(1);
    viewer.sendText("ping");
    await viewer.until(() => expect(viewer.pongs).toBe(1));
  });

  it("goes on from its cursor after the sockets were lost, with deltas alone", async () => {
    const { stub, rpc } = crowdShard("lost-sockets");
    const viewer = await TestViewer.open({ shard: stub });
    await rpc.report(report("back-a", 1));
    await viewer.until(({ rows }) => expect(rows.has("back-a")).toBe(true));
    await evictDurableObject(stub, { webSockets: "close" });
    await vi.waitFor(() => expect(viewer.closeCode).not.toBeNull(), 10_000);
    await rpc.report(report("back-b", 1));
    await rpc.report(report("back-a", 2, { healthStatus: "unhealthy" }));
    const again = await TestViewer.open({ shard: stub, state: viewer.state });
    await again.until(({ rows }) => expect(rows.get("back-a")?.health_status).toBe("unhealthy"));
    expect(again.state.rows.has("back-b")).toBe(true);
    expect(again.of("snapshot")).toEqual([]);
    expect(again.of("delta")).toHaveLength(1);
    expect(again.state).toMatchObject({ problems: [], snapshots: 1, resumes: 1 });
  });

  it("keeps its place whatever it watches, and comes back when it is bound to more than its socket can carry", async () => {
    const { stub, rpc } = crowdShard("attached");
    const long = (name: string, count: number) => {
      return Array.from({ length: count }, (_, index) => `${name}-${index}-`.padEnd(64, "x"));
    };
    const watched = long("watched", 200);
    const [first = ""] = watched;
    const viewer = await TestViewer.open({ shard: stub });
    const organizations = ["crowd", ...long("organization", 300)];
    const bound = await TestViewer.open({ shard: stub, organizations });
    viewer.send({ type: "watch", orchestrator_ids: watched });
    await rpc.report(report(first, 1, { lastSeenAt: 1 }));
    await viewer.until(({ sights }) => expect(sights.get(first)).toBe(1));
    await bound.until(({ rows }) => expect(rows.has(first)).toBe(true));
    await evict(stub);
    await rpc.report({ ...report(first, 2, { lastSeenAt: 2 }), transition: null });
    await viewer.until(({ sights }) => expect(sights.get(first)).toBe(2));
    expect(viewer.closeCode).toBeNull();
    await bound.untilClosed(1012);
    const again = await TestViewer.open({ shard: stub, organizations, state: bound.state });
    expect(again.state).toMatchObject({ resumes: 1, snapshots: 1, problems: [] });
  });

  it("gets a snapshot when its cursor is of another epoch, ahead, or older than what is kept", async () => {
    const { stub, rpc } = crowdShard("old-cursors");
    await rpc.report(report("kept", 1));
    const viewer = await TestViewer.open({ shard: stub });
    const { epoch } = viewer.state;
    viewer.close();
    const wrong: Partial<StreamState>[] = [{ epoch: `${epoch}x` }, { index: 1_000_000 }];
    for (const part of wrong) {
      const state = Object.assign(new StreamState(), { epoch, index: viewer.state.index, ...part });
      expect((await TestViewer.open({ shard: stub, state })).state).toMatchObject({ snapshots: 1, resumes: 0, epoch });
    }
    // One that sees less gets another epoch, and no use of this one.
    const bound = Object.assign(new StreamState(), { epoch, index: viewer.state.index });
    const stranger = await TestViewer.open({ shard: stub, state: bound, organizations: ["elsewhere"] });
    expect(stranger.state).toMatchObject({ snapshots: 1, resumes: 0 });

    await evictDurableObject(stub, { webSockets: "close" });
    const event = { type: "message", orchestratorId: "kept", organizationId: "crowd", detail: null } as const;
    for (let round = 0; round < 30; round++)
      await rpc.log(
        [],
        Array.from({ length: 200 }, () => event),
      );
    const kept = await runInDurableObject(stub, (_instance, state) =>
      Number(state.storage.sql.exec("SELECT count(*) AS n FROM feed").one().n),
    );
    expect(kept).toBeGreaterThanOrEqual(5_000);
    expect(kept).toBeLessThanOrEqual(5_250);
    const again = await TestViewer.open({ shard: stub, state: viewer.state });
    expect(again.state).toMatchObject({ problems: [], snapshots: 2, resumes: 0 });
  });

  it("gets a large fleet in chunks, while it changes and hibernates in between", async () => {
    const { stub, rpc } = crowdShard("large");
    const ids = Array.from({ length: 1_200 }, (_, index) => `crowd-${String(index).padStart(4, "0")}`);
    for (const id of ids) await rpc.report(report(id, 1));
    const opened = TestViewer.open({ shard: stub });
    await evict(stub);
    await rpc.report(report("crowd-0001", 2, { healthStatus: "degraded" }));
    await evict(stub);
    await rpc.report({ ...report("crowd-0002", 2), transition: "deregistered" });
    await rpc.report(report("crowd-9999", 1));
    const viewer = await opened;
    await viewer.until(({ rows }) => {
      expect(rows.get("crowd-9999")).toBeDefined();
      expect(rows.has("crowd-0002")).toBe(false);
    });
    expect(viewer.of("snapshot").length).toBeGreaterThan(4);
    for (const { rows } of viewer.of("snapshot")) expect(rows.length).toBeLessThanOrEqual(500);
    expect(viewer.state.rows.get("crowd-0001")?.health_status).toBe("degraded");
    expect(ids.filter((id) => !viewer.state.rows.has(id))).toEqual(["crowd-0002"]);
    expect(viewer.state.organizations.get("crowd")).toMatchObject({ orchestrators: 1_200, status: "inactive" });
    expect(viewer.state.problems).toEqual([]);
  });
});

describe("frames", () => {
  it("come at once when none came before, and the next not before its time", async () => {
    const { stub, rpc } = crowdShard("first");
    const viewer = await TestViewer.open({ shard: stub });
    await viewer.until(({ index }) => expect(index).not.toBeNull());
    const openedAt = Date.now();
    const revision = () => viewer.state.rows.get("first")?.config_revision;
    // The clock stands, which `vi.waitFor` would move: whatever comes now did not wait.
    vi.useFakeTimers({ toFake: ["Date"], now: openedAt + 1_000 });
    await rpc.report(report("first", 1, { configRevision: 1, configState: "sent" }));
    await eventually(() => expect(revision()).toBe(1));
    await rpc.report(report("first", 2, { configRevision: 2, configState: "sent" }));
    await runDurableObjectAlarm(stub);
    await sleep(300);
    expect(revision()).toBe(1);
    vi.setSystemTime(openedAt + 1_200);
    await runDurableObjectAlarm(stub);
    await eventually(() => expect(revision()).toBe(2));
  });

  it("come at most five a second", async () => {
    const { stub, rpc } = crowdShard("pace");
    const viewer = await TestViewer.open({ shard: stub });
    viewer.frames.length = 0;
    const start = Date.now();
    let seq = 10;
    await rpc.report(report("pace", seq));
    await viewer.until(({ rows }) => expect(rows.has("pace")).toBe(true));
    while (Date.now() - start < 2_000) {
      seq += 1;
      await rpc.report(report("pace", seq, { configRevision: seq, configState: "sent" }));
    }
    const last = seq;
    await viewer.until(({ rows }) => expect(rows.get("pace")?.config_revision).toBe(last));
    const seconds = (Date.now() - start) / 1_000;
    expect(viewer.frames.length).toBeLessThanOrEqual(Math.ceil(seconds * 5) + 1);
    expect(viewer.frames.length).toBeGreaterThan(5);
    expect(viewer.state.events.length).toBeGreaterThan(viewer.frames.length);
    expect(viewer.state.problems).toEqual([]);
  });

  it("tell of a watched one that changes once, in its row, so that other changes need not wait", async () => {
    const { stub, rpc } = crowdShard("once");
    const viewer = await TestViewer.open({ shard: stub });
    await rpc.report(report("once", 1, { lastSeenAt: 1 }));
    viewer.send({ type: "watch", orchestrator_ids: ["once"] });
    await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(1));
    await viewer.until(() => expect(viewer.of("sights")).toHaveLength(1));
    for (const [seen, healthStatus] of [[2, "degraded"] as const, [3, "healthy"] as const]) {
      await rpc.report(report("once", seen, { lastSeenAt: seen, healthStatus }));
      await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(seen));
      // Twice the time between frames.
      await sleep(400);
      expect(viewer.of("sights")).toHaveLength(1);
      expect(viewer.state.rows.get("once")?.health_status).toBe(healthStatus);
    }
    await rpc.report({ ...report("once", 4, { lastSeenAt: 4 }), transition: null });
    await viewer.until(({ rows }) => expect(rows.get("once")?.last_seen).toBe(4));
    expect(viewer.of("sights")).toHaveLength(2);
  });

  it("hold only what the viewer may see", async () => {
    const { stub, rpc } = crowdShard("tenants");
    const viewer = await TestViewer.open({ shard: stub, organizations: ["mine", "also-mine"] });
    viewer.send({ type: "watch", orchestrator_ids: ["ours", "alien"], logs: true });
    const line = (orchestratorId: string | null, message: string) => {
      return { at: Date.now(), level: "INFO" as const, message, orchestratorId, count: 1 };
    };
    await rpc.report(report("alien", 1, { organizationId: "foreign" }));
    await rpc.report(report("ours", 1, { organizationId: "mine", lastSeenAt: 5 }));
    await rpc.log([line("alien", "foreign words"), line("ours", "our words"), line(null, "words of nobody")]);
    await rpc.log(
      [],
      [
        { type: "message", orchestratorId: "alien", organizationId: "foreign", detail: null },
        { type: "message", orchestratorId: "ours", organizationId: "mine", detail: "recommendation received" },
      ],
    );
    await viewer.until(({ lines }) => expect(lines.map(({ message }) => message)).toEqual(["our words"]));
    await viewer.until(() => expect(viewer.events("ours")).toContain("message"));
    await viewer.until(({ sights }) => expect([...sights]).toEqual([["ours", 5]]));
    // It moves out of sight.
    await rpc.report(report("ours", 2, { organizationId: "foreign" }));
    await viewer.until(({ rows }) => expect(rows.has("ours")).toBe(false));
    expect(viewer.state.organizations.has("mine")).toBe(false);
    const seen = JSON.stringify(viewer.frames);
    expect(seen).not.toContain("alien");
    expect(seen).not.toContain("foreign");
    expect(viewer.state.problems).toEqual([]);
  });

  it("keep a viewer able to come back although it may see none of many changes", async () => {
    const { stub, rpc } = crowdShard("quiet");
    const viewer = await TestViewer.open({ shard: stub, organizations: ["nothing"] });
    const event = { type: "message", orchestratorId: "x", organizationId: "crowd", detail: null } as const;
    for (let round = 0; round < 30; round++)
      await rpc.log(
        [],
        Array.from({ length: 200 }, () => event),
      );
    await viewer.until(({ index }) => expect(index).toBeGreaterThan(4_500));
    viewer.close();
    const again = await TestViewer.open({ shard: stub, organizations: ["nothing"], state: viewer.state });
    expect(again.state).toMatchObject({ snapshots: 1, resumes: 1, events: [], problems: [] });
  });

  it("end with 1013 for who does not acknowledge them, and cost nobody else anything", async () => {
    const { stub, rpc } = crowdShard("slow");
    const reader = await TestViewer.open({ shard: stub });
    const sleeper = await TestViewer.open({ shard: stub, acks: false });
    const longLine = { at: 0, level: "INFO" as const, message: "x".repeat(2_000), orchestratorId: null, count: 1 };
    for (const viewer of [reader, sleeper]) viewer.send({ type: "watch", orchestrator_ids: [], logs: true });
    for (let round = 0; round < 12; round++) {
      await rpc.log(Array.from({ length: 30 }, () => longLine));
      await sleep(210);
    }
    const chars = sleeper.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    expect(chars).toBeGreaterThan(190_000);
    expect(chars).toBeLessThan(263_000);
    await reader.until(({ lines }) => expect(lines).toHaveLength(360));
    await evict(stub);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
    await runDurableObjectAlarm(stub);
    await sleeper.untilClosed(1013);
    await rpc.report(report("slow", 1));
    await reader.until(({ rows }) => expect(rows.has("slow")).toBe(true));
    expect(reader.closeCode).toBeNull();
  });

  it("that a viewer sends and nobody understands end with 4400", async () => {
    const viewer = await TestViewer.open();
    viewer.send({ type: "watch", orchestrator_ids: [] });
    for (const text of ["", "{", "[]", '{"type":"ack"}', '{"type":"watch","orchestrator_ids":["/"]}', "null"]) {
      viewer.sendText(text);
    }
    await viewer.untilClosed(4400);
  });
});

describe("watching", () => {
  it("shows every beat within a second or two, although reports come every 110 s", async () => {
    const client = await Client.connect("wt-a");
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    const viewer = await TestViewer.open();
    viewer.send({ type: "watch", orchestrator_ids: ["wt-a", "unknown"] });
    await viewer.until(({ sights }) => expect(sights.has("wt-a")).toBe(true));
    for (let beat = 2; beat <= 4; beat++) {
      await sleep(1_100);
      const sentAt = Date.now();
      if (beat === 3) await evict(fleet);
      client.send({ type: "i_am_alive" });
      await client.until("keepalive_ack", beat);
      await viewer.until(({ sights }) => expect(sights.get("wt-a")).toBeGreaterThanOrEqual(sentAt));
    }
    expect(viewer.state.sights.has("unknown")).toBe(false);
    // A beat is no change: it has no index, and Postgres does not hear of it either.
    await runInDurableObject(fleet, (_instance, state) => {
      expect(state.storage.sql.exec("SELECT member FROM members WHERE dirty = 1").toArray()).toEqual([]);
    });
  });

  it("goes on when the watched one comes back with a new session", async () => {
    const viewer = await TestViewer.open();
    const first = await Client.connect("wt-b");
    viewer.send({ type: "watch", orchestrator_ids: ["wt-b"] });
    first.socket.close(1000, "bye");
    const second = await Client.connect("wt-b");
    second.send({ type: "i_am_alive" });
    await second.until("keepalive_ack", 1);
    await sleep(1_500);
    const sentAt = Date.now();
    second.send({ type: "i_am_alive" });
    await viewer.until(({ sights }) => expect(sights.get("wt-b")).toBeGreaterThanOrEqual(sentAt));
  });
});

describe("without viewers", () => {
  it("a change costs its row of the feed, a plain report none, and no alarm comes for the stream", async () => {
    const { stub, rpc } = crowdShard("alone");
    await rpc.report(report("alone", 1));
    await runDurableObjectAlarm(stub);
    const before = await feedIndex(stub);
    await rpc.report(report("alone", 2));
    await rpc.report({ ...report("alone", 3, { lastSeenAt: 1 }), transition: null });
    expect((await feedIndex(stub)) - before).toBe(1);
    const armed = await runInDurableObject(stub, (_instance, state) => state.storage.getAlarm());
    // Presence is flushed to Postgres a second or more later; a frame would be due within 0.2 s.
    expect((armed ?? 0) - Date.now()).toBeGreaterThan(500);
  });
});
