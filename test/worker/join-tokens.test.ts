import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { database } from "../../worker/db/client.ts";
import { joinTokens } from "../../worker/db/schema.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { upgrade } from "./client.ts";
import { sessionOf } from "./session.ts";

const JOIN = `${INTERNAL}/orchestrators/join`;
const tokensOf = (id: string) => `${CONTROLLER}/organizations/${id}/join-tokens`;
const connects = async (token: string) => (await upgrade("/ws", { Authorization: `Bearer ${token}` })).status === 101;

async function joinToken(organizationId: string, body: object = {}): Promise<{ join_token: string; key_id: string }> {
  const answer = await call("POST", tokensOf(organizationId), { body });
  expect(answer.status).toBe(200);
  return answer.body.data;
}

const join = (token: string, id: string, rest: object = {}) =>
  call("POST", JOIN, { bearer: token, body: { orchestrator_id: id, ...rest } });

const listed = async (organizationId: string) => (await call("GET", tokensOf(organizationId))).body.data.items;

describe("a join token", () => {
  it("registers a new orchestrator in its organization and leads to a token", async () => {
    await register("join-first", { organization_id: "join-org" });
    const { join_token: token, key_id: keyId } = await joinToken("join-org", { label: "autoscaling", max_uses: 2 });
    expect(token).toMatch(/^mcj_[0-9A-Za-z]{48}$/);
    const answer = await join(token, "join-a", { name: "A", location: "eu", metadata: { zone: 1 } });
    expect(answer.body).toMatchObject({ organization_id: "join-org", created: true, orchestrator_id: "join-a" });
    expect(await connects(answer.body.agent_token)).toBe(true);
    const found = await call("GET", `${CONTROLLER}/orchestrators/join-a`);
    expect(found.body.data).toMatchObject({ organization_id: "join-org", name: "A", location: "eu" });
    expect(await listed("join-org")).toEqual([
      expect.objectContaining({ key_id: keyId, uses: 1, max_uses: 2, state: "valid", label: "autoscaling" }),
    ]);
    const audit = await call("GET", `${CONTROLLER}/audit?target=join-a`);
    expect(audit.body.data.items).toContainEqual(
      expect.objectContaining({ action: "orchestrator.register", actor: `join:${keyId}` }),
    );
    expect(audit.text + JSON.stringify(await listed("join-org"))).not.toContain(token);
  });

  it("gives no more tokens than it has uses, however many ask at once", async () => {
    await register("join-many", { organization_id: "join-many-org" });
    const { join_token: token } = await joinToken("join-many-org", { max_uses: 3 });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => join(token, `join-many-${index}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 401, 401, 401, 401, 401]);
    expect(await listed("join-many-org")).toEqual([expect.objectContaining({ uses: 3, state: "used" })]);
  });

  it("does not take over an orchestrator that has a token, and keeps its use then", async () => {
    const made = await call("POST", `${INTERNAL}/orchestrators/register`, {
      body: { orchestrator_id: "join-taken", organization_id: "join-taken-org", name: "Before" },
    });
    const { join_token: token } = await joinToken("join-taken-org");
    const refused = await join(token, "join-taken", { name: "After" });
    expect([refused.status, refused.body.error.code]).toEqual([409, "already_exists"]);
    expect((await call("GET", `${CONTROLLER}/orchestrators/join-taken`)).body.data.name).toBe("Before");
    expect(await listed("join-taken-org")).toEqual([expect.objectContaining({ uses: 0, state: "valid" })]);

    const keyId = made.body.agent_token.split(".")[1].slice(0, 10);
    await call("DELETE", `${CONTROLLER}/orchestrators/join-taken/tokens/${keyId}`);
    const joined = await join(token, "join-taken");
    expect(joined.body).toMatchObject({ created: false });
    expect(await connects(joined.body.agent_token)).toBe(true);
  });

  it("that names its orchestrator serves that one, also beside a valid token", async () => {
    await register("join-named", { organization_id: "join-named-org" });
    const { join_token: token } = await joinToken("join-named-org", { orchestrator_id: "join-named", max_uses: 5 });
    expect((await join(token, "join-other")).status).toBe(401);
    expect((await join(token, "join-named")).status).toBe(200);
    expect((await join(token, "join-named")).status).toBe(409);
    expect(await listed("join-named-org")).toEqual([expect.objectContaining({ uses: 1 })]);
  });

  it("cannot reach into another organization", async () => {
    await register("join-mine", { organization_id: "join-mine-org" });
    await register("join-theirs", { organization_id: "join-theirs-org" });
    const { join_token: token } = await joinToken("join-mine-org");
    expect((await join(token, "join-theirs")).status).toBe(409);
    expect(await listed("join-mine-org")).toEqual([expect.objectContaining({ uses: 0 })]);
  });

  it("is refused when revoked, expired, mistyped, unknown or of another kind", async () => {
    await register("join-over", { organization_id: "join-over-org" });
    const { join_token: revoked, key_id: keyId } = await joinToken("join-over-org");
    const path = `${tokensOf("join-over-org")}/${keyId}`;
    for (const _ of [1, 2]) expect((await call("DELETE", path)).status).toBe(200);
    const { join_token: expired, key_id: expiredId } = await joinToken("join-over-org");
    const past = { expiresAt: new Date(Date.now() - 1_000) };
    await database(env).update(joinTokens).set(past).where(eq(joinTokens.keyId, expiredId));
    for (const token of [
      revoked,
      expired,
      `${revoked.slice(0, -1)}-`,
      newToken("join").text,
      newToken("agent", "join-over").text,
      "fake-dev-token",
    ]) {
      const answer = await join(token, "join-new");
      expect([answer.status, answer.body.error.code]).toEqual([401, "unauthorized"]);
    }
    expect((await call("POST", JOIN, { bearer: null, body: { orchestrator_id: "join-new" } })).status).toBe(401);
    expect((await listed("join-over-org")).map((row: { state: string }) => row.state)).toEqual(["expired", "revoked"]);
    const audit = await call("GET", `${CONTROLLER}/audit?target=join-over-org&action=join_token`);
    expect(audit.body.data.items.map((row: { action: string }) => row.action).sort()).toEqual([
      "join_token.create",
      "join_token.create",
      "join_token.revoke",
    ]);
  });

  it("is for admins of its organization", async () => {
    await register("join-admin", { organization_id: "join-admin-org" });
    const { key_id: keyId } = await joinToken("join-admin-org");
    const path = tokensOf("join-admin-org");
    const foreign = await sessionOf("admin", ["elsewhere"]);
    expect((await call("GET", path, { bearer: foreign })).status).toBe(404);
    expect((await call("POST", path, { bearer: foreign, body: {} })).status).toBe(404);
    expect((await call("DELETE", `${path}/${keyId}`, { bearer: foreign })).status).toBe(404);
    expect((await call("GET", path, { bearer: await sessionOf("operator", null) })).status).toBe(403);
    expect((await call("GET", path, { bearer: await sessionOf("admin", ["join-admin-org"]) })).status).toBe(200);
    expect((await call("POST", tokensOf("join-nowhere"), { body: {} })).status).toBe(404);
    expect((await call("POST", path, { body: { max_uses: 0 } })).status).toBe(422);
  });
});
