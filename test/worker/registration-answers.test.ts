import { afterEach, describe, expect, it, vi } from "vitest";
import { CONTROLLER, call, INTERNAL } from "./api.ts";

const REGISTER = `${INTERNAL}/orchestrators/register`;
const registered = async (body: object, bearer?: string) =>
  (await call("POST", REGISTER, { body, ...(bearer !== undefined && { bearer }) })).body;

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the answer of a registration", () => {
  it("has the name of the organization, also when it is repeated by anybody", async () => {
    await call("POST", `${CONTROLLER}/organizations`, { body: { organization_id: "ra-acme", name: "Acme Ltd" } });
    const first = await registered({ orchestrator_id: "ra-1", organization_id: "ra-acme", name: "Edge 1" });
    expect(first).toMatchObject({ created: true, organization_id: "ra-acme", organization_name: "Acme Ltd" });
    const again = await registered({ orchestrator_id: "ra-1" });
    expect(again).toMatchObject({ created: false, organization_name: "Acme Ltd" });
    const own = await registered({ orchestrator_id: "ra-1", name: "What I call myself" }, first.agent_token);
    expect(own).toMatchObject({ created: false, organization_name: "Acme Ltd" });
  });

  it("has the name that an organization of the same id got from its orchestrator, and then from a person", async () => {
    expect(await registered({ orchestrator_id: "ra-2", name: "Two" })).toMatchObject({ organization_name: "Two" });
    expect(await registered({ orchestrator_id: "ra-2" })).toMatchObject({ organization_name: "Two" });
    await call("PUT", `${CONTROLLER}/organizations/ra-2`, { body: { name: "Renamed" } });
    expect(await registered({ orchestrator_id: "ra-2" })).toMatchObject({ organization_name: "Renamed" });
  });

  it("has the id where nobody gave a name", async () => {
    expect(await registered({ orchestrator_id: "ra-3" })).toMatchObject({ organization_name: "ra-3" });
  });

  it.each([
    [REGISTER, "orchestrator_id", (body: Record<string, never>) => body],
    [`${CONTROLLER}/orchestrator-instances`, "org_id", (body: Record<string, never>) => body.data],
  ])("has the token although the name cannot be read (%s)", async (path, key, answerOf) => {
    const id = `ra-away-${key}`;
    const real = globalThis.fetch;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (String(init?.body).includes(" limit ")) throw new TypeError("fetch failed");
      return await real(input, init);
    });
    const answer = await call("POST", path, { body: { [key]: id } });
    expect(answer.status).toBe(200);
    expect(answerOf(answer.body)).toMatchObject({ organization_name: id, agent_token: expect.stringMatching(/^mca_/) });
  });
});

describe("connect_url", () => {
  const connectUrlOf = async (id: string, env: Record<string, string> = {}) => {
    const { body } = await call("POST", REGISTER, { body: { orchestrator_id: id }, env });
    return [body.connect_url, body.agent_token];
  };

  it("has the scheme and the host that the call came to", async () => {
    const [url, token] = await connectUrlOf("ra-url");
    expect(url).toBe(`wss://ra-url:${token}@controller.example/ws`);
  });

  it("has the public address where one is set", async () => {
    const [url, token] = await connectUrlOf("ra-public", { PUBLIC_URL: "https://controller.example.com:8443" });
    expect(url).toBe(`wss://ra-public:${token}@controller.example.com:8443/ws`);
    const [local, other] = await connectUrlOf("ra-local", { PUBLIC_URL: "http://localhost:8787" });
    expect(local).toBe(`ws://ra-local:${other}@localhost:8787/ws`);
  });

  it("is the same in every answer that has a token", async () => {
    const instance = await call("POST", `${CONTROLLER}/orchestrator-instances`, { body: { org_id: "ra-each" } });
    const tokens = `${CONTROLLER}/orchestrators/ra-each/tokens`;
    const created = await call("POST", tokens, { body: {} });
    const join = await call("POST", `${CONTROLLER}/organizations/ra-each/join-tokens`, { body: { label: "x" } });
    const joined = await call("POST", `${INTERNAL}/orchestrators/join`, {
      bearer: join.body.data.join_token,
      body: { orchestrator_id: "ra-joined" },
    });
    for (const answer of [instance.body.data, created.body.data, joined.body]) {
      const { orchestrator_id: id, agent_token: token, connect_url: url } = answer;
      expect(url).toBe(`wss://${id}:${token}@controller.example/ws`);
    }
  });
});
