import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { withDatabase } from "../../worker/db/client.ts";
import { call, INTERNAL } from "./api.ts";
import { ACCEPT, createPerson, fromAnywhere, linkFor, PASSWORD, personWithSession, USERS } from "./people.ts";

/** Single sign-on for everybody; a password is for superadmins in an emergency. */
const FOR_EMERGENCIES = {
  LOCAL_LOGIN: "superadmins",
  OIDC_ISSUER: "http://127.0.0.1:1",
  OIDC_CLIENT_ID: "x",
  OIDC_ROLE_MAP: '[{"group": "x", "role": "superadmin"}]',
  SECRETS_KEY: btoa("k".repeat(32)),
};

function post(path: string, body: unknown, env: Record<string, string> = {}) {
  return call("POST", path, { body, bearer: null, headers: fromAnywhere(), env });
}

describe("where passwords are for emergencies", () => {
  it("one that was right before opens nothing, but that of a superadmin does", async () => {
    for (const [role, status] of [
      ["admin", 401],
      ["superadmin", 200],
    ] as const) {
      const { username } = await personWithSession(`local-login-${role}`, role);
      const login = { username, password: PASSWORD };
      expect((await post(`${INTERNAL}/auth/login`, login, FOR_EMERGENCIES)).status).toBe(status);
      expect((await post(`${INTERNAL}/auth/login`, login)).status).toBe(200);
    }
  });

  it("a link that was made before sets no password, and stays good for when it may", async () => {
    const token = await linkFor(await createPerson("local-login-invited", "operator"));
    const body = { token, password: PASSWORD };
    expect((await post(ACCEPT, body, FOR_EMERGENCIES)).status).toBe(401);
    expect((await post(ACCEPT, body)).status).toBe(200);
  });

  it("no account and no link is made for a password that would open nothing", async () => {
    const created = { username: "local-login-new", role: "viewer", organizations: null };
    const refused = await call("POST", USERS, { body: created, env: FOR_EMERGENCIES });
    expect([refused.status, refused.body.error.code]).toEqual([409, "sso_decides"]);
    const person = await createPerson("local-login-old", "viewer");
    const path = `${USERS}/${person.user_id}/links`;
    const link = await call("POST", path, { body: { purpose: "reset" }, env: FOR_EMERGENCIES });
    expect([link.status, link.body.error.code]).toEqual([409, "sso_decides"]);
  });
});

describe("an account of single sign-on", () => {
  it("has no password where no provider is set up any more, either, and the answer says what to do then", async () => {
    const person = await createPerson("local-login-orphan", "viewer");
    await withDatabase(env, (db) =>
      db.execute(
        sql`UPDATE users SET sso_issuer = 'https://idp.example', sso_subject = 'orphan' WHERE user_id = ${person.user_id}`,
      ),
    );
    const path = `${USERS}/${person.user_id}`;
    const refusals = (env: Record<string, string> = {}) =>
      Promise.all([
        call("POST", `${path}/links`, { body: { purpose: "reset" }, env }),
        call("PUT", path, { body: { role: "operator" }, env }),
      ]);
    for (const { status, body } of await refusals()) {
      expect([status, body.error.code]).toEqual([409, "sso_decides"]);
      expect(body.message).toContain("which is not set up here. Create a local account for this person");
    }
    const [link, change] = await refusals(FOR_EMERGENCIES);
    expect(link.body.message).toContain("cannot log in with a password here, but with single sign-on");
    expect(change.body.message).toContain("Change the groups there");
  });
});
