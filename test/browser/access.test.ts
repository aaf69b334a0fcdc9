import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openAsViewer, openSignedIn } from "./records-support.ts";
import { expectNoDialog, expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("the access of an organization", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  it("makes an agent token, and shows it once, by mouse", async () => {
    await dashboard.stack.register("acme");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/acme/access");
    const rows = page.getByRole("region", { name: "Agent tokens of acme" }).getByRole("row");
    // What registering gave, and the head.
    await rows.nth(1).waitFor();
    expect(await rows.count()).toBe(2);
    await expectAccessible(page);
    await page.getByRole("button", { name: "New agent token" }).click();
    await page.getByRole("dialog", { name: "New agent token for acme" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Label").fill("prod-eu-1");
    await page.getByLabel("Valid for").selectOption("30");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("This token is shown only once.").waitFor();
    await expectAccessible(page);
    const address = await secretOf(page, "Connection URL");
    const environment = await secretOf(page, "Environment variables of the Python client");
    expect(environment).toContain(`CONTROLLER_WS_URL=${address}\n`);

    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy connection URL" }).click();
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe(address);

    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByText("If you close this without copying it").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Go back" }).click();
    expect(await secretOf(page, "Connection URL")).toBe(address);
    await page.getByRole("button", { name: "I have copied it" }).click();
    await expectNoDialog(page);
    expect(await page.content()).not.toContain(address);

    await page.getByRole("row", { name: /prod-eu-1 Valid/ }).waitFor();
    await page.getByText("Two tokens are valid, the maximum.").waitFor();
    await page.getByRole("button", { name: "New agent token" }).click({ force: true });
    expect(await page.getByRole("dialog").count()).toBe(0);
    await expectAccessible(page);

    expect(problems).toEqual([]);
    await close();
  });

  it("shows which token is connected, and closes that connection when it is revoked, by mouse", async () => {
    await dashboard.stack.register("hooli");
    const { controller } = dashboard.stack;
    const made = await controller.call("POST", "/api/v1/controller/orchestrators/hooli/tokens", { label: "live" });
    const client = await openSession(String(made.body.data?.connect_url), "hooli");
    clients.push(client);
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/hooli/access");
    const row = page.getByRole("row", { name: /live Valid in use/ });
    await row.getByRole("button", { name: /^Revoke agent token/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("hooli is connected with this token. The connection is closed at once.").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expectNoDialog(page);
    await row.getByRole("button", { name: /^Revoke agent token/ }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    expect((await client.closedWithin(15_000)).code).toBe(4401);
    await page.getByRole("row", { name: /live Revoked/ }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("makes a join token with which an orchestrator joins, by keyboard alone", async () => {
    await dashboard.stack.register("globex");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/globex");
    const { keyboard } = page;
    await page.getByRole("link", { name: "Access" }).waitFor();
    await keyboard.press("5");
    await page.getByText("No join tokens").waitFor();
    await tabTo(page, "New join token");
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New join token for globex" }).waitFor();
    await expectAccessible(page);
    await keyboard.type("line 4");
    await keyboard.press("Tab");
    await keyboard.press("Control+a");
    await keyboard.type("0");
    await keyboard.press("Enter");
    await page.getByText("Enter a whole number from 1 to 10,000.").waitFor();
    await expectAccessible(page);
    await keyboard.press("Control+a");
    await keyboard.type("2");
    await keyboard.press("Enter");
    await page.getByText("The command below returns the agent token").waitFor();
    await expectAccessible(page);
    const token = await secretOf(page, "Token");
    const join = (id: string) =>
      dashboard.stack.controller.call(
        "POST",
        "/api/v1/internal/orchestrators/join",
        { orchestrator_id: id },
        { bearer: token },
      );
    expect((await join("globex-2")).status).toBe(200);

    // The second Escape closes a dialog in browsers, whatever the page says: it comes back.
    for (const _ of [1, 2, 3]) await keyboard.press("Escape");
    await page.getByText("If you close this without copying it").waitFor();
    await tabTo(page, "Close anyway");
    await keyboard.press("Enter");
    await expectNoDialog(page);
    await page.getByRole("row", { name: /line 4 Valid 1 of 2 Any/ }).waitFor();
    await page.getByLabel("Orchestrator").selectOption("globex-2");
    await page.getByRole("region", { name: "Agent tokens of globex-2" }).waitFor();
    await page.getByRole("row", { name: /Valid .*join:/ }).waitFor();

    await page.getByLabel("Orchestrator").focus();
    await tabTo(page, "Revoke join token");
    await keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Orchestrators can no longer join with it.").waitFor();
    await tabTo(page, "Revoke");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: /line 4 Revoked 1 of 2/ }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Join tokens");
    expect((await join("globex-3")).status).toBe(401);
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps a refusal in the form", async () => {
    await dashboard.stack.register("initech");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/initech/access");
    await page.getByRole("button", { name: "New agent token" }).click();
    await page.getByLabel("Label").fill("kept");
    await page.route("**/orchestrators/initech/tokens", (route) => route.abort());
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText("The controller is not responding.").waitFor();
    expect(await page.getByLabel("Label").inputValue()).toBe("kept");
    await expectAccessible(page);
    await page.unroute("**/orchestrators/initech/tokens");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("This token is shown only once.").waitFor();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("shows a viewer which tokens there are, and offers no change", async () => {
    await dashboard.stack.register("umbrella");
    const { page, problems, close } = await openAsViewer(dashboard, "/organizations/umbrella/access");
    await page.getByText("Only admins can create and revoke tokens.").waitFor();
    await page.getByText("Only admins can view and create them.").waitFor();
    await page.getByRole("row", { name: /Valid/ }).waitFor();
    expect(await page.getByRole("button", { name: /^Revoke/ }).count()).toBe(0);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("fits 360 px, with the tab and what can be done in sight", async () => {
    await dashboard.stack.register("narrow");
    const { page, close } = await openSignedIn(dashboard, "/organizations/narrow/access", {
      viewport: { width: 360, height: 740 },
    });
    const revoke = page.getByRole("button", { name: /^Revoke agent token/ });
    await revoke.waitFor();
    await expectNoSideScroll(page);
    for (const seen of [revoke, page.getByRole("link", { name: "Access" })]) {
      await expect
        .poll(async () => {
          const box = await seen.boundingBox();
          return box !== null && box.x >= 0 && box.x + box.width <= 360;
        })
        .toBe(true);
    }
    await close();
  });
});

async function secretOf(page: Page, label: string): Promise<string> {
  return (await page.getByRole("region", { name: label, exact: true }).locator("code").textContent()) ?? "";
}
