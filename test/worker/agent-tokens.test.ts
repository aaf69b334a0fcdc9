import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { agentTokens } from "../../worker/db/schema.ts";
import { auditOf, bearer, createToken, firstToken, listed, REGISTER, statusOf, tokensOf } from "./agent-token-calls.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";
import { sessionOf } from "./session.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
    expect(answer.body.data.connect_url).toBe(
      `wss://tok-instance:${answer.body.data.agent_token}@controller.example/ws`,
    );
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

    expect((await call("DELETE", `${tokensOf(id)}/${keyId}`)).status).toBe(200);
    await client.untilClosed(4401);
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
    const dueAt = (at: number) =>
      runInDurableObject(orchestratorStub(id), (_instance, state) => {
        state.storage.sql.exec("UPDATE outbox SET due_at = ?", at);
      });
    // Its own alarm must not be faster than this test.
    await dueAt(Date.now() + 3_600_000);
    broken.mockRestore();
    const stored = () => database(env).select({ key: agentTokens.keyId, at: agentTokens.revokedAt }).from(agentTokens);
    expect((await stored()).find(({ key }) => key === keyId)).toMatchObject({ at: null });
    await dueAt(Date.now());
    await orchestratorRpc(id).describe();
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
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const end = Date.now() + 60_000;
    const { agent_token: token } = await createToken(id, { expires_at: new Date(end).toISOString() });
    const client = await Client.connectWith(token, id);
    vi.setSystemTime(end - 1);
    await runDurableObjectAlarm(orchestratorStub(id));
    client.send({ type: "request_status" });
    await client.until("status", 1);
    vi.setSystemTime(end);
    await runDurableObjectAlarm(orchestratorStub(id));
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
