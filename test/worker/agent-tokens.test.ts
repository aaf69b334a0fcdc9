import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { agentTokens } from "../../worker/db/schema.ts";
import { newToken } from "../../worker/tokens.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, orchestratorRpc, orchestratorStub, upgrade } from "./client.ts";
import { sessionOf } from "./session.ts";

const REGISTER = `${INTERNAL}/orchestrators/register`;
const tokensOf = (id: string) => `${CONTROLLER}/orchestrators/${id}/tokens`;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const basic = (user: string, password: string) => ({ Authorization: `Basic ${btoa(`${user}:${password}`)}` });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Registers and returns the first token. */
async function firstToken(id: string, organizationId = id): Promise<string> {
  const body = { orchestrator_id: id, organization_id: organizationId };
  const answer = await call("POST", REGISTER, { body });
  expect(answer.status).toBe(200);
  return answer.body.agent_token;
}

async function createToken(id: string, body: object = {}): Promise<{ agent_token: string; key_id: string }> {
  const answer = await call("POST", tokensOf(id), { body });
  expect(answer.status).toBe(200);
  return answer.body.data;
}

const listed = async (id: string) => (await call("GET", tokensOf(id))).body.data.items;
const statusOf = async (path: string, headers: Record<string, string>) => (await upgrade(path, headers)).status;
const auditOf = async (target: string, action: string) =>
  (await call("GET", `${CONTROLLER}/audit?page_size=100&target=${target}&action=${action}`)).body.data.items;

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

describe("registering", () => {
  it("answers a token once, and never again", async () => {
    const token = await firstToken("tok-reg");
    expect(token).toMatch(/^mca_tok-reg\.[0-9A-Za-z]{48}$/);
    const again = await call("POST", REGISTER, { body: { orchestrator_id: "tok-reg", name: "Another name" } });
    expect(again.body).toMatchObject({ created: false });
    expect(again.text).not.toContain("mca_");
    expect(await listed("tok-reg")).toEqual([
      expect.objectContaining({ key_id: token.slice(12, 22), state: "valid", connected: false, revoked_at: null }),
    ]);
  });

  it("answers a token with an instance that is created", async () => {
    const answer = await call("POST", `${CONTROLLER}/orchestrator-instances`, { body: { org_id: "tok-instance" } });
    expect(answer.body.data.connect_url).toBe(`wss://tok-instance:${answer.body.data.agent_token}@{host}/ws`);
  });

  it("owes the token when the first answer was that it is accepted", async () => {
    const id = "tok-owed";
    vi.spyOn(console, "error").mockImplementation(() => {});
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    expect((await call("POST", REGISTER, { body: { orchestrator_id: id } })).status).toBe(503);
    broken.mockRestore();
    const token = await firstToken(id);
    expect(await statusOf("/ws", bearer(token))).toBe(101);
    expect((await call("POST", REGISTER, { body: { orchestrator_id: id } })).body.agent_token).toBeUndefined();
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
    expect(fetches).not.toHaveBeenCalled();
    fetches.mockRestore();
  });

  it("may be a made-up password in development, as long as it is none of ours", async () => {
    expect(await statusOf("/ws", basic("tok-made-up", "x"))).toBe(101);
    expect(await statusOf("/ws", basic("tok-made-up", "mca_x"))).toBe(401);
  });
});

describe("revoking", () => {
  it("closes the socket that came with the token, and no other one", async () => {
    const id = "tok-revoke";
    const first = await firstToken(id);
    const { agent_token: second, key_id: keyId } = await createToken(id, { label: "second" });
    const client = await Client.connectWith(second, id);
    const [newest, oldest] = await listed(id);
    expect([newest.label, newest.connected, oldest.connected]).toEqual(["second", true, false]);
    expect((await call("DELETE", `${tokensOf(id)}/${oldest.key_id}`)).status).toBe(200);
    client.send({ type: "request_status" });
    await client.until("status", 1);

    const revokedAt = Date.now();
    expect((await call("DELETE", `${tokensOf(id)}/${keyId}`)).status).toBe(200);
    await client.untilClosed(4401);
    expect(Date.now() - revokedAt).toBeLessThan(2_000);
    expect(client.frames.at(-1)).toMatchObject({ type: "error", data: { code: "credential_ended", fatal: true } });
    expect(await orchestratorRpc(id).describe()).toMatchObject({ view: { status: "inactive", connected: false } });
    for (const token of [first, second]) expect(await statusOf("/ws", bearer(token))).toBe(401);
    expect((await listed(id)).map((row: { state: string }) => row.state)).toEqual(["revoked", "revoked"]);
    // Repeated, it says the same.
    expect((await call("DELETE", `${tokensOf(id)}/${keyId}`)).status).toBe(200);
    expect((await call("DELETE", `${tokensOf(id)}/0123456789`)).status).toBe(404);
  });

  it("reaches a socket before its handshake as well", async () => {
    const id = "tok-pending";
    const token = await firstToken(id);
    const client = await Client.open("/ws", bearer(token));
    const [{ key_id: keyId }] = await listed(id);
    await call("DELETE", `${tokensOf(id)}/${keyId}`);
    await client.untilClosed(4401);
  });

  it("acts at once while Postgres is away, and is told to it later", async () => {
    const id = "tok-away";
    const token = await firstToken(id);
    const [{ key_id: keyId }] = await listed(id);
    const client = await Client.connectWith(token, id);
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    expect((await call("DELETE", `${tokensOf(id)}/${keyId}`)).status).toBe(503);
    await client.untilClosed(4401);
    broken.mockRestore();
    const stored = () => database(env).select({ key: agentTokens.keyId, at: agentTokens.revokedAt }).from(agentTokens);
    expect((await stored()).find(({ key }) => key === keyId)).toMatchObject({ at: null });
    await runInDurableObject(orchestratorStub(id), (_instance, state) => {
      state.storage.sql.exec("UPDATE outbox SET due_at = ?", Date.now());
    });
    await runDurableObjectAlarm(orchestratorStub(id));
    expect((await stored()).find(({ key }) => key === keyId)).toMatchObject({ at: expect.any(Date) });
    expect(await auditOf(id, "credential.revoke")).toHaveLength(1);
  });

  it("comes with the end of the registration, which a new one does not undo", async () => {
    const id = "tok-gone";
    const token = await firstToken(id);
    const client = await Client.connectWith(token, id);
    expect((await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`)).status).toBe(200);
    await client.untilClosed(4404);
    expect(await statusOf("/ws", bearer(token))).toBe(401);
    const next = await firstToken(id);
    expect(next).not.toBe(token);
    expect(await statusOf("/ws", bearer(token))).toBe(401);
    expect(await statusOf("/ws", bearer(next))).toBe(101);
    expect(await listed(id)).toHaveLength(1);
  });
});

describe("a token", () => {
  it("closes its socket when it expires", async () => {
    const id = "tok-expire";
    await firstToken(id);
    const { agent_token: token } = await createToken(id, { expires_at: new Date(Date.now() + 3_000).toISOString() });
    const client = await Client.connectWith(token, id);
    await client.untilClosed(4401);
    expect(await statusOf("/ws", bearer(token))).toBe(401);
    expect((await listed(id)).map((row: { state: string }) => row.state).sort()).toEqual(["expired", "valid"]);
  });

  it("is one of two at most, and its end lies ahead", async () => {
    const id = "tok-two";
    await firstToken(id);
    await createToken(id);
    expect((await call("POST", tokensOf(id), { body: {} })).body.error.code).toBe("already_exists");
    const past = { expires_at: new Date(Date.now() - 1000).toISOString() };
    expect((await call("POST", tokensOf(id), { body: past })).status).toBe(422);
    expect((await call("POST", tokensOf("tok-nobody"), { body: {} })).status).toBe(404);
  });

  it("is for admins to make and for those of the organization to see", async () => {
    await firstToken("tok-bound", "tok-bound-org");
    const path = tokensOf("tok-bound");
    const [operator, foreign, own] = [
      await sessionOf("operator", null),
      await sessionOf("admin", ["tok-elsewhere"]),
      await sessionOf("admin", ["tok-bound-org"]),
    ];
    expect((await call("POST", path, { body: {}, bearer: operator })).status).toBe(403);
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? { body: {} } : {};
      expect((await call(method, path, { ...body, bearer: foreign })).status).toBe(404);
      expect((await call(method, path, { ...body, bearer: own })).status).toBe(200);
    }
    const [{ key_id: keyId }] = await listed("tok-bound");
    expect((await call("DELETE", `${path}/${keyId}`, { bearer: foreign })).status).toBe(404);
  });

  it("stands in no audit row, which tells of every one that was made and revoked", async () => {
    const id = "tok-audit";
    await firstToken(id);
    const { key_id: keyId } = await createToken(id, { label: "blue" });
    await call("DELETE", `${tokensOf(id)}/${keyId}`);
    expect((await auditOf(id, "credential.create")).map((row: { after: object }) => row.after)).toContainEqual({
      key_id: keyId,
      label: "blue",
      expires_at: null,
    });
    expect(await auditOf(id, "credential.revoke")).toEqual([
      expect.objectContaining({ actor: "user:development", before: expect.objectContaining({ key_id: keyId }) }),
    ]);
    expect(JSON.stringify(await auditOf(id, "credential"))).not.toContain("mca_");
  });
});

describe("an orchestrator's own calls", () => {
  it("reach what is its own and nothing else", async () => {
    const id = "tok-agent";
    const token = await firstToken(id, "tok-agent-org");
    await register("tok-agent-2", { organization_id: "tok-agent-org" });
    await register("tok-agent-far");
    const status = async (method: string, path: string, body?: object) =>
      (await call(method, path, { bearer: token, ...(body && { body }) })).status;
    const own = `${INTERNAL}/orchestrators/${id}`;
    expect(await status("POST", REGISTER, { orchestrator_id: id, name: "Mine" })).toBe(200);
    expect(await status("POST", `${INTERNAL}/orchestrators/heartbeat`, { orchestrator_id: id })).toBe(200);
    expect(await status("GET", `${INTERNAL}/health`)).toBe(200);
    expect(await status("GET", `${own}/messages`)).toBe(200);
    expect(await status("GET", `${own}/independence`)).toBe(200);
    expect(await status("PUT", `${own}/independence`, { is_independent: false })).toBe(200);
    const message = await call("POST", `${own}/messages`, {
      bearer: token,
      body: { message_type: "recommendation", content: "x" },
    });
    const decision = `${INTERNAL}/messages/${message.body.message_id}/status`;
    expect(await status("PUT", decision, { status: "accepted" })).toBe(200);

    for (const foreign of ["tok-agent-2", "tok-agent-far", "tok-agent-unknown"]) {
      const path = `${INTERNAL}/orchestrators/${foreign}`;
      expect(await status("POST", REGISTER, { orchestrator_id: foreign })).toBe(403);
      expect(await status("POST", `${INTERNAL}/orchestrators/heartbeat`, { orchestrator_id: foreign })).toBe(404);
      expect(await status("GET", `${path}/messages`)).toBe(404);
      expect(await status("POST", `${path}/messages`, { message_type: "monitoring", content: "x" })).toBe(404);
      expect(await status("GET", `${path}/independence`)).toBe(404);
      expect(await status("PUT", `${path}/independence`, { is_independent: true })).toBe(404);
      expect(await status("DELETE", `${path}/deregister`)).toBe(404);
      expect(await status("POST", `${path}/tokens`, {})).toBe(404);
    }
    expect(await status("POST", REGISTER, { orchestrator_id: id, organization_id: "tok-agent-far" })).toBe(403);
    for (const path of ["/controller/orchestrators", "/controller/audit", "/internal/messages", "/internal/logs"]) {
      expect(await status("GET", `/api/v1${path}`)).toBe(403);
    }
    expect(await status("GET", tokensOf(id))).toBe(403);
    expect(await status("POST", tokensOf(id), {})).toBe(403);
    expect(await auditOf(id, "message.create")).toEqual([expect.objectContaining({ actor: `agent:${id}` })]);

    expect(await status("DELETE", `${own}/deregister`)).toBe(200);
    expect(await status("GET", `${INTERNAL}/health`)).toBe(401);
  });

  it("fetch the next token, and lose the old one after the overlap", async () => {
    const id = "tok-rotate";
    const old = await firstToken(id);
    const path = `${INTERNAL}/orchestrators/${id}/tokens`;
    const client = await Client.connectWith(old, id);
    const answer = await call("POST", path, { bearer: old, body: { overlap_sec: 2, label: "next" } });
    expect(answer.status).toBe(200);
    const next: string = answer.body.data.agent_token;
    expect(await statusOf("/ws", bearer(next))).toBe(101);
    await client.untilClosed(4401);
    expect(await statusOf("/ws", bearer(old))).toBe(401);
    expect((await call("POST", path, { bearer: old, body: {} })).status).toBe(401);
    expect(await auditOf(id, "credential.exchange")).toEqual([expect.objectContaining({ actor: `agent:${id}` })]);
    // A person has no token to follow.
    expect((await call("POST", path, { body: {} })).status).toBe(403);
    expect((await call("POST", path, { bearer: null, body: {} })).status).toBe(403);
  });

  it("get the next token while Postgres is away", async () => {
    const id = "tok-rotate-away";
    const old = await firstToken(id);
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const answer = await call("POST", `${INTERNAL}/orchestrators/${id}/tokens`, { bearer: old, body: {} });
    broken.mockRestore();
    expect(answer.status).toBe(200);
    expect(await statusOf("/ws", bearer(answer.body.data.agent_token))).toBe(101);
    expect(await statusOf("/ws", bearer(old))).toBe(101);
  });
});
