import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { oneTimeLinks, users } from "../../worker/db/schema.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import {
  accept,
  createPerson,
  fromAnywhere,
  linkFor,
  login,
  PASSWORD,
  type Person,
  personWithSession,
  sessionFor,
  USERS,
} from "./people.ts";
import { sessionOf } from "./session.ts";
import { statementOf } from "./statements.ts";
import { TestViewer } from "./viewer.ts";

const ME = `${INTERNAL}/auth/me`;

afterEach(() => {
  vi.restoreAllMocks();
});

const change = (person: Person, body: object, bearer?: string) =>
  call("PUT", `${USERS}/${person.user_id}`, { body, ...(bearer !== undefined && { bearer }) });
const me = (bearer: string) => call("GET", ME, { bearer });
const follow = (bearer: string) => TestViewer.open({ headers: { Authorization: `Bearer ${bearer}` } });
const auditOf = async (username: string) =>
  (await call("GET", `${CONTROLLER}/audit?target=${username}&action=user&page_size=100`)).body.data.items;

describe("an invitation", () => {
  it("lets a person set a password once and log in; nothing of it is stored or told again", async () => {
    const person = await createPerson("  Grace ", "operator", ["inv-b", "inv-a"]);
    expect(person).toMatchObject({ username: "grace", organizations: ["inv-a", "inv-b"], has_password: false });
    expect((await login("grace", "!")).status).toBe(401);
    const token = await linkFor(person);
    expect((await accept(token)).body.user).toEqual({ username: "grace" });
    expect((await accept(token, "another long password")).body.error.code).toBe("invalid_credentials");
    expect((await me(await sessionFor("grace"))).body.user).toMatchObject({ role: "operator" });
    const rows = JSON.stringify(await database(env).select().from(oneTimeLinks));
    const audit = await auditOf("grace");
    expect(rows + JSON.stringify(audit)).not.toContain(token);
    expect(JSON.stringify(audit)).not.toContain("scrypt");
    expect(audit.map((row: { action: string }) => row.action)).toEqual([
      "user.password",
      "user.invite_link",
      "user.create",
    ]);
    expect(audit[0]).toMatchObject({ actor: "user:grace", after: { by: "invite link" } });
    expect(audit[2]).toMatchObject({ after: { role: "operator", organizations: ["inv-a", "inv-b"] }, before: null });
  });

  it("is good for one of many who use it at once", async () => {
    const token = await linkFor(await createPerson("racy", "viewer"));
    const answers = await Promise.all(Array.from({ length: 4 }, (_, index) => accept(token, `${PASSWORD} ${index}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
  });

  it("ends after 24 hours, with the next one, and with the account", async () => {
    const person = await createPerson("late", "viewer");
    const first = await linkFor(person);
    const second = await linkFor(person);
    expect((await accept(first)).status).toBe(401);
    await database(env)
      .update(oneTimeLinks)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(oneTimeLinks.userId, person.user_id));
    expect((await accept(second)).status).toBe(401);
    const third = await linkFor(person);
    await change(person, { is_active: false });
    await change(person, { is_active: true });
    expect((await accept(third)).status).toBe(401);
  });

  it.each([
    ["made up", () => newToken("link").text],
    ["of another kind", () => newToken("api").text],
    ["cut off", () => newToken("link").text.slice(0, -1)],
    ["not one", () => "x"],
  ])("that is %s is refused alike", async (_what, make) => {
    const { status, body } = await accept(make());
    expect([status, body.error.code]).toEqual([401, "invalid_credentials"]);
  });

  it("can be guessed few times from one address, and guesses lock nobody out", async () => {
    const headers = fromAnywhere();
    const guesses = Array.from({ length: 30 }, () => accept(newToken("link").text, PASSWORD, headers));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    // Twenty, and those whose turn comes within five seconds.
    const admitted = statuses.filter((status) => status === 401).length;
    expect(admitted).toBeGreaterThanOrEqual(20);
    expect(admitted).toBeLessThanOrEqual(24);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30 - admitted);
    const token = await linkFor(await createPerson("unlocked", "viewer"));
    expect((await accept(token)).status).toBe(200);
  });

  it("comes from our own pages or from no page", async () => {
    const token = await linkFor(await createPerson("paged", "viewer"));
    const from = (headers: Record<string, string>) => accept(token, PASSWORD, { ...fromAnywhere(), ...headers });
    expect((await from({ "Sec-Fetch-Site": "cross-site" })).body.error.code).toBe("csrf_rejected");
    expect((await from({ Origin: "https://evil.example" })).body.error.code).toBe("origin_rejected");
    expect((await from({ "Sec-Fetch-Site": "same-origin" })).status).toBe(200);
  });

  it.each(["fourteen chars", "x".repeat(257), "ü".repeat(129), ""])("refuses the password %j", async (password) => {
    const { body } = await accept(newToken("link").text, password);
    expect(body.error.code).toBe("validation_failed");
    expect(body.error.details[0].path).toBe("/body/password");
  });
});

describe("a password that is easy to guess", () => {
  const easy = {
    code: "too_easy",
    message: expect.stringMatching(/^is too easy to guess\. .+ Use four or five words/),
  };

  it.each(["passwordpassword", "ada.easily2026!!", "moolai-controller", "qwertyuiopasdfgh"])(
    "is refused with a link, which stays good: %j",
    async (password) => {
      const person = await createPerson(`ada.easily.${password.length}${password.slice(0, 2)}`, "viewer");
      const token = await linkFor(person);
      const { status, body } = await accept(token, password);
      expect([status, body.error.code]).toEqual([422, "validation_failed"]);
      expect(body.error.details).toEqual([{ ...easy, path: "/body/password" }]);
      expect(body.message).toContain("is too easy to guess");
      expect((await login(person.username, password)).status).toBe(401);
      expect((await accept(token)).status).toBe(200);
    },
  );

  it("is refused when one changes one's own, and counts as no guess", async () => {
    const { bearer } = await personWithSession("easy-changer", "viewer");
    const headers = fromAnywhere();
    const put = (wanted: string) =>
      call("PUT", `${INTERNAL}/auth/password`, { bearer, headers, body: { current: PASSWORD, new: wanted } });
    for (let round = 0; round < 7; round += 1) {
      const { status, body } = await put("easy-changer easy-changer");
      expect([status, body.error.details]).toEqual([422, [{ ...easy, path: "/body/new" }]]);
    }
    expect((await put("another long password")).status).toBe(200);
  });
});

describe("a reset", () => {
  it("replaces the password and ends every session and stream of that person", async () => {
    const person = await personWithSession("forgetful", "viewer");
    const viewer = await follow(person.bearer);
    expect((await accept(await linkFor(person, "reset"), "another long password")).status).toBe(200);
    expect((await me(person.bearer)).status).toBe(401);
    await viewer.untilClosed(4401);
    expect((await login("forgetful", PASSWORD)).status).toBe(401);
    expect((await login("forgetful", "another long password")).status).toBe(200);
  });
});

describe("a reset whose end of tokens fails", () => {
  it("sets no password, and the same link finishes it", async () => {
    const person = await personWithSession("half-reset", "admin");
    const made = await call("POST", `${CONTROLLER}/api-tokens`, {
      bearer: person.bearer,
      body: { name: "mine", scopes: ["read"] },
    });
    const isGood = async () =>
      (await call("GET", `${CONTROLLER}/organizations`, { bearer: made.body.data.api_token })).status === 200;
    expect(await isGood()).toBe(true);
    const token = await linkFor(person, "reset");
    const { fetch } = globalThis;
    const cut = vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
      if (statementOf(request).includes("api_token.revoke")) throw new DOMException("cut", "AbortError");
      return await fetch(...request);
    });
    expect((await accept(token, "another long password")).body.error.code).toBe("database_unavailable");
    cut.mockRestore();
    expect((await login("half-reset", PASSWORD)).status).toBe(200);
    expect((await accept(token, "another long password")).status).toBe(200);
    expect([await isGood(), (await login("half-reset", "another long password")).status]).toEqual([false, 200]);
  });
});

describe("a change of password", () => {
  const put = (bearer: string, current: string, headers = fromAnywhere()) =>
    call("PUT", `${INTERNAL}/auth/password`, { bearer, headers, body: { current, new: "another long password" } });

  it("needs the current one, and ends the other sessions", async () => {
    const person = await personWithSession("changer", "viewer");
    const other = await sessionFor("changer");
    const [kept, closed] = [await follow(person.bearer), await follow(other)];
    expect((await put(person.bearer, "not the password")).body.error.code).toBe("invalid_credentials");
    expect((await me(other)).status).toBe(200);
    expect((await put(person.bearer, PASSWORD)).body.ended).toBe(1);
    expect([(await me(person.bearer)).status, (await me(other)).status]).toEqual([200, 401]);
    // Whoever still may comes back at once; the other one is refused when it tries.
    await Promise.all([kept.untilClosed(1012), closed.untilClosed(1012)]);
    expect((await login("changer", PASSWORD)).status).toBe(401);
    expect((await auditOf("changer"))[0]).toMatchObject({ action: "user.password", after: { by: "current password" } });
  });

  it.each([
    [undefined, 1, 401],
    [true, 1, 401],
    [false, 0, 200],
  ])("asks whether the tokens of that person end: %j", async (end_tokens, ended, status) => {
    const { bearer } = await personWithSession(`token-changer-${end_tokens}`, "admin");
    const token = await call("POST", `${CONTROLLER}/api-tokens`, { bearer, body: { name: "mine", scopes: ["read"] } });
    const body = { current: PASSWORD, new: "another long password", ...(end_tokens !== undefined && { end_tokens }) };
    const answer = await call("PUT", `${INTERNAL}/auth/password`, { bearer, headers: fromAnywhere(), body });
    expect(answer.body).toMatchObject({ success: true, ended_tokens: ended });
    const used = await call("GET", `${CONTROLLER}/organizations`, { bearer: token.body.data.api_token });
    expect(used.status).toBe(status);
  });

  it("cannot be guessed with a stolen session", async () => {
    const { bearer } = await personWithSession("guarded", "viewer");
    const headers = fromAnywhere();
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(bearer, "not the password", headers)));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    expect((await put(bearer, PASSWORD, headers)).status).toBe(429);
  });

  it("is not for accounts without a password, such as the development login", async () => {
    expect((await put("fake-dev-token", "moolai-dev")).status).toBe(401);
  });
});

describe("what a person may do", () => {
  it("changes at once in open sessions, and streams begin anew", async () => {
    await register("chg-a");
    await register("chg-b");
    const person = await personWithSession("moved", "operator", ["chg-a"]);
    const viewer = await follow(person.bearer);
    expect([...viewer.state.rows.keys()]).toEqual(["chg-a"]);
    const { body } = await change(person, { role: "viewer", organizations: ["chg-b"] });
    expect(body.data).toMatchObject({ role: "viewer", organizations: ["chg-b"], is_active: true });
    await viewer.untilClosed(1012);
    const told = viewer.frames.length;
    await register("chg-a", { name: "renamed" });
    await register("chg-b", { name: "renamed" });
    expect((await me(person.bearer)).body.user).toMatchObject({ role: "viewer", organizations: ["chg-b"] });
    const see = (id: string) => call("GET", `${CONTROLLER}/orchestrators/${id}`, { bearer: person.bearer });
    expect([(await see("chg-a")).status, (await see("chg-b")).status]).toEqual([404, 200]);
    const again = await follow(person.bearer);
    expect([...again.state.rows.keys()]).toEqual(["chg-b"]);
    again.close();
    // The stream that was open half-way through told nothing more, neither of the one nor of the other.
    expect(viewer.frames.length).toBe(told);
    expect(JSON.stringify(viewer.frames)).not.toContain("chg-b");
    expect(JSON.stringify(again.frames)).not.toContain("chg-a");
    expect((await auditOf("moved"))[0]).toMatchObject({
      action: "user.update",
      before: { role: "operator", organizations: ["chg-a"] },
      after: { role: "viewer", organizations: ["chg-b"] },
    });
  });

  it("is nothing from deactivation on", async () => {
    const person = await personWithSession("leaver", "admin");
    const viewer = await follow(person.bearer);
    await change(person, { is_active: false });
    await viewer.untilClosed(4401);
    expect((await me(person.bearer)).status).toBe(401);
    expect((await login("leaver", PASSWORD)).status).toBe(401);
    await change(person, { is_active: true });
    expect((await me(person.bearer)).status).toBe(401);
    expect((await login("leaver", PASSWORD)).status).toBe(200);
  });

  it("is not what it was when a login began before the change and ends after it", async () => {
    const auth = env.AUTH.getByName("auth");
    const gate = await auth.beginLogin({ username: "slow", address: "192.0.2.200" });
    if (!gate.ok) throw new Error("not admitted");
    await auth.changeAccess({ username: "slow", access: null });
    const session = { digest: "slow", username: "slow", role: "admin", organizations: null } as const;
    expect(await auth.openSession({ ...session, ...gate })).toBeNull();
    expect(await auth.session("slow")).toBeNull();
  });

  it("ends for all sessions when the person or an admin says so", async () => {
    const person = await personWithSession("everywhere", "viewer");
    const other = await sessionFor("everywhere");
    expect((await call("POST", `${INTERNAL}/auth/logout-all`, { bearer: other })).body.ended).toBe(2);
    expect([(await me(person.bearer)).status, (await me(other)).status]).toEqual([401, 401]);
    const third = await sessionFor("everywhere");
    const viewer = await follow(third);
    expect((await call("POST", `${USERS}/${person.user_id}/end-sessions`)).body.ended).toBe(1);
    expect((await me(third)).status).toBe(401);
    await viewer.untilClosed(4401);
  });
});

describe("who manages people", () => {
  it("gives no role above their own, and changes nobody above them", async () => {
    const bearer = await sessionOf("admin", null);
    const make = (role: string) => call("POST", USERS, { bearer, body: { username: `made-${role}`, role } });
    expect([(await make("superadmin")).status, (await make("admin")).status]).toEqual([403, 200]);
    const chief = await createPerson("chief", "superadmin");
    const below = await createPerson("below", "viewer");
    const refused = [
      await change(chief, { is_active: false }, bearer),
      await change(chief, { role: "viewer" }, bearer),
      await change(below, { role: "superadmin" }, bearer),
      await call("POST", `${USERS}/${chief.user_id}/links`, { bearer, body: { purpose: "reset" } }),
      await call("POST", `${USERS}/${chief.user_id}/end-sessions`, { bearer }),
    ];
    expect(refused.map((answer) => answer.body.error.code)).toEqual(Array(5).fill("forbidden"));
  });

  it("reaches no organization beyond their own, neither in what they give nor in whom they change", async () => {
    const bearer = await sessionOf("admin", ["ppl-a"]);
    const make = (username: string, organizations: string[] | null) =>
      call("POST", USERS, { bearer, body: { username, role: "viewer", organizations } });
    expect((await make("x1", null)).status).toBe(403);
    expect((await make("x2", ["ppl-a", "ppl-b"])).status).toBe(403);
    expect((await make("x3", ["ppl-a"])).status).toBe(200);
    expect((await call("POST", USERS, { bearer, body: { username: "x4", role: "viewer" } })).body.data).toMatchObject({
      organizations: ["ppl-a"],
    });
    const foreign = await createPerson("of-b", "viewer", ["ppl-b"]);
    const everywhere = await createPerson("of-all", "viewer");
    const shared = await createPerson("of-both", "viewer", ["ppl-a", "ppl-b"]);
    for (const person of [foreign, everywhere])
      expect((await change(person, { role: "viewer" }, bearer)).status).toBe(404);
    expect((await change(shared, { is_active: false }, bearer)).status).toBe(403);
    const link = await call("POST", `${USERS}/${shared.user_id}/links`, { bearer, body: { purpose: "reset" } });
    expect(link.status).toBe(403);
    const { items } = (await call("GET", `${USERS}?page_size=100`, { bearer })).body.data;
    const seen = new Map(items.map((item: { username: string; organizations: string[] }) => [item.username, item]));
    expect(seen.get("of-both")).toMatchObject({ organizations: ["ppl-a"] });
    expect(seen.has("of-b") || seen.has("of-all")).toBe(false);
  });

  it("does not overwrite a change that came in between", async () => {
    const person = await createPerson("between", "viewer");
    const { fetch } = globalThis;
    let isChanged = false;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
      // The statement that stores the change; objects make others of their own meanwhile.
      if (!isChanged && statementOf(request).includes("user.update")) {
        isChanged = true;
        const changed = { role: "admin", updatedAt: new Date() } as const;
        await database(env).update(users).set(changed).where(eq(users.username, "between"));
      }
      return await fetch(...request);
    });
    const { body } = await change(person, { organizations: ["org-x"] });
    expect(body.error.code).toBe("version_conflict");
  });

  it("refuses a superadmin with organizations, a name that is taken and a change of nothing", async () => {
    const bound = { username: "bound-root", role: "superadmin", organizations: ["a"] };
    expect((await call("POST", USERS, { body: bound })).body.error.details[0].path).toBe("/body/organizations");
    const person = await createPerson("taken", "viewer");
    const again = { username: "TAKEN", role: "viewer" };
    expect((await call("POST", USERS, { body: again })).body.error.code).toBe("already_exists");
    expect((await change(person, {})).status).toBe(422);
    const nobody = { user_id: crypto.randomUUID(), username: "nobody" };
    expect((await change(nobody, { role: "viewer" })).status).toBe(404);
  });
});
