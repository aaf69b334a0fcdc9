import { describe, expect, it } from "vitest";
import { newToken } from "../../worker/platform/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { bearer, firstToken, REGISTER } from "./agent-token-calls.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { upgrade } from "./client.ts";
import { ADDRESS, auditOf, FROM, itemsOf, seen } from "./refusal-views.ts";

const basic = (user: string, secret: string) => `Basic ${btoa(`${user}:${secret}`)}`;
const HEARTBEAT = `${INTERNAL}/orchestrators/heartbeat`;
const JOIN = `${INTERNAL}/orchestrators/join`;

/** The status of a heartbeat with this header. */
async function beat(id: string, authorization: string): Promise<number> {
  const headers = { Authorization: authorization, ...FROM };
  return (await call("POST", HEARTBEAT, { bearer: null, headers, body: { orchestrator_id: id } })).status;
}

/** `Bearer` of a token with a mistyped end. */
const mistyped = (token: string) => `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`;

describe("a credential of an orchestrator that is refused over REST", () => {
  it("is seen when it is the token of another orchestrator", async () => {
    const token = await firstToken("rrr-one");
    await register("rrr-two");
    expect(await beat("rrr-two", basic("rrr-two", token))).toBe(401);
    await seen("rrr-two", "wrong_id");
    await eventually(async () => expect(await auditOf("rrr-two")).toMatchObject([{ after: { code: "wrong_id" } }]));
    expect(await itemsOf("rrr-one")).toEqual([]);
  });

  it("is seen when it is mistyped, made up, of another kind or missing, as Basic and as Bearer", async () => {
    const cases = [
      ["rrr-basic-typo", (id, token) => basic(id, mistyped(token))],
      ["rrr-basic-made-up", (id) => basic(id, newToken("agent", id).text)],
      ["rrr-basic-api", (id) => basic(id, newToken("api").text)],
      ["rrr-basic-none", (id) => basic(id, "")],
      ["rrr-basic-nameless", (_id, token) => basic("", token)],
      ["rrr-bearer-typo", (_id, token) => `Bearer ${mistyped(token)}`],
      ["rrr-bearer-made-up", (id) => `Bearer ${newToken("agent", id).text}`],
    ] as const satisfies [string, (id: string, token: string) => string][];
    for (const [id, credential] of cases) {
      const token = await firstToken(id);
      expect([id, await beat(id, credential(id, token))]).toEqual([id, 401]);
      await seen(id, "wrong_token");
    }
  });

  it("is seen under an id that nobody knows", async () => {
    const id = "rrr-nobody";
    expect(await beat(id, `Bearer ${newToken("agent", id).text}`)).toBe(401);
    await seen(id, "wrong_token", "medium");
  });

  it("is seen when its orchestrator was deregistered", async () => {
    const token = await firstToken("rrr-gone");
    await call("DELETE", `${INTERNAL}/orchestrators/rrr-gone/deregister`);
    expect(await beat("rrr-gone", `Bearer ${token}`)).toBe(401);
    await eventually(async () =>
      expect(await itemsOf("rrr-gone")).toMatchObject([{ count: 1, refusal: { reason: "deregistered" } }]),
    );
  });

  it("is seen when it is good, and names another orchestrator", async () => {
    const token = await firstToken("rrr-good");
    const calls = [
      ["rrr-beat", "POST", HEARTBEAT, { orchestrator_id: "rrr-beat" }, 404],
      ["rrr-register", "POST", REGISTER, { orchestrator_id: "rrr-register" }, 403],
      ["rrr-read", "GET", `${INTERNAL}/orchestrators/rrr-read/independence`, undefined, 404],
      ["rrr-fetch", "POST", `${INTERNAL}/orchestrators/rrr-fetch/tokens`, {}, 404],
      ["rrr-leave", "DELETE", `${INTERNAL}/orchestrators/rrr-leave/deregister`, undefined, 404],
    ] as const;
    for (const [id, method, path, body, status] of calls) {
      await register(id);
      const answer = await call(method, path, { bearer: token, headers: FROM, ...(body && { body }) });
      expect([id, answer.status]).toEqual([id, status]);
      await seen(id, "wrong_id");
      // The organization it belongs to is not told whose token that was; who sees all is.
      await eventually(async () =>
        expect(await auditOf(id)).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ actor: "anonymous", organization_id: id }),
            expect.objectContaining({ actor: "agent:rrr-good", organization_id: null, ip: ADDRESS }),
          ]),
        ),
      );
    }
    expect(await itemsOf("rrr-good")).toEqual([]);
  });

  it("is seen when it is a join token that is not valid", async () => {
    await register("rrr-join");
    const headers = { ...bearer(newToken("join").text), ...FROM };
    const answer = await call("POST", JOIN, { bearer: null, headers, body: { orchestrator_id: "rrr-join" } });
    expect(answer.status).toBe(401);
    await seen("rrr-join", "wrong_token");
  });

  it("says nothing of people and programs", async () => {
    const headers = { Authorization: `Bearer ${newToken("api").text}`, ...FROM };
    expect((await call("GET", `${CONTROLLER}/orchestrators`, { bearer: null, headers })).status).toBe(401);
    const { items } = (await call("GET", `${CONTROLLER}/attention?limit=100`)).body.data;
    expect(items.filter((item: { orchestrator_id: string | null }) => item.orchestrator_id === null)).toEqual([]);
  });
});

describe("a credential of an orchestrator that is refused in another place", () => {
  it("is seen when it stands in the address", async () => {
    const token = await firstToken("rrr-address");
    await register("rrr-in-path");
    expect((await upgrade(`/ws?token=${token}`, FROM)).status).toBe(401);
    expect((await upgrade("/ws/rrr-in-path?token=x", FROM)).status).toBe(401);
    await seen("rrr-address", "wrong_token");
    await seen("rrr-in-path", "wrong_token");
  });

  it("is seen when the header cannot be read", async () => {
    await register("rrr-header");
    expect((await upgrade("/ws/rrr-header", { Authorization: "Bearer", ...FROM })).status).toBe(401);
    await seen("rrr-header", "wrong_token");
  });

  it("is seen when a web page brings one that is not valid", async () => {
    const headers = { ...bearer(newToken("agent", "rrr-page").text), Origin: "https://evil.example", ...FROM };
    expect((await upgrade("/ws", headers)).status).toBe(401);
    await seen("rrr-page", "wrong_token", "medium");
  });
});
