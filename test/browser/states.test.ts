import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, expectBadge, logIn, startDashboard } from "./dashboard.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("states of the dashboard", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    dashboard.connect("org-a");
    dashboard.connect("org-b");
    await dashboard.stack.register("org-c");
    await eventually(async () => expect((await dashboard.stack.instances()).length).toBe(3));
    const path = "/api/v1/internal/orchestrators/org-b/independence";
    expect((await dashboard.stack.controller.call("PUT", path, { is_independent: true })).status).toBe(200);
  });

  afterAll(() => dashboard?.stop());

  it("has no accessibility violations at login, loaded, open, asking, without a match and offline, light and dark", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await page.getByRole("heading", { name: "Log in to Moolai Controller" }).waitFor();
    await expectAccessible(page);
    await logIn(page);
    await expectBadge(page, "org-a", "active");
    await expectBadge(page, "org-b", "independent");
    await expectBadge(page, "org-c", "inactive");
    await page.locator('.org[data-id="org-a"] .disclosure').click();
    await page.locator('.org[data-id="org-b"] .disclosure').click();
    await page.getByText("This orchestrator operates independently.").waitFor();
    await expectAccessible(page);

    await page.getByRole("switch", { name: "Independence mode of org-a" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    await page.getByLabel("Search organizations").fill("nowhere");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show all organizations" }).click();
    await expectBadge(page, "org-a", "active");
    expect(problems).toEqual([]);

    await page.context().setOffline(true);
    await page.getByText("The controller does not answer.").waitFor();
    await page.getByRole("status").getByText("Offline").waitFor();
    await expectBadge(page, "org-a", "active");
    await expectAccessible(page);
    await page.context().setOffline(false);
    await page.getByRole("status").getByText("Live").waitFor();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("keeps what it has while the database is down, and says from when", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Forganizations");
    await logIn(page);
    await page.getByRole("status").getByText("Live").waitFor();
    await dashboard.stack.database.pause();
    await page.getByText("The database is not available").waitFor();
    await page.getByRole("status").getByText("Polling").waitFor();
    await page.locator(".org").first().waitFor();
    await dashboard.stack.database.resume();
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByRole("status").getByText("Live").waitFor();
    await close();
  });

  it("says what went wrong when nothing could be loaded at all", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Forganizations");
    await page.route("**/controller/organizations?*", (route) => route.abort());
    await logIn(page);
    await page.getByRole("heading", { name: "The controller does not answer" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/organizations?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".list").waitFor();
    await close();
  });

  it("fits 360 px, and stops moving where motion is not wanted", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Forganizations%3Fopen%3Dorg-a", {
      viewport: { width: 360, height: 740 },
      reducedMotion: "reduce",
      forcedColors: "active",
    });
    await logIn(page);
    await page.getByRole("switch", { name: "Independence mode of org-a" }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("shows the API documentation under the same content policy", async () => {
    const { page, problems, close } = await dashboard.open("/docs");
    await page.getByRole("heading", { name: /Moolai Controller/ }).waitFor();
    await page.locator(".opblock").first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("sends the headers of the Worker with every asset", async () => {
    const { controller } = dashboard.stack;
    for (const path of ["/", "/login", "/organizations", "/theme.js", "/docs"]) {
      const response = await controller.fetch(path, { bearer: null });
      expect(response.status, path).toBe(200);
      expect(response.headers.get("Content-Security-Policy"), path).toContain("script-src 'self';");
      expect(response.headers.get("X-Content-Type-Options"), path).toBe("nosniff");
    }
  });
});
