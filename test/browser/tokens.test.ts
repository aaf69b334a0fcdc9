import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openAsViewer, openSignedIn } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

describe("the page of API tokens", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    for (const id of ["acme", "globex"]) await dashboard.stack.register(id);
  });
  afterAll(() => dashboard?.stop());

  const read = (token: string) =>
    dashboard.stack.controller.call("GET", "/api/v1/controller/organizations", undefined, { bearer: token });

  it("makes a token for one organization, shows it once, and revokes it at once, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/tokens");
    await page.getByRole("heading", { name: "No valid API tokens" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "New API token" }).click();
    const dialog = page.getByRole("dialog", { name: "New API token" });
    await dialog.waitFor();
    await expectAccessible(page);
    await dialog.getByText("Selected only").click();
    await dialog.getByLabel("acme").waitFor();
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("Enter a name.").waitFor();
    await dialog.getByText("Select at least one organization.").waitFor();
    await expectAccessible(page);
    await dialog.getByLabel("Name").fill("nightly export");
    await dialog.getByLabel("Search organizations").fill("acm");
    await dialog.getByLabel("globex").waitFor({ state: "detached" });
    await dialog.getByLabel("acme").check();
    await dialog.getByLabel("Search organizations").fill("");
    await dialog.getByLabel("globex").waitFor();
    await dialog.getByText("1 selected").waitFor();
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.getByText("Programs send it in the Authorization header.").waitFor();
    await expectAccessible(page);
    const token = (await page.getByRole("region", { name: "Token", exact: true }).locator("code").textContent()) ?? "";
    const answer = await read(token);
    expect(answer.status).toBe(200);
    expect(answer.body.data?.total).toBe(1);
    await page.getByRole("button", { name: "I have copied it" }).click();
    const row = page.getByRole("row", { name: /^nightly export read acme Valid/ });
    await row.waitFor();
    await expectNoDialog(page);
    expect(await page.content()).not.toContain(token);
    await expectAccessible(page);

    await row.getByRole("button", { name: "Revoke nightly export" }).click();
    await page.getByText("Programs that use this token are refused at once").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("heading", { name: "No valid API tokens" }).waitFor();
    expect((await read(token)).status).toBe(401);
    await expect.poll(() => focusedName(page)).toBe("API tokens");
    await page.getByRole("switch", { name: "Show expired and revoked" }).click();
    await page.getByRole("row", { name: /^nightly export read acme Revoked/ }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("makes a token for everything by keyboard alone", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/");
    const { keyboard } = page;
    await keyboard.press("g");
    await keyboard.press("k");
    await page.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
    await tabTo(page, "New API token");
    await keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await keyboard.type("deploy");
    await keyboard.press("Tab");
    await keyboard.press("o");
    await page.getByText("publishes configurations").waitFor();
    await keyboard.press("Enter");
    await tabTo(page, "Create");
    await keyboard.press("Enter");
    await page.getByText("Programs send it in the Authorization header.").waitFor();
    await tabTo(page, "I have copied it");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: /^deploy operate All Valid/ }).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.textContent")).toContain("New API token");
    expect(problems).toEqual([]);
    await close();
  });

  it("is for admins alone, and asks for nothing", async () => {
    const { page, problems, close } = await openAsViewer(dashboard, "/tokens");
    await page.getByRole("heading", { name: "Only admins can view API tokens" }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });
});
