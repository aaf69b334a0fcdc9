import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { examineDeployment } from "../../scripts/lib/doctor/deployment.ts";
import { createUser } from "../../scripts/lib/user.ts";
import { sealAttempt } from "../../worker/sso/attempt.ts";
import { startController } from "../support/controller.ts";
import { eventually } from "../support/eventually.ts";
import { CLIENT_SECRET, startProvider, type TestProvider } from "../support/oidc.ts";
import { SsoBrowser } from "../support/sso-browser.ts";
import { type Stack, startStack } from "../support/stack.ts";

const RULES = [
  { group: "fleet-admins", role: "superadmin" },
  { group: "acme-admins", role: "admin", organizations: ["acme"] },
  { group: "acme-ops", role: "operator", organizations: ["acme"] },
];
const SESSION = "__Host-moolai_session";
const ATTEMPT = "__Host-moolai_sso";

describe("single sign-on", () => {
  let provider: TestProvider;
  let stack: Stack;

  beforeAll(async () => {
    provider = await startProvider();
    const { SECRETS_KEY = "", ...vars } = provider.settings(RULES);
    stack = await startStack({ vars, secrets: { SECRETS_KEY } });
    provider.serve(stack.controller.url);
  });
  afterAll(async () => {
    await stack?.stop();
    await provider?.stop();
  });
  afterEach(() => {
    provider.tamper = null;
    provider.isDown = false;
  });

  const browser = () => new SsoBrowser(stack.controller, provider);
  const person = (sub: string, claims: Record<string, unknown>) => provider.people.set(sub, claims);
  const audited = (targetId: string, action: string) =>
    stack.database.query(
      "SELECT actor, before, after FROM activity_logs WHERE target_id = $1 AND action = $2 ORDER BY at, id",
      [targetId, action],
    );
  const expectAudited = (targetId: string, action: string, rows: unknown[]) =>
    eventually(async () => expect(await audited(targetId, action)).toMatchObject(rows));

  it("logs in, with an account of its own, a session as every other, and a row in the audit", async () => {
    person("00u-alice", { preferred_username: "Alice", groups: ["acme-ops", "everybody"] });
    const alice = browser();
    const page = await alice.logIn("00u-alice", "/messages?status=pending");
    expect(page.pathname + page.search).toBe("/login?signed_in=sso&next=%2Fmessages%3Fstatus%3Dpending");
    expect(await alice.me()).toMatchObject({
      user: { username: "alice", role: "operator", organizations: ["acme"] },
      method: "sso",
      is_screen: false,
    });
    expect(alice.cookie(ATTEMPT)).toBeUndefined();
    await expectAudited("alice", "user.create", [
      {
        actor: "user:alice",
        after: { role: "operator", organizations: ["acme"], by: "single sign-on", issuer: provider.issuer },
      },
    ]);
    await expectAudited("alice", "auth.login", [{ actor: "user:alice", after: { by: "single sign-on" } }]);
    const { body } = await stack.controller.call("GET", "/api/v1/controller/users?q=alice");
    expect(body.data?.items?.[0]).toMatchObject({ is_sso: true, has_password: false, role: "operator" });
  });

  it("knows a person by the subject alone, whatever their name is", async () => {
    person("00u-bob", { preferred_username: "bob", email: "bob@corp.example", groups: ["acme-ops"] });
    await browser().logIn("00u-bob");
    person("00u-bob", { preferred_username: "robert", groups: ["acme-ops"] });
    const again = browser();
    await again.logIn("00u-bob");
    expect((await again.me()).user).toMatchObject({ username: "bob" });
    // Somebody else takes the name, and the address.
    person("00u-mallory", { preferred_username: "bob", email: "bob@corp.example", groups: ["fleet-admins"] });
    const mallory = browser();
    await mallory.logIn("00u-mallory");
    expect((await mallory.me()).user).toMatchObject({ username: "bob-2", role: "superadmin" });
    expect((await again.me()).user).toMatchObject({ username: "bob", role: "operator" });
  });

  it("never leads into a local account of the same name, nor into the development login", async () => {
    const create = { username: "carol@corp.example", role: "superadmin" };
    expect((await stack.controller.call("POST", "/api/v1/controller/users", create)).status).toBe(200);
    person("00u-carol", { email: "carol@corp.example", email_verified: true, groups: ["acme-ops"] });
    const carol = browser();
    await carol.logIn("00u-carol");
    expect((await carol.me()).user).toMatchObject({ username: "carol@corp.example-2", role: "operator" });
    person("00u-root", { preferred_username: "superadmin", groups: ["acme-ops"] });
    const root = browser();
    await root.logIn("00u-root");
    expect((await root.me()).user).toMatchObject({ username: "superadmin-2", role: "operator" });
  });

  it("makes one account when somebody comes twice at the same moment", async () => {
    person("00u-twin", { preferred_username: "twin", groups: ["acme-ops"] });
    const tabs = [browser(), browser(), browser()];
    const addresses = await Promise.all(tabs.map((tab) => tab.goThere("00u-twin")));
    const pages = await Promise.all(tabs.map((tab, n) => tab.comeBack(addresses[n] ?? "")));
    expect(pages.map(({ search }) => search)).toEqual(Array(3).fill("?signed_in=sso"));
    const rows = await stack.database.query("SELECT username FROM users WHERE sso_subject = '00u-twin'");
    expect(rows).toEqual([{ username: "twin" }]);
  });

  it("refuses who is in no group of the rules, and makes no account", async () => {
    person("00u-dave", { preferred_username: "dave", groups: ["acme-opsx"] });
    const dave = browser();
    expect(await dave.refusalOf("00u-dave")).toBe("sso_no_group");
    expect(dave.cookie(SESSION)).toBeUndefined();
    await expectAudited("sso dave", "auth.login_failed", [
      { actor: "anonymous", after: { code: "sso_no_group", count: 1 } },
    ]);
    expect(await stack.database.query("SELECT 1 FROM users WHERE sso_subject = '00u-dave'")).toEqual([]);
  });

  it("gives what the groups give at each login, to the sessions that are open too", async () => {
    person("00u-erin", { preferred_username: "erin", groups: ["fleet-admins"] });
    const first = browser();
    await first.logIn("00u-erin");
    const token = { name: "of erin", scopes: ["admin"], organizations: null, expires_in_days: 30 };
    const made = await first.call("POST", "/api/v1/controller/api-tokens", token);
    expect([made.status, made.text]).toEqual([200, expect.stringContaining("mct_")]);
    const bearer = String(made.body.data?.api_token);
    const asToken = async () =>
      (await stack.controller.call("GET", "/api/v1/controller/overview", undefined, { bearer })).status;
    expect(await asToken()).toBe(200);
    expect((await first.me()).user).toMatchObject({ role: "superadmin" });

    person("00u-erin", { preferred_username: "erin", groups: ["acme-ops"] });
    const second = browser();
    await second.logIn("00u-erin");
    for (const open of [first, second]) {
      expect((await open.me()).user).toMatchObject({ role: "operator", organizations: ["acme"] });
    }
    expect(await asToken()).toBe(401);
    await expectAudited("erin", "user.update", [
      { before: { role: "superadmin", organizations: null }, after: { role: "operator", by: "single sign-on" } },
    ]);

    person("00u-erin", { preferred_username: "erin", groups: [] });
    const third = browser();
    expect(await third.refusalOf("00u-erin")).toBe("sso_no_group");
    for (const open of [first, second, third]) expect(await open.me()).toMatchObject({ success: false });
    await expectAudited("erin", "auth.login_failed", [{ after: { code: "sso_no_group" } }]);
    const [row] = await stack.database.query(
      "SELECT role, organizations, is_active FROM users WHERE username = 'erin'",
    );
    expect(row).toEqual({ role: "viewer", organizations: [], is_active: true });
  });

  it("takes no word for an answer when the provider leaves the groups out", async () => {
    person("00u-frank", { preferred_username: "frank", groups: ["acme-ops"] });
    const frank = browser();
    await frank.logIn("00u-frank");
    person("00u-frank", { preferred_username: "frank", _claim_names: { groups: "src1" } });
    expect(await browser().refusalOf("00u-frank")).toBe("sso_groups_left_out");
    expect((await frank.me()).user).toMatchObject({ role: "operator" });
  });

  it("ends nothing when the provider sends no claim that the rules look at, as after a scope was removed there", async () => {
    person("00u-olga", { preferred_username: "olga", groups: ["fleet-admins"] });
    const olga = browser();
    await olga.logIn("00u-olga");
    const token = { name: "of olga", scopes: ["admin"], organizations: null, expires_in_days: 30 };
    const made = await olga.call("POST", "/api/v1/controller/api-tokens", token);
    expect([made.status, made.text]).toEqual([200, expect.stringContaining("mct_")]);
    const bearer = String(made.body.data?.api_token);
    person("00u-olga", { preferred_username: "olga" });
    expect(await browser().refusalOf("00u-olga")).toBe("sso_claims_missing");
    expect((await olga.me()).user).toMatchObject({ role: "superadmin" });
    const answer = await stack.controller.call("GET", "/api/v1/controller/overview", undefined, { bearer });
    expect(answer.status).toBe(200);
  });

  it("takes a role away from open sessions even when the login that says so opens none itself", async () => {
    person("00u-pat", { preferred_username: "pat", groups: ["fleet-admins"] });
    const first = browser();
    await first.logIn("00u-pat");
    person("00u-pat", { preferred_username: "pat", groups: ["acme-ops"] });
    const [row] = await stack.database.query("SELECT user_id FROM users WHERE username = 'pat'");
    // While the provider answers, an administrator saves the account as it is: no login from before that opens a session.
    provider.tamper = async (token) => {
      const saved = await stack.controller.call("PUT", `/api/v1/controller/users/${row?.user_id}`, { is_active: true });
      expect(saved.status).toBe(200);
      return token;
    };
    expect(await browser().refusalOf("00u-pat")).toBe("sso_changed_meanwhile");
    expect((await first.me()).user).toMatchObject({ role: "operator", organizations: ["acme"] });
  });

  it("refuses somebody who is deactivated here, whatever the groups say", async () => {
    person("00u-grace", { preferred_username: "grace", groups: ["fleet-admins"] });
    const grace = browser();
    await grace.logIn("00u-grace");
    const [row] = await stack.database.query("SELECT user_id FROM users WHERE username = 'grace'");
    const path = `/api/v1/controller/users/${row?.user_id}`;
    expect((await stack.controller.call("PUT", path, { is_active: false })).status).toBe(200);
    expect(await grace.me()).toMatchObject({ success: false });
    expect(await browser().refusalOf("00u-grace")).toBe("sso_deactivated");
    await expectAudited("grace", "auth.login_failed", [{ after: { code: "sso_deactivated" } }]);
  });

  it("leaves access and passwords of its accounts to the provider", async () => {
    person("00u-heidi", { preferred_username: "heidi", groups: ["acme-ops"] });
    await browser().logIn("00u-heidi");
    const [row] = await stack.database.query("SELECT user_id FROM users WHERE username = 'heidi'");
    const path = `/api/v1/controller/users/${row?.user_id}`;
    for (const [method, where, body] of [
      ["PUT", path, { role: "superadmin", organizations: null }],
      ["PUT", path, { organizations: ["globex"] }],
      ["POST", `${path}/links`, { purpose: "reset" }],
    ] as const) {
      const answer = await stack.controller.call(method, where, body);
      expect([answer.status, answer.body.error?.code]).toEqual([409, "sso_decides"]);
    }
  });

  describe("the way back", () => {
    beforeAll(() => void person("00u-ivan", { preferred_username: "ivan", groups: ["acme-ops"] }));

    it("counts once: the same address again, and the same code with a new attempt, open nothing", async () => {
      const ivan = browser();
      const address = await ivan.goThere("00u-ivan");
      const cookie = ivan.cookie(ATTEMPT) ?? "";
      expect((await ivan.comeBack(address)).search).toBe("?signed_in=sso");
      const replay = async (thief: SsoBrowser) => (await thief.comeBack(address)).searchParams.get("error");
      expect(await replay(ivan)).toBe("sso_unknown_attempt");
      expect(await replay(browser())).toBe("sso_unknown_attempt");
      // With what the browser held meanwhile.
      const thief = browser();
      thief.setCookie(ATTEMPT, cookie);
      expect(await replay(thief)).toBe("sso_unknown_attempt");
      expect(thief.cookie(SESSION)).toBeUndefined();
      // The code of one attempt in another one.
      const other = browser();
      const url = new URL(await other.goThere("00u-ivan"));
      url.searchParams.set("code", new URL(address).searchParams.get("code") ?? "");
      expect((await other.comeBack(url.href)).searchParams.get("error")).toBe("sso_code_refused");
      expect(other.cookie(SESSION)).toBeUndefined();
    });

    it("belongs to the browser that began: nobody is logged in by the link of somebody else", async () => {
      const attacker = browser();
      const address = await attacker.goThere("00u-ivan");
      const victim = browser();
      expect((await victim.comeBack(address)).searchParams.get("error")).toBe("sso_unknown_attempt");
      await victim.goThere("00u-ivan");
      expect((await victim.comeBack(address)).searchParams.get("error")).toBe("sso_unknown_attempt");
      expect(victim.cookie(SESSION)).toBeUndefined();
    });

    it("ends after ten minutes", async () => {
      const late = browser();
      const url = new URL(await late.goThere("00u-ivan"));
      const attempt = {
        state: url.searchParams.get("state") ?? "",
        nonce: "n",
        verifier: "v",
        next: "/costs",
        startedAt: Date.now() - 10 * 60_000 - 1_000,
      };
      const key = Buffer.alloc(32, 7).toString("base64");
      late.setCookie(ATTEMPT, await sealAttempt(key, attempt));
      const page = await late.comeBack(url.href);
      expect(page.search).toBe("?error=sso_expired&next=%2Fcosts");
      late.setCookie(ATTEMPT, await sealAttempt(Buffer.alloc(32, 8).toString("base64"), attempt));
      expect((await late.comeBack(url.href)).searchParams.get("error")).toBe("sso_unknown_attempt");
    });

    it("says what the provider refused, in a code of ours", async () => {
      const page = await browser().logIn("nobody");
      expect(page.search).toBe("?error=sso_provider_refused");
    });

    it.each([
      ["has expired", (now: number) => ({ exp: now - 120 }), "sso_token_expired"],
      ["is not valid yet", (now: number) => ({ nbf: now + 600 }), "sso_token_expired"],
      ["comes from another issuer", () => ({ iss: "https://evil.example" }), "sso_token_invalid"],
      ["is for another application", () => ({ aud: "another" }), "sso_token_invalid"],
      [
        "is for two, and was given to the other one",
        () => ({ aud: ["another", "moolai-controller"], azp: "another" }),
        "sso_token_invalid",
      ],
      ["belongs to another attempt", () => ({ nonce: "another" }), "sso_token_invalid"],
      ["names nobody", () => ({ sub: undefined }), "sso_token_invalid"],
    ])("refuses an ID token that %s", async (_what, change, code) => {
      const now = Math.floor(Date.now() / 1000);
      provider.tamper = ({ header, claims }) => ({ header, claims: { ...claims, ...change(now) } });
      const ivan = browser();
      expect(await ivan.refusalOf("00u-ivan")).toBe(code);
      expect(ivan.cookie(SESSION)).toBeUndefined();
    });

    it("refuses an ID token that is not signed, or by nobody that is known", async () => {
      provider.tamper = "wrong key";
      expect(await browser().refusalOf("00u-ivan")).toBe("sso_token_invalid");
      provider.tamper = ({ claims }) => ({ header: { alg: "none" }, claims });
      expect(await browser().refusalOf("00u-ivan")).toBe("sso_token_invalid");
    });

    it("bears with a clock that is a minute off", async () => {
      const now = Math.floor(Date.now() / 1000);
      provider.tamper = ({ header, claims }) => ({ header, claims: { ...claims, exp: now - 30, iat: now + 30 } });
      expect(await browser().refusalOf("00u-ivan")).toBeNull();
    });

    it("leads nowhere but to the login page", async () => {
      for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example", `/${"x".repeat(2_000)}`]) {
        const page = await browser().logIn("00u-ivan", next);
        expect([page.origin, page.pathname]).toEqual([stack.controller.url, "/login"]);
      }
    });
  });

  it("keeps what it needs meanwhile in a cookie that this browser alone has, and cannot read", async () => {
    const answer = await stack.controller.fetch("/api/v1/internal/auth/sso/start", { bearer: null });
    const [cookie = ""] = answer.headers.getSetCookie();
    const [pair, ...attributes] = cookie.split("; ");
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=3600", "Path=/", "SameSite=Lax", "Secure"]);
    const url = new URL(answer.headers.get("Location") ?? "");
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "nonce"]) {
      const secret = url.searchParams.get(name) ?? "";
      expect(secret.length).toBeGreaterThan(30);
      expect(pair).not.toContain(secret);
    }
  });

  it("does not begin for another site", async () => {
    const headers = { "Sec-Fetch-Site": "cross-site" };
    const answer = await stack.controller.fetch("/api/v1/internal/auth/sso/start?next=%2Fcosts", {
      bearer: null,
      headers,
    });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/login?next=%2Fcosts"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("logs out at the provider too", async () => {
    person("00u-judy", { preferred_username: "judy", groups: ["acme-ops"] });
    const judy = browser();
    await judy.logIn("00u-judy");
    const { status, body } = await judy.call("POST", "/api/v1/internal/auth/logout");
    expect([status, body.method]).toEqual([200, "sso"]);
    const url = new URL(String(body.end_session_url));
    expect(url.origin).toBe(provider.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "moolai-controller",
      id_token_hint: expect.stringMatching(/^eyJ/),
      post_logout_redirect_uri: `${stack.controller.url}/login`,
    });
    expect(await judy.me()).toMatchObject({ success: false });
    expect((await judy.open(url)).status).toBe(200);
  });

  it("says so while the provider is down, and opens nothing", async () => {
    const ivan = browser();
    const address = await ivan.goThere("00u-ivan");
    provider.isDown = true;
    expect((await ivan.comeBack(address)).searchParams.get("error")).toBe("sso_provider_unavailable");
    expect(ivan.cookie(SESSION)).toBeUndefined();
    // What it said of itself is fresh for some seconds.
    const start = async () => {
      const init = { bearer: null };
      const answer = await stack.controller.fetch("/api/v1/internal/auth/sso/start", init);
      return answer.headers.get("Location");
    };
    await eventually(async () => expect(await start()).toBe("/login?error=sso_provider_unavailable"));
    const examined = async () =>
      (await examineDeployment(stack.controller.url)).filter(({ check }) => check === "single sign-on");
    expect(await examined()).toMatchObject([
      { state: "fail", what: "the button does not lead to the provider (sso_provider_unavailable)" },
    ]);
    provider.isDown = false;
    await eventually(async () => expect(await start()).toContain(provider.issuer));
    expect(await examined()).toMatchObject([{ state: "ok", what: `leads to ${new URL(provider.issuer).host}` }]);
  });

  it("does not wait for a provider that says nothing", async () => {
    const ivan = browser();
    const address = await ivan.goThere("00u-ivan");
    provider.isSilent = true;
    expect((await ivan.comeBack(address)).searchParams.get("error")).toBe("sso_provider_unavailable");
    provider.isSilent = false;
  });

  it("writes no secret into the log", async () => {
    await eventually(() => {
      const lines = stack.controller.getLogs().map(({ message }) => message);
      expect(lines.some((line) => line.includes("sso_no_group"))).toBe(true);
      for (const secret of [CLIENT_SECRET, "eyJ", "code_verifier"]) {
        expect(lines.filter((line) => line.includes(secret))).toEqual([]);
      }
    });
  });

  it("throttles no office for what is no guess: an outage of the provider, or people without a group", async () => {
    person("00u-kim", { preferred_username: "kim", groups: [] });
    const office = () => new SsoBrowser(stack.controller, provider, "2001:db8:53::1");
    for (let round = 0; round < 4; round++) {
      const browsers = Array.from({ length: 10 }, office);
      const addresses = await Promise.all(browsers.map((one) => one.goThere("00u-kim")));
      provider.isDown = round < 2;
      const pages = await Promise.all(browsers.map((one, n) => one.comeBack(addresses[n] ?? "")));
      provider.isDown = false;
      const expected = round < 2 ? "sso_provider_unavailable" : "sso_no_group";
      expect(new Set(pages.map(({ searchParams }) => searchParams.get("error")))).toEqual(new Set([expected]));
    }
    expect((await office().logIn("00u-ivan")).search).toBe("?signed_in=sso");
  });

  it("counts made-up codes of an address as wrong passwords", async () => {
    const browsers = Array.from({ length: 32 }, () => new SsoBrowser(stack.controller, provider, "2001:db8:51::1"));
    const refusals = await Promise.all(
      browsers.map(async (one) => {
        const url = new URL(await one.goThere("00u-ivan"));
        url.searchParams.set("code", "made-up");
        return (await one.comeBack(url.href)).searchParams.get("error");
      }),
    );
    expect(new Set(refusals)).toEqual(new Set(["sso_code_refused", "sso_throttled"]));
    const { search } = await new SsoBrowser(stack.controller, provider, "2001:db8:52::1").logIn("00u-ivan");
    expect(search).toBe("?signed_in=sso");
  });
});

describe("single sign-on for everybody, with a provider that tells little", () => {
  const PASSWORD = "correct horse battery";
  let provider: TestProvider;
  let stack: Stack;

  beforeAll(async () => {
    provider = await startProvider({ idTokenClaims: false, endSession: false });
    const { SECRETS_KEY = "", ...vars } = provider.settings(RULES);
    stack = await startStack({ vars: { ...vars, LOCAL_LOGIN: "superadmins" }, secrets: { SECRETS_KEY } });
    provider.serve(stack.controller.url);
    provider.people.set("lena", { preferred_username: "lena", groups: "acme-ops" });
  });
  afterAll(async () => {
    await stack?.stop();
    await provider?.stop();
  });

  it("reads the groups where the provider tells them", async () => {
    const lena = new SsoBrowser(stack.controller, provider);
    expect(await lena.refusalOf("lena")).toBeNull();
    expect((await lena.me()).user).toMatchObject({ username: "lena", role: "operator", organizations: ["acme"] });
    expect(provider.requests).toContain("/me");
  });

  it("has the provider lead back to PUBLIC_URL, whatever address the request came to, and bounds forged answers", async () => {
    const { SECRETS_KEY = "", ...vars } = provider.settings(RULES);
    const settings = { vars: { ...vars, PUBLIC_URL: "http://localhost:4999/" }, secrets: { SECRETS_KEY } };
    const rates = { REFUSAL_RATE: 3 };
    const controller = await startController({ database: stack.database, ...settings, rates });
    try {
      const started = await controller.fetch("/api/v1/internal/auth/sso/start", { bearer: null });
      const { searchParams } = new URL(started.headers.get("Location") ?? "");
      expect(searchParams.get("redirect_uri")).toBe("http://localhost:4999/api/v1/internal/auth/sso/callback");
      const { body } = await controller.call("GET", "/api/v1/internal/auth/methods", undefined, { bearer: null });
      expect(body.sso).toMatchObject({ start: "http://localhost:4999/api/v1/internal/auth/sso/start" });
      // Forged answers of the provider count as refused credentials.
      const forged = new SsoBrowser(controller, provider);
      const address = `${controller.url}/api/v1/internal/auth/sso/callback?code=x&state=y`;
      const codes = [];
      for (let n = 0; n < 5; n++) codes.push((await forged.comeBack(address)).searchParams.get("error"));
      expect(codes).toEqual([...Array(3).fill("sso_unknown_attempt"), ...Array(2).fill("sso_throttled")]);
      const denied =
        "SELECT after FROM activity_logs WHERE action = 'access.denied' AND target_id LIKE '%sso/callback'";
      // Those of one second are told together; on a slow machine the second one waits for the next row of its line.
      const after = { code: "rate_limited", count: expect.toBeOneOf([1, 2]) };
      await eventually(async () => expect(await stack.database.query(denied)).toMatchObject([{ after }]));
    } finally {
      await controller.stop();
    }
  });

  it("says when it is only logged out here", async () => {
    const lena = new SsoBrowser(stack.controller, provider);
    await lena.logIn("lena");
    const { body } = await lena.call("POST", "/api/v1/internal/auth/logout-all");
    expect(body).toMatchObject({ method: "sso", end_session_url: null });
    expect(Number(body.ended)).toBeGreaterThan(0);
    expect(await lena.me()).toMatchObject({ success: false });
  });

  it("takes the password of a superadmin alone, and does not tell others that theirs is right", async () => {
    const database = { url: stack.database.url, ownerUrl: stack.database.ownerUrl, endpoint: stack.database.endpoint };
    const people = [
      { username: "break-glass", role: "superadmin" },
      { username: "local-admin", role: "admin" },
    ] as const;
    for (const one of people) await createUser(database, { ...one, organizations: [], password: PASSWORD });
    const logIn = (username: string, password = PASSWORD) =>
      stack.controller.call("POST", "/api/v1/internal/auth/login", { username, password }, { bearer: null });
    const right = await logIn("break-glass");
    expect([right.status, right.body.user]).toEqual([200, expect.objectContaining({ role: "superadmin" })]);
    const [known, wrong] = [await logIn("local-admin"), await logIn("local-admin", "wrong")];
    const shown = ({ status, body }: typeof known) => [status, body.message, body.error?.code];
    expect(shown(known)).toEqual([401, "Invalid credentials", "invalid_credentials"]);
    expect(shown(wrong)).toEqual(shown(known));
    const methods = await stack.controller.call("GET", "/api/v1/internal/auth/methods", undefined, { bearer: null });
    expect(methods.body).toMatchObject({
      password: "superadmins",
      sso: { button: "Log in with single sign-on", start: "/api/v1/internal/auth/sso/start" },
    });
  });

  it("makes no local accounts and no links for passwords that would open nothing", async () => {
    const users = "/api/v1/controller/users";
    const refused = await stack.controller.call("POST", users, {
      username: "new-local",
      role: "viewer",
      organizations: null,
    });
    expect([refused.status, refused.body.error?.code]).toEqual([409, "sso_decides"]);
    const [row] = await stack.database.query("SELECT user_id FROM users WHERE username = 'local-admin'");
    const link = await stack.controller.call("POST", `${users}/${row?.user_id}/links`, { purpose: "reset" });
    expect([link.status, link.body.error?.code]).toEqual([409, "sso_decides"]);
    const made = await stack.controller.call("POST", users, { username: "second-glass", role: "superadmin" });
    expect(made.status).toBe(200);
  });
});
