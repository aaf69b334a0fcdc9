import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { auditOf, firstToken, REGISTER } from "./agent-token-calls.ts";
import { CONTROLLER, call, DEV_TOKEN, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";
import { sessionOf } from "./session.ts";

/** What scripts that were written for the Python controller send, and need not break. */
describe("calls of those who come from the Python controller", () => {
  it("a message without message_type is a monitoring message", async () => {
    await register("orig-type");
    const path = `${INTERNAL}/orchestrators/orig-type/messages`;
    for (const body of [{ content: "x" }, { content: "x", message_type: null }]) {
      const answer = await call("POST", path, { body });
      expect([answer.status, answer.body.message_type]).toEqual([200, "monitoring"]);
    }
    const { body } = await call("GET", path);
    expect(body.messages.map((one: { message_type: string }) => one.message_type)).toEqual([
      "monitoring",
      "monitoring",
    ]);
    expect((await call("POST", path, { body: { content: "x", message_type: "rumour" } })).status).toBe(422);
  });

  it.each([
    [`${INTERNAL}/messages`, 1000],
    [`${INTERNAL}/logs`, 1000],
    [`${INTERNAL}/orchestrators/orig-limit/messages`, 1000],
    [`${CONTROLLER}/activity`, 1000],
    [`${CONTROLLER}/orchestrators/orig-limit/activity`, 1000],
    [`${CONTROLLER}/attention`, 100],
  ])("a limit above the maximum of %s counts as %i, and the answer says so", async (path, most) => {
    await register("orig-limit");
    const limitOf = async (limit: string) => {
      const { status, body } = await call("GET", `${path}?limit=${limit}`);
      expect(status).toBe(200);
      const { limit: counted, limit_capped } = body.data?.limit === undefined ? body : body.data;
      return { limit: counted, limit_capped };
    };
    expect(await limitOf(String(most))).toEqual({ limit: most, limit_capped: false });
    expect(await limitOf(String(most + 1))).toEqual({ limit: most, limit_capped: true });
    expect(await limitOf("999999999")).toEqual({ limit: most, limit_capped: true });
    for (const wrong of ["0", "-1", "1.5", "1e18", "many", "Infinity"]) {
      expect((await call("GET", `${path}?limit=${wrong}`)).status).toBe(422);
    }
  });
});

const basic = (user: string, secret: string, scheme = "Basic") => ({
  bearer: null,
  headers: { Authorization: `${scheme} ${btoa(`${user}:${secret}`)}` },
});

describe("the client that speaks HTTP only", () => {
  const beat = (id: string, options: object) =>
    call("POST", `${INTERNAL}/orchestrators/heartbeat`, { body: { orchestrator_id: id }, ...options });

  it("is known by the ID:TOKEN of its address on every call it makes", async () => {
    const id = "orig-basic";
    const token = await firstToken(id);
    const as = basic(id, token);
    expect((await call("GET", `${INTERNAL}/health`, as)).status).toBe(200);
    const again = await call("POST", REGISTER, { body: { orchestrator_id: id, organization_id: id }, ...as });
    expect([again.status, again.body.created]).toEqual([200, false]);
    expect((await beat(id, as)).body.status).toBe("active");
    expect((await beat(id, basic(id, token, "BASIC"))).status).toBe(200);
    expect((await beat(id, basic(encodeURIComponent(id).replace("-", "%2D"), token))).status).toBe(200);
  });

  it("is refused with another's id, another kind of credential, or a person's password", async () => {
    const token = await firstToken("orig-refused");
    await register("orig-other");
    const made = { name: "orig-basic", scopes: ["read"], organizations: null };
    const apiToken = (await call("POST", `${CONTROLLER}/api-tokens`, { body: made })).body.data.api_token;
    expect((await call("GET", `${CONTROLLER}/organizations`, { bearer: apiToken })).status).toBe(200);
    const session = await sessionOf("viewer", null);
    expect((await call("GET", `${CONTROLLER}/organizations`, { bearer: session })).status).toBe(200);
    for (const options of [
      basic("orig-other", token),
      basic("orig-refused", `${token}x`),
      basic("orig-refused", DEV_TOKEN),
      basic("development", DEV_TOKEN),
      basic("orig-refused", ""),
      basic("", DEV_TOKEN),
      basic("", apiToken),
      basic("", session),
      basic("", token),
    ]) {
      expect((await beat("orig-refused", options)).status).toBe(401);
      expect((await call("GET", `${CONTROLLER}/organizations`, options)).status).toBe(401);
    }
    expect((await call("GET", `${CONTROLLER}/organizations`, basic("orig-refused", token))).status).toBe(403);
  });
});

describe("an orchestrator that deregisters itself when it stops", () => {
  const detailOf = async (id: string) => (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
  const rowOf = async (id: string) => {
    const { body } = await call("GET", `${CONTROLLER}/orchestrators?q=${id}`);
    return body.data.items[0];
  };

  it("is inactive at once, keeps all that it has, and is back with its next beat", async () => {
    const id = "orig-leaves";
    const as = basic(id, await firstToken(id));
    const beat = () => call("POST", `${INTERNAL}/orchestrators/heartbeat`, { body: { orchestrator_id: id }, ...as });
    const leave = () => call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`, as);
    await call("POST", `${INTERNAL}/orchestrators/${id}/messages`, { body: { content: "kept" } });
    await beat();
    const { last_seen: seenAt, created_at: since } = await detailOf(id);

    const left = await leave();
    expect([left.status, left.body.deleted, left.body.orchestrator_id]).toEqual([200, false, id]);
    expect(left.body.message).toContain("Nothing was deleted");
    expect(await detailOf(id)).toMatchObject({ status: "inactive", connected: false, last_seen: seenAt });
    expect(await rowOf(id)).toMatchObject({ status: "inactive", created_at: since });
    expect((await call("GET", `${INTERNAL}/orchestrators/${id}/messages`, as)).body.total_count).toBe(1);

    // Everybody hears of it: the audit, the log, its own activity and that of the fleet.
    expect(await auditOf(id, "orchestrator.leave")).toEqual([expect.objectContaining({ actor: `agent:${id}` })]);
    expect(await auditOf(id, "orchestrator.deregister")).toEqual([]);
    const { logs } = (await call("GET", `${INTERNAL}/logs?q=${id}%20said`)).body;
    expect(logs.map((line: { message: string }) => line.message)).toEqual([
      `[C-OCS] Orchestrator ${id} said that it is going`,
    ]);
    const own = (await call("GET", `${CONTROLLER}/orchestrators/${id}/activity`)).body.data.items;
    expect(own[0]).toMatchObject({ type: "left", data: { by: `agent:${id}` } });
    const events = (await call("GET", `${CONTROLLER}/activity`)).body.data.items;
    expect(events.find((event: { orchestrator_id: string }) => event.orchestrator_id === id)).toMatchObject({
      type: "disconnected",
      detail: "the orchestrator has signed off",
    });

    // Saying it twice changes nothing, and the same token brings it back, right after.
    expect((await leave()).status).toBe(200);
    expect((await beat()).body.status).toBe("active");
    expect((await rowOf(id)).status).toBe("active");
    const again = await call("POST", REGISTER, { body: { orchestrator_id: id }, ...as });
    expect([again.status, again.body.created]).toEqual([200, false]);
  });

  it("has its WebSocket closed, and may come back over one", async () => {
    const id = "orig-leaves-ws";
    const token = await firstToken(id);
    const client = await Client.connectWith(token, id);
    expect((await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`, { bearer: token })).status).toBe(200);
    await client.untilClosed(1000);
    expect(await detailOf(id)).toMatchObject({ status: "inactive", connected: false });
    await Client.connectWith(token, id);
    expect(await detailOf(id)).toMatchObject({ status: "active", connected: true });
  });

  it.each([
    ["an equal machine", "h"],
    ["another host", "pod-2"],
  ])("B31: and was replaced by %s does not take its successor's session with it", async (words, hostname) => {
    const id = `orig-leaves-${words.split(" ")[1]}`;
    const token = await firstToken(id);
    const old = await Client.connectWith(token, id);
    const successor = await Client.open("/ws", { Authorization: `Bearer ${token}` });
    successor.send({ type: "handshake", data: { orchestrator_id: id, metadata: { hostname } } });
    await successor.until("handshake_ack", 1);
    await old.untilClosed(4409);
    const leave = () => call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`, { bearer: token });
    const left = await leave();
    expect([left.status, left.body.deleted]).toEqual([200, false]);
    successor.send({ type: "i_am_alive" });
    await successor.until("keepalive_ack", 1);
    expect(successor.closeCode).toBeNull();
    expect(await detailOf(id)).toMatchObject({ status: "active", connected: true });
    expect(await rowOf(id)).toMatchObject({ status: "active" });
    expect(await auditOf(id, "orchestrator.leave")).toHaveLength(1);
    const own = (await call("GET", `${CONTROLLER}/orchestrators/${id}/activity`)).body.data.items;
    expect(own).toContainEqual(expect.objectContaining({ type: "left", data: { by: `agent:${id}`, stays: true } }));
    const { logs } = (await call("GET", `${INTERNAL}/logs?q=${id}%20said`)).body;
    expect(logs.map((line: { message: string }) => line.message)).toEqual([
      `[C-OCS] A process of orchestrator ${id} said that it is going; the session of another one goes on`,
    ]);

    // When the successor itself goes, the end of its socket says so.
    expect((await leave()).status).toBe(200);
    successor.socket.close(1000);
    await eventually(async () => expect(await detailOf(id)).toMatchObject({ status: "inactive", connected: false }));
  });

  it("means the same without a credential in development, while whoever administers deletes", async () => {
    const id = "orig-leaves-dev";
    await register(id);
    const path = `${INTERNAL}/orchestrators/${id}/deregister`;
    expect((await call("DELETE", path, { bearer: null })).body.deleted).toBe(false);
    expect((await detailOf(id)).status).toBe("inactive");
    expect((await call("DELETE", path)).body.deleted).toBe(true);
    expect((await call("GET", `${CONTROLLER}/orchestrators/${id}`)).status).toBe(404);
    expect((await call("DELETE", path, { bearer: null })).status).toBe(404);
  });

  it("is independent still, when it was", async () => {
    const id = "orig-leaves-free";
    const token = await firstToken(id);
    await call("PUT", `${INTERNAL}/orchestrators/${id}/independence`, { body: { is_independent: true } });
    expect((await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`, { bearer: token })).status).toBe(200);
    expect(await detailOf(id)).toMatchObject({ status: "independent", connected: false });
  });
});
