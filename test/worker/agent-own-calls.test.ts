import { afterEach, describe, expect, it, vi } from "vitest";
import { auditOf, bearer, firstToken, REGISTER, statusOf, tokensOf } from "./agent-token-calls.ts";
import { call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
    expect(await status("GET", `${INTERNAL}/health`)).toBe(200);
    expect((await call("DELETE", `${own}/deregister`)).body.deleted).toBe(true);
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
