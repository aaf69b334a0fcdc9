import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";

/** The browser itself reports every answer of 400 and above, and every socket that could not be opened. */
const NETWORK = /^Failed to load resource: |^WebSocket connection to /;

describe("logging in and out", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  it("loads nothing but the entry, with the focus in the first field, and leads to the overview", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await page.waitForURL("**/login");
    const scripts = () =>
      page.evaluate<string[]>(
        "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.js'))",
      );
    await page.getByLabel("Name").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("username");
    await expect.poll(() => page.title()).toBe("Log in – Moolai Controller");
    await expectAccessible(page);
    const before = await scripts();
    expect(before.filter((name) => name.includes("/assets/")).length).toBeLessThanOrEqual(3);
    expect(before.some((name) => name.includes("signed-in"))).toBe(false);
    await logIn(page);
    await expect.poll(() => new URL(page.url()).pathname).toBe("/");
    expect((await scripts()).length).toBeGreaterThan(before.length);
    expect(problems).toEqual([]);
    await close();
  });

  it("can be done by keyboard alone", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fsettings");
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("username");
    await page.keyboard.type("superadmin");
    await page.keyboard.press("Tab");
    await page.keyboard.type("moolai-dev");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    // Where somebody has come to, for who cannot see it.
    const focused = () => page.evaluate("document.activeElement?.textContent");
    await eventually(async () => expect(await focused()).toBe("Settings"));
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search organizations/ }).waitFor();
    await page.keyboard.type("log out");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Log in to Moolai Controller" }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("tells a wrong password, a throttled login and an unreachable controller apart", async () => {
    const { page, close } = await dashboard.open("/login?next=https%3A%2F%2Fevil.example%2F");
    await page.getByLabel("Name").fill("superadmin");
    const attempt = async (text: string | RegExp) => {
      await page.getByLabel("Password").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText(text).waitFor();
      await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("password");
    };
    await attempt("Wrong name or password.");
    await expectAccessible(page);
    await page.context().setOffline(true);
    await attempt("The controller is not responding.");
    await page.context().setOffline(false);
    await page.route("**/auth/login", (route) =>
      route.fulfill({
        status: 429,
        headers: { "Retry-After": "3" },
        json: { success: false, message: "Too many", error: { code: "rate_limited", request_id: "x", details: [] } },
      }),
    );
    await attempt(/Too many failed attempts. Try again in [1-3] s\./);
    await expectAccessible(page);
    await page.getByText("You can try again now.").waitFor();
    await page.unroute("**/auth/login");
    await logIn(page);
    expect(new URL(page.url()).origin).toBe(dashboard.stack.controller.url);
    await close();
  });

  it("goes to the login when the session has ended elsewhere, at once, and back to the same place after it", async () => {
    const { page, close } = await dashboard.open("/settings?from=test#keyboard");
    await logIn(page);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
    const cookies = await page.context().cookies();
    const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const { url } = dashboard.stack.controller;
    const headers = { Cookie, Origin: url, "X-Requested-With": "moolai", "Content-Type": "application/json" };
    const init = { method: "POST", bearer: null, headers };
    expect((await dashboard.stack.controller.fetch("/api/v1/internal/auth/logout", init)).status).toBe(200);

    // By itself the page would not ask anything for a minute.
    await page.getByText("Your session has ended.").waitFor({ timeout: 20_000 });
    await expectAccessible(page);
    await logIn(page);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    const back = () => page.url().slice(url.length);
    await expect.poll(back).toBe("/settings?from=test#keyboard");
    await close();
  });

  it("says so when nobody can tell whether the session still counts, and goes on from there", async () => {
    const { page, close } = await dashboard.open("/settings");
    await logIn(page);
    await page.route("**/auth/me", (route) => route.abort());
    await page.reload();
    await page.getByRole("heading", { name: "The controller is not responding" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/auth/me");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await close();
  });

  it("notices a session that is gone by the next call", async () => {
    const { page, close } = await dashboard.open("/settings");
    await logIn(page);
    await page.context().clearCookies();
    await page.getByRole("link", { name: "Organizations" }).click();
    await page.getByText("Your session has ended.").waitFor();
    await close();
  });

  it("logs out from the menu, and does not let the next one in", async () => {
    const { page, problems, close } = await dashboard.open("/settings");
    await logIn(page);
    await page.getByRole("button", { name: "Account of superadmin" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in to Moolai Controller" }).waitFor();
    await page.goto("/settings");
    await page.waitForURL("**/login?*");
    expect(problems.filter((text) => !NETWORK.test(text))).toEqual([]);
    await close();
  });

  it("stays logged in and says so when the controller cannot be told", async () => {
    const { page, close } = await dashboard.open("/settings");
    await logIn(page);
    await page.route("**/auth/logout", (route) => route.abort());
    await page.getByRole("button", { name: "Log out of this browser" }).click();
    await page.getByRole("alert").getByText("You are still logged in").waitFor();
    await close();
  });
});
