import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ATTEMPT_COOKIE, sealAttempt } from "../../worker/sso/attempt.ts";
import { eventually } from "../support/eventually.ts";
import { startProvider, type TestProvider } from "../support/oidc.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, type Screen, startDashboard } from "./dashboard.ts";

const RULES = [{ group: "acme-admins", role: "admin", organizations: ["acme"] }];
const SESSION_COOKIE = "__Host-moolai_session";
const BUTTON = "Log in with Example ID";
/** The browser itself reports a connection that the provider closes. */
const NETWORK = /^Failed to load resource: |^WebSocket connection to /;

let provider: TestProvider;
let dashboard: Dashboard;

async function begin(settings: Record<string, string> = {}, options: Parameters<typeof startProvider>[0] = {}) {
  provider = await startProvider(options);
  const { SECRETS_KEY = "", ...vars } = provider.settings(RULES);
  dashboard = await startDashboard({ vars: { ...vars, OIDC_BUTTON: BUTTON, ...settings }, secrets: { SECRETS_KEY } });
  provider.serve(dashboard.stack.controller.url);
  provider.people.set("ada", { preferred_username: "ada", groups: ["acme-admins"] });
  provider.people.set("guest", { preferred_username: "guest", groups: ["somewhere-else"] });
}

async function end() {
  await dashboard?.stop();
  await provider?.stop();
}

/** Presses the button, and one of those at the provider. */
async function signIn({ page }: Screen, name: string) {
  await page.getByRole("link", { name: BUTTON }).click();
  await page.getByRole("heading", { name: "The provider" }).waitFor();
  await page.getByRole("button", { name }).click();
}

async function expectRefused({ page }: Screen, sentence: string | RegExp) {
  await page.getByRole("alert").getByText(sentence).waitFor();
  await page.getByRole("link", { name: BUTTON }).waitFor();
  await expectAccessible(page);
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name }) => name)).not.toContain(SESSION_COOKIE);
}

/** The newest row of a refused login, once it has reached Postgres. */
function expectAudited(targetId: string, code: string) {
  return eventually(async () => {
    const [row] = await dashboard.stack.database.query(
      "SELECT after->>'code' AS code FROM activity_logs WHERE action = 'auth.login_failed' AND target_id = $1 ORDER BY at DESC LIMIT 1",
      [targetId],
    );
    expect(row).toEqual({ code });
  });
}

describe("single sign-on in the browser", () => {
  beforeAll(() => begin());
  afterAll(end);
  afterEach(() => {
    provider.tamper = null;
    provider.isDown = false;
  });

  it("logs in, goes on to the page that was asked for, and logs out at the provider too", async () => {
    const screen = await dashboard.open("/settings?from=test#keyboard");
    const { page, problems } = screen;
    await page.getByRole("link", { name: BUTTON }).waitFor();
    await page.getByLabel("Password").waitFor();
    await expectAccessible(page);
    await signIn(screen, "ada");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    expect(page.url().slice(dashboard.stack.controller.url.length)).toBe("/settings?from=test#keyboard");
    await page.getByText("with single sign-on, which manages your role and password.").waitFor();
    expect(await page.getByLabel("Current password").count()).toBe(0);

    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("row", { name: /ada/ }).getByText("Active").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Actions for ada" }).click();
    const item = page.getByRole("menuitem", { name: /Change access/ });
    expect(await item.getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Account of ada" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    await page.getByRole("button", { name: /yes/i }).click();
    await page.getByRole("heading", { name: "Log in to Moolai Controller" }).waitFor();
    // There nobody is logged in any more.
    await page.getByRole("link", { name: BUTTON }).click();
    await page.getByRole("heading", { name: "The provider" }).waitFor();
    expect(problems).toEqual([]);
    await screen.close();
  });

  it("tells somebody of another group that they have no access", async () => {
    const screen = await dashboard.open("/login?next=%2Fcosts");
    await signIn(screen, "guest");
    await expectRefused(screen, "None of your groups has access to this controller.");
    await expectAudited("sso guest", "sso_no_group");
    // The place to go to is not lost.
    expect(new URL(screen.page.url()).searchParams.get("next")).toBe("/costs");
    await screen.close();
  });

  it("shows nothing of what the provider says, when it says no", async () => {
    const screen = await dashboard.open("/login");
    await signIn(screen, "nobody");
    await expectRefused(screen, "The identity provider refused the login.");
    expect(await screen.page.content()).not.toContain("reflected");
    await expectAudited("", "sso_provider_refused");
    await screen.page.goto("/login?error=%3Cb%3Eforged%3C%2Fb%3E");
    await screen.page.getByRole("alert").getByText("The login failed. Try again.").waitFor();
    expect(await screen.page.getByText("forged").count()).toBe(0);
    await screen.close();
  });

  it("ends an attempt after ten minutes, and refuses an answer that has expired", async () => {
    const screen = await dashboard.open("/login");
    const { page } = screen;
    const asked = page.waitForRequest((request) => new URL(request.url()).searchParams.has("code_challenge"));
    await page.getByRole("link", { name: BUTTON }).click();
    const state = new URL((await asked).url()).searchParams.get("state") ?? "";
    await page.getByRole("heading", { name: "The provider" }).waitFor();
    // Ten minutes pass: what the browser keeps of this attempt is as old as that.
    const attempt = { state, nonce: "n", verifier: "v", next: "/", startedAt: Date.now() - 601_000 };
    const value = await sealAttempt(Buffer.alloc(32, 7).toString("base64"), attempt);
    const url = dashboard.stack.controller.url.replace("http:", "https:");
    await page.context().addCookies([{ name: ATTEMPT_COOKIE, value, url, secure: true, sameSite: "Lax" }]);
    await page.getByRole("button", { name: "ada" }).click();
    await expectRefused(screen, "The login took longer than ten minutes.");
    await expectAudited("", "sso_expired");

    provider.tamper = ({ header, claims }) => ({
      header,
      claims: { ...claims, exp: Math.floor(Date.now() / 1000) - 120 },
    });
    await page.getByRole("link", { name: BUTTON }).click();
    await expectRefused(screen, "The identity provider's response had already expired.");
    await expectAudited("", "sso_token_expired");
    await screen.close();
  });

  it("opens nothing with an address that was used already, here or in another browser", async () => {
    const screen = await dashboard.open("/login");
    const { page } = screen;
    const used = new Promise<string>((resolve) => {
      page.on("request", (request) => {
        if (request.url().includes("/sso/callback?")) resolve(request.url());
      });
    });
    await signIn(screen, "ada");
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    const address = await used;
    const thief = await dashboard.open("/login");
    await thief.page.goto(address);
    await expectRefused(thief, "This login was already completed, or was started in another browser.");
    await page.goto(address);
    await page.getByRole("alert").getByText("This login was already completed").waitFor();
    await expectAudited("", "sso_unknown_attempt");
    await thief.close();
    await screen.close();
  });

  it("says so while the provider is down, and takes passwords meanwhile", async () => {
    const screen = await dashboard.open("/login");
    const { page, problems } = screen;
    provider.isDown = true;
    // What the provider said of itself is fresh for some seconds: then the browser is sent there.
    await eventually(async () => {
      await page.goto("/login");
      await page.getByRole("link", { name: BUTTON }).click();
      await page.getByRole("alert").getByText("The identity provider is not responding.").waitFor({ timeout: 2_000 });
    });
    await expectRefused(screen, "The identity provider is not responding. Try again shortly.");
    await expectAudited("", "sso_provider_unavailable");
    await logIn(page);
    expect(problems.filter((text) => !NETWORK.test(text))).toEqual([]);
    await screen.close();
  });
});

describe("single sign-on for everybody but superadmins in an emergency", () => {
  beforeAll(() => begin({ LOCAL_LOGIN: "superadmins" }, { endSession: false }));
  afterAll(end);

  it("keeps the password out of sight, and says when the provider cannot be told of a logout", async () => {
    const screen = await dashboard.open("/login", { viewport: { width: 360, height: 740 } });
    const { page, problems } = screen;
    await page.getByRole("link", { name: BUTTON }).waitFor();
    expect(await page.getByLabel("Password", { exact: true }).isVisible()).toBe(false);
    await expectAccessible(page);
    await signIn(screen, "ada");
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.goto("/settings");
    await page.getByRole("button", { name: "Log out of this browser" }).click();
    await page.getByText("still logged in at the identity provider").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Use a password instead" }).click();
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("username");
    await logIn(page);
    expect(problems).toEqual([]);
    await screen.close();
  });
});
