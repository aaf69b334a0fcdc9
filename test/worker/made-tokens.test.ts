import { afterEach, expect, it, vi } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { type Person, personWithSession, USERS } from "./people.ts";
import { statementOf } from "./statements.ts";
import { TestViewer } from "./viewer.ts";

const TOKENS = `${CONTROLLER}/api-tokens`;
const joinTokensOf = (organization: string) => `${CONTROLLER}/organizations/${organization}/join-tokens`;
const change = (person: Person, body: object) => call("PUT", `${USERS}/${person.user_id}`, { body });
const statusOf = async (bearer: string) => (await call("GET", `${CONTROLLER}/organizations`, { bearer })).status;

afterEach(() => {
  vi.restoreAllMocks();
});

async function apiToken(bearer: string, organizations: string[] | null, scopes = ["read"]): Promise<string> {
  const answer = await call("POST", TOKENS, { bearer, body: { name: "made", scopes, organizations } });
  expect(answer.status).toBe(200);
  return answer.body.data.api_token;
}

async function joinToken(bearer: string, organization: string): Promise<string> {
  const answer = await call("POST", joinTokensOf(organization), { bearer, body: { max_uses: 5 } });
  expect(answer.status).toBe(200);
  return answer.body.data.join_token;
}

/** 401: the join token is over; anything else: it was looked at and taken for good. */
const joins = async (token: string, id: string) =>
  (await call("POST", `${INTERNAL}/orchestrators/join`, { bearer: token, body: { orchestrator_id: id } })).status;

it("end when whoever made them may not make them any more, and those of others stay", async () => {
  for (const id of ["made-a", "made-b"]) await register(id);
  const maker = await personWithSession("made-maker", "admin", ["made-a", "made-b"]);
  const other = await personWithSession("made-other", "admin", ["made-a"]);
  const [inA, inB, inBoth] = await Promise.all(
    [["made-a"], ["made-b"], ["made-a", "made-b"]].map((ids) => apiToken(maker.bearer, ids)),
  );
  const [joinA, joinB] = [await joinToken(maker.bearer, "made-a"), await joinToken(maker.bearer, "made-b")];
  const others = await apiToken(other.bearer, ["made-a"]);
  const statuses = async () => await Promise.all([inA, inB, inBoth, others].map((token) => statusOf(token ?? "")));
  const viewer = await TestViewer.open({ headers: { Authorization: `Bearer ${inB}` } });
  expect(await statuses()).toEqual([200, 200, 200, 200]);

  expect((await change(maker, { organizations: ["made-a"] })).status).toBe(200);
  expect(await statuses()).toEqual([200, 401, 401, 200]);
  await viewer.untilClosed(4401);
  expect([await joins(joinA, "made-a1"), await joins(joinB, "made-b1")]).toEqual([200, 401]);

  expect((await change(maker, { role: "operator" })).status).toBe(200);
  expect(await statuses()).toEqual([401, 401, 401, 200]);
  expect(await joins(joinA, "made-a2")).toBe(401);

  expect((await change(maker, { role: "admin" })).status).toBe(200);
  expect(await statuses()).toEqual([401, 401, 401, 200]);
  for (const token of [inA, inB, inBoth]) {
    const { body } = await call("GET", `${CONTROLLER}/audit?action=api_token.revoke&target=${token?.slice(4, 14)}`);
    expect(body.data.items).toEqual([expect.objectContaining({ actor: "user:development" })]);
  }
});

it("end with their deactivated maker, also one that is just being made", async () => {
  const maker = await personWithSession("made-leaver", "admin");
  const token = await apiToken(maker.bearer, null);
  const { fetch } = globalThis;
  let isActive = true;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    // The person is deactivated just before the statement that stores the token.
    if (isActive && statementOf(request).includes("api_token.create")) {
      isActive = false;
      expect((await change(maker, { is_active: false })).status).toBe(200);
    }
    return await fetch(...request);
  });
  const late = await call("POST", TOKENS, { bearer: maker.bearer, body: { name: "late", scopes: ["admin"] } });
  expect([late.status, late.body.error?.code]).toEqual([403, "forbidden"]);
  expect(await statusOf(token)).toBe(401);
  const { items } = (await call("GET", `${TOKENS}?ended=true&page_size=100`)).body.data;
  const made = items.filter(({ created_by: by }: { created_by: string }) => by === "user:made-leaver");
  expect(made.map(({ state }: { state: string }) => state)).toEqual(["revoked", "revoked"]);
});

it("that an API token made end with it", async () => {
  await register("made-c");
  const maker = await personWithSession("made-chain", "admin", ["made-c"]);
  const token = await apiToken(maker.bearer, ["made-c"], ["admin"]);
  const child = await joinToken(token, "made-c");
  expect(await joins(child, "made-c1")).toBe(200);
  expect((await call("DELETE", `${TOKENS}/${token.slice(4, 14)}`)).status).toBe(200);
  expect(await joins(child, "made-c2")).toBe(401);
});
