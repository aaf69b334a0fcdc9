import { describe, expect, it } from "vitest";
import { firstToken, REGISTER } from "./agent-token-calls.ts";
import { CONTROLLER, call, DEV_TOKEN, INTERNAL, register } from "./api.ts";

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
    expect(await limitOf("1e18")).toEqual({ limit: most, limit_capped: true });
    for (const wrong of ["0", "-1", "1.5", "many", "Infinity"]) {
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
    for (const options of [
      basic("orig-other", token),
      basic("orig-refused", `${token}x`),
      basic("orig-refused", DEV_TOKEN),
      basic("development", DEV_TOKEN),
      basic("orig-refused", ""),
    ]) {
      expect((await beat("orig-refused", options)).status).toBe(401);
      expect((await call("GET", `${CONTROLLER}/organizations`, options)).status).toBe(401);
    }
    expect((await call("GET", `${CONTROLLER}/organizations`, basic("orig-refused", token))).status).toBe(403);
  });
});
