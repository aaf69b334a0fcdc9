import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newToken } from "../../worker/platform/tokens.ts";
import { bearer, firstToken, listed, statusOf } from "./agent-token-calls.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, orchestratorStub, upgrade } from "./client.ts";
import { statementOf } from "./statements.ts";

const basic = (user: string, password: string) => ({ Authorization: `Basic ${btoa(`${user}:${password}`)}` });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("an id that was made up", () => {
  it("leaves nothing behind, whoever asks for it and with whatever token", async () => {
    const id = "tok-stranger";
    const token = newToken("agent", id).text;
    expect(await statusOf("/ws", bearer(token))).toBe(401);
    expect((await call("GET", `${INTERNAL}/health`, { bearer: token })).status).toBe(401);
    expect((await call("GET", `${CONTROLLER}/orchestrators/${id}`)).status).toBe(404);
    expect((await call("GET", `${CONTROLLER}/orchestrators/${id}/activity`)).status).toBe(404);
    expect((await call("GET", `${CONTROLLER}/orchestrators/heartbeats?ids=${id}`)).status).toBe(200);
    const tables = () =>
      runInDurableObject(orchestratorStub(id), (_instance, { storage }) =>
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '_cf_%'").toArray(),
      );
    expect(await tables()).toEqual([]);
    await register(id);
    expect(await tables()).not.toEqual([]);
  });
});

describe("an orchestrator that connects over and over", () => {
  it("is refused with 429 until it waits, and keeps the connection it has", async () => {
    const token = await firstToken("tok-restless");
    const headers = bearer(token);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const first = await Client.connectWith(token, "tok-restless");
    const statuses: number[] = [];
    for (let index = 0; index < 121; index++) statuses.push(await statusOf("/ws", headers));
    expect(statuses).toEqual([...Array(119).fill(101), 429, 429]);
    const refused = await upgrade("/ws", headers);
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limited" } });
    expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]/);
    first.send({ type: "i_am_alive" });
    await first.until("keepalive_ack", 1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_000 });
    expect([await statusOf("/ws", headers), await statusOf("/ws", headers)]).toEqual([101, 429]);
  });
});

describe("the credential of an upgrade", () => {
  it("is taken as Bearer, or as Basic with the id as user, at every address", async () => {
    const token = await firstToken("tok-up");
    for (const path of ["/ws", "/ws/tok-up", "/ws?orchestrator_id=tok-up", "/"]) {
      expect(await statusOf(path, bearer(token))).toBe(101);
      expect(await statusOf(path, basic("tok-up", token))).toBe(101);
    }
    const client = await Client.connectWith(token, "tok-up");
    expect(await listed("tok-up")).toEqual([expect.objectContaining({ connected: true })]);
    client.socket.close(1000);
  });

  it("is refused when it is mistyped, made up, of another orchestrator or of another kind", async () => {
    const [token, other] = [await firstToken("tok-bad"), await firstToken("tok-other")];
    const madeUp = newToken("agent", "tok-bad").text;
    for (const [path, headers] of [
      ["/ws", bearer(`${token.slice(0, -1)}!`)],
      ["/ws", bearer(`${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`)],
      ["/ws", bearer(madeUp)],
      ["/ws", basic("tok-bad", madeUp)],
      ["/ws", basic("tok-bad", other)],
      ["/ws/tok-bad", bearer(other)],
      ["/ws?orchestrator_id=tok-bad", bearer(other)],
      ["/ws", bearer(newToken("agent", "tok-unknown").text)],
      ["/ws", bearer(newToken("api").text)],
      ["/ws", bearer(newToken("join").text)],
      ["/ws", bearer(`${token}, Bearer ${token}`)],
    ] as const) {
      const answer = await upgrade(path, headers);
      expect({ path, headers, status: answer.status }).toEqual({ path, headers, status: 401 });
      expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
      const body = await answer.text();
      expect(JSON.parse(body)).toMatchObject({ success: false, error: { code: "unauthorized" } });
      expect(body).not.toContain("mca_");
    }
  });

  it("cannot be put in the place of the Worker's own word", async () => {
    const token = await firstToken("tok-forge");
    const [{ key_id: keyId }] = await listed("tok-forge");
    const forged = { "X-Moolai-Key-Id": keyId, "X-Moolai-Key-Digest": "00".repeat(32) };
    // Dropped, so that it is an upgrade without a credential, which development lets through.
    expect(await statusOf("/ws/tok-forge", forged)).toBe(101);
    expect(await statusOf("/ws/tok-forge", { ...forged, ...bearer(token) })).toBe(101);
  });

  it("is refused in an address, by a code and without a line that repeats it", async () => {
    const token = await firstToken("tok-query");
    const lines: string[] = [];
    for (const method of ["log", "warn", "error"] as const) {
      vi.spyOn(console, method).mockImplementation((line: unknown) => lines.push(String(line)));
    }
    for (const path of [
      `/ws?token=${token}`,
      `/ws?orchestrator_id=tok-query&key=${token}`,
      `/ws/${token}`,
      "/ws/tok-query?token=x",
      "/ws/tok-query?access_token=x",
    ]) {
      const answer = await upgrade(path, {});
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: "unauthorized" } });
    }
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join("\n")).not.toContain(token.slice(-32));
  });

  it("does not open the door to web pages", async () => {
    const token = await firstToken("tok-origin");
    const answer = await upgrade("/ws", { ...bearer(token), Origin: "https://evil.example" });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "origin_rejected" } });
  });

  it("holds for frames too", async () => {
    const token = await firstToken("tok-frames");
    const client = await Client.open("/ws", bearer(token));
    client.send({ type: "handshake", data: { orchestrator_id: "tok-frames-other", metadata: {} } });
    await client.untilClosed(4403);
    const open = await Client.connectWith(token, "tok-frames");
    open.send({ type: "i_am_alive", orchestrator_id: "tok-frames-other" });
    await open.untilClosed(4403);
  });

  it("needs no Postgres", async () => {
    const token = await firstToken("tok-offline");
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const fetches = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const opened = await upgrade("/ws", bearer(token));
    expect(opened.status).toBe(101);
    expect(await statusOf("/ws", bearer(newToken("agent", "tok-offline").text))).toBe(401);
    expect(fetches.mock.calls.map(statementOf).filter((statement) => statement.includes("agent_tokens"))).toEqual([]);
  });

  it("may be a made-up password in development, as long as it is none of ours", async () => {
    expect(await statusOf("/ws", basic("tok-made-up", "x"))).toBe(101);
    expect(await statusOf("/ws", basic("tok-made-up", "mca_x"))).toBe(401);
  });
});
