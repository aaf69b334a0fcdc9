import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { MAX_SESSIONS } from "../../worker/auth/sessions.ts";
import { withDatabase } from "../../worker/db/client.ts";
import { digestOf, newSessionToken } from "../../worker/middleware/credentials.ts";
import { type Answer, type CallOptions, CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { createPerson, type Person, personWithSession, USERS } from "./people.ts";

const joinTokensOf = (id: string) => `${CONTROLLER}/organizations/${id}/join-tokens`;
const limits = (setting: string, limit: number): CallOptions => ({ env: { [setting]: String(limit) } });

/** 200 for each that may be made, then a refusal that says what there is too much of. */
async function expectLimit(limit: number, make: (index: number) => Promise<Answer>, sentence: string): Promise<void> {
  for (let index = 0; index < limit; index++) expect((await make(index)).status).toBe(200);
  const refused = await make(limit);
  expect([refused.status, refused.body.error?.code, refused.body.message]).toEqual([429, "quota_exceeded", sentence]);
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(60);
}

describe("what an organization or an account may have", () => {
  it("orchestrators, whichever way they register; those that are there register on", async () => {
    const options = limits("QUOTA_ORCHESTRATORS_PER_ORGANIZATION", 2);
    const add = (id: string, organization_id: string) =>
      call("POST", `${INTERNAL}/orchestrators/register`, {
        ...options,
        body: { orchestrator_id: id, organization_id },
      });
    const sentence = "This organization has 2 orchestrators, which is the limit. Deregister those that are gone.";
    await expectLimit(2, (index) => add(`cq-orchestrator-${index}`, "cq-full"), sentence);
    expect((await add("cq-orchestrator-0", "cq-full")).status).toBe(200);
    expect((await add("cq-elsewhere", "cq-other")).status).toBe(200);
    const instance = await call("POST", `${CONTROLLER}/orchestrator-instances`, {
      ...options,
      body: { orchestrator_id: "cq-instance", organization_id: "cq-full" },
    });
    expect(instance.body.error.code).toBe("quota_exceeded");
    const made = await call("POST", joinTokensOf("cq-full"), { body: { max_uses: 1 } });
    const join = (id: string, more: CallOptions = {}) =>
      call("POST", `${INTERNAL}/orchestrators/join`, {
        bearer: made.body.data.join_token,
        body: { orchestrator_id: id },
        ...more,
      });
    expect((await join("cq-joins", options)).body.error.code).toBe("quota_exceeded");
    // The use that led to nothing is given back.
    expect((await join("cq-joins")).status).toBe(200);
  });

  it("join tokens, those that were revoked a moment ago too", async () => {
    await register("cq-join");
    await register("cq-join-other");
    const options = limits("QUOTA_JOIN_TOKENS_PER_ORGANIZATION", 2);
    const make = async (id: string) => {
      const answer = await call("POST", joinTokensOf(id), { ...options, body: { max_uses: 1 } });
      if (answer.status === 200) await call("DELETE", `${joinTokensOf(id)}/${answer.body.data.key_id}`);
      return answer;
    };
    const sentence =
      "This organization has 2 join tokens that are valid or were made in the last 24 hours, which is the limit. Revoke those that are not needed, or use one for several orchestrators.";
    await expectLimit(2, () => make("cq-join"), sentence);
    expect((await make("cq-join-other")).status).toBe(200);
  });

  it("API tokens, counted for the person who makes them", async () => {
    await register("cq-tokens");
    const [maker, other] = [
      await personWithSession("cq-maker", "admin", ["cq-tokens"]),
      await personWithSession("cq-maker-2", "admin", ["cq-tokens"]),
    ];
    const options = limits("QUOTA_API_TOKENS_PER_ACCOUNT", 3);
    const make = (bearer: string) =>
      call("POST", `${CONTROLLER}/api-tokens`, { ...options, bearer, body: { name: "one more", scopes: ["read"] } });
    const sentence =
      "Your account has 3 API tokens that are valid or were made in the last 24 hours, which is the limit. Revoke those that are not needed.";
    await expectLimit(3, () => make(maker.bearer), sentence);
    expect((await make(other.bearer)).status).toBe(200);
  });

  it("users, created for it or bound to it later", async () => {
    await register("cq-users");
    const options = limits("QUOTA_USERS_PER_ORGANIZATION", 2);
    const body = (index: number) => ({ username: `cq-user-${index}`, role: "viewer", organizations: ["cq-users"] });
    const sentence =
      "This organization has 2 users, which is the limit. Bind people who have left to no organization; deactivate those who came from single sign-on.";
    await expectLimit(2, (index) => call("POST", USERS, { ...options, body: body(index) }), sentence);
    const late = await createPerson("cq-late", "viewer", ["cq-elsewhere"]);
    const bind = (organizations: string[]) =>
      call("PUT", `${USERS}/${late.user_id}`, { ...options, body: { organizations } });
    expect((await bind(["cq-elsewhere", "cq-users"])).body.error.code).toBe("quota_exceeded");
    expect((await bind(["cq-elsewhere", "cq-new"])).status).toBe(200);
  });

  it("users without those of single sign-on who are deactivated, because nobody can unbind them here", async () => {
    await register("cq-sso");
    const options = limits("QUOTA_USERS_PER_ORGANIZATION", 2);
    const create = (username: string) =>
      call("POST", USERS, { ...options, body: { username, role: "viewer", organizations: ["cq-sso"] } });
    const setActive = async ({ user_id }: Person, is_active: boolean) =>
      expect((await call("PUT", `${USERS}/${user_id}`, { body: { is_active } })).status).toBe(200);
    const [local, other] = [
      await createPerson("cq-sso-local", "viewer", ["cq-sso"]),
      await createPerson("cq-sso-other", "viewer", ["cq-sso"]),
    ];
    await withDatabase(env, (db) =>
      db.execute(
        sql`UPDATE users SET sso_issuer = 'https://idp.example', sso_subject = 'cq' WHERE user_id = ${other.user_id}`,
      ),
    );
    expect((await create("cq-sso-third")).body.error?.code).toBe("quota_exceeded");
    await setActive(local, false);
    expect((await create("cq-sso-third")).body.error?.code).toBe("quota_exceeded");
    await setActive(other, false);
    expect((await create("cq-sso-third")).status).toBe(200);
  });

  it("configurations a day; nobody learns so of an organization that is not theirs", async () => {
    await register("cq-config");
    await register("cq-config-other");
    const options = limits("QUOTA_CONFIGURATIONS_PER_DAY_PER_ORGANIZATION", 3);
    const publish = (id: string, size: number, more: CallOptions = {}) =>
      call("PUT", `${CONTROLLER}/organizations/${id}/config`, { ...options, ...more, body: { features: { size } } });
    const sentence =
      "This organization has 3 configurations published in the last 24 hours, which is the limit. Publish several changes as one.";
    await expectLimit(3, (index) => publish("cq-config", index), sentence);
    const body = { org_id: "cq-config", features: { size: 4 } };
    const created = await call("POST", `${CONTROLLER}/organizations`, { ...options, body });
    expect(created.body.error.code).toBe("already_exists");
    expect((await publish("cq-config-other", 1)).status).toBe(200);
    const foreign = await personWithSession("cq-foreign", "operator", ["cq-config-other"]);
    expect((await publish("cq-config", 9, { bearer: foreign.bearer })).status).toBe(404);
  });

  it("is bounded by the setting, which must be a number", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await call("GET", `${CONTROLLER}/organizations`, { env: { QUOTA_USERS_PER_ORGANIZATION: "many" } });
    expect(answer.status).toBe(503);
    vi.restoreAllMocks();
  });
});

describe("the sessions of one person", () => {
  it("are so many; with one more, the one that was used least lately ends", async () => {
    const auth = env.AUTH.getByName("auth");
    const open = async () => {
      const digest = digestOf(newSessionToken());
      await auth.openSession({ digest, attemptId: 0, username: "cq-sessions", role: "viewer", organizations: null });
      return digest;
    };
    const first = await open();
    const second = await open();
    await runInDurableObject(auth as unknown as DurableObjectStub<undefined>, (_instance, { storage }) => {
      storage.sql.exec("UPDATE sessions SET used_at = used_at - 60000 WHERE digest = ?", first);
    });
    for (let index = 2; index < MAX_SESSIONS; index++) await open();
    expect(await auth.session(first, false)).not.toBeNull();
    const newest = await open();
    expect(await auth.session(first, false)).toBeNull();
    expect(await auth.session(second, false)).not.toBeNull();
    expect(await auth.session(newest, false)).not.toBeNull();
  });
});
