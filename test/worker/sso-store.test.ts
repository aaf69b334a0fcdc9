import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SESSION_IDLE_MS } from "../../worker/auth/sessions.ts";
import { AuthStore } from "../../worker/auth/store.ts";

const NOW = 1_800_000_000_000;
const person = { username: "sso-store-ada", role: "admin", organizations: null, attemptId: 0 } as const;

/** The rows of an Auth object of its own. */
async function withStorage(name: string, work: (sql: SqlStorage) => void): Promise<void> {
  await runInDurableObject(env.AUTH.getByName(name), (_object, state) => work(state.storage.sql));
}

describe("the sessions of the Auth object", () => {
  it("take what single sign-on gives now, all those of the person", async () => {
    await withStorage("sso-store-access", (sql) => {
      const store = new AuthStore(sql);
      expect(store.addSession({ ...person, digest: "first", method: "sso", idToken: "eyJ" }, NOW)).toBe(true);
      const less = { ...person, role: "viewer" as const, organizations: ["acme"], method: "sso" as const };
      expect(store.addSession({ ...less, digest: "second" }, NOW + 1)).toBe(true);
      for (const digest of ["first", "second"]) {
        expect(store.session(digest)).toMatchObject({ role: "viewer", organizations: ["acme"], method: "sso" });
      }
      expect(store.idTokenOf("first")).toBe("eyJ");
    });
  });

  it("are not opened by a login that began before what somebody may do was changed", async () => {
    await withStorage("sso-store-race", (sql) => {
      const store = new AuthStore(sql);
      store.changeAccess({ username: person.username, access: null }, NOW + 5);
      const late = { ...person, digest: "late", method: "sso", admittedAt: NOW } as const;
      expect(store.addSession(late, NOW + 6)).toBe(false);
      expect(store.session("late")).toBeNull();
    });
  });

  it("remember an attempt for as long as it could come back", async () => {
    await withStorage("sso-store-attempts", (sql) => {
      const store = new AuthStore(sql);
      expect(store.claimSsoAttempt("a", NOW)).toBe(true);
      expect(store.claimSsoAttempt("a", NOW + 1)).toBe(false);
      expect(store.purge(NOW + 10 * 60_000)).toBe(true);
      expect(store.claimSsoAttempt("a", NOW + 10 * 60_000)).toBe(false);
      expect(store.purge(NOW + SESSION_IDLE_MS)).toBe(false);
    });
  });
});
