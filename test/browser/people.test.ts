import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, type Screen, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo, tabUntil } from "./focus.ts";
import { openSignedIn } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

const PASSWORD = "correct horse battery";
const OTHER_PASSWORD = "staple in the other hand";
/** The browser itself reports every answer of 400 and above, and every socket that could not be opened. */
const NETWORK = /^Failed to load resource: |^WebSocket connection to /;

describe("people", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    for (const id of ["acme", "globex"]) await dashboard.stack.register(id);
  });
  afterAll(() => dashboard?.stop());

  const create = async (username: string, role: "admin" | "operator" | "viewer", organizations: string[] = []) => {
    const { url, ownerUrl, endpoint } = dashboard.stack.database;
    await createUser({ url, ownerUrl, endpoint }, { username, role, organizations, password: PASSWORD });
  };
  const openAs = async (username: string, path: string, password = PASSWORD): Promise<Screen> => {
    const screen = await dashboard.open(`/login?next=${encodeURIComponent(path)}`);
    await logInAs(screen.page, username, password);
    await screen.page.getByRole("navigation", { name: "Main" }).waitFor();
    return screen;
  };
  const invite = async (username: string): Promise<string> => {
    const { controller } = dashboard.stack;
    const made = await controller.call("POST", "/api/v1/controller/users", { username, role: "viewer" });
    const path = `/api/v1/controller/users/${String(made.body.data?.user_id)}/links`;
    return String((await controller.call("POST", path, { purpose: "invite" })).body.data?.link);
  };
  const row = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
  const choose = async (page: Page, name: string, item: string) => {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const linkOf = async (page: Page) => {
    await page.getByText("no email is sent").waitFor();
    const link = (await page.getByRole("region", { name: "One-time link" }).locator("code").textContent()) ?? "";
    return link.slice(dashboard.stack.controller.url.length);
  };

  it("invites somebody, and shows the link once", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/users");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Invite user" });
    await dialog.waitFor();
    await expectAccessible(page);
    await dialog.getByLabel("Name").fill("Ada Lovelace");
    await dialog.getByLabel("Role").selectOption("operator");
    await dialog.getByText("Selected only").click();
    await dialog.getByRole("button", { name: "Invite" }).click();
    await dialog.getByText("The name cannot contain spaces.").waitFor();
    await dialog.getByText("Select at least one organization.").waitFor();
    await expectAccessible(page);
    await dialog.getByLabel("Name").fill("Ada");
    await dialog.getByLabel("acme").check();
    await dialog.getByRole("button", { name: "Invite" }).click();
    expect(await linkOf(page)).toMatch(/^\/welcome#mcl_\w+$/);
    await expectAccessible(page);
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("row", { name: /^ada Operator acme Invited, no password yet/ }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("has who was invited set a password and log in, by keyboard alone", async () => {
    const link = await invite("barbara");
    const guest = await dashboard.open(link);
    await guest.page.getByRole("heading", { name: "Set your password" }).waitFor();
    // Neither in the address bar nor where "back" leads.
    expect(guest.page.url()).toBe(`${dashboard.stack.controller.url}/welcome`);
    await expect.poll(() => guest.page.evaluate("document.activeElement?.name")).toBe("new-password");
    await expectAccessible(guest.page);
    const { keyboard } = guest.page;
    await keyboard.type("too short");
    await guest.page.getByText("9 of at least 15 characters.").waitFor();
    await keyboard.press("Enter");
    await expect
      .poll(() => guest.page.getByLabel("Password", { exact: true }).getAttribute("aria-invalid"))
      .toBe("true");
    await expectAccessible(guest.page);
    await keyboard.press("Control+a");
    await keyboard.type("barbara-moolai-2026");
    await keyboard.press("Enter");
    await guest.page
      .getByRole("alert")
      .getByText("The password is too easy to guess. It is mostly your name")
      .waitFor();
    await expectAccessible(guest.page);
    await guest.page.getByLabel("Password", { exact: true }).focus();
    await keyboard.press("Control+a");
    await keyboard.type(PASSWORD);
    await guest.page.getByText("21 characters: long enough.").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await expect.poll(() => guest.page.getByLabel("Password", { exact: true }).getAttribute("type")).toBe("text");
    await expectAccessible(guest.page);
    await tabTo(guest.page, "Set password");
    await keyboard.press("Enter");
    await guest.page.getByText("Your password is set. You can log in now.").waitFor();
    await expectAccessible(guest.page);
    await expect.poll(() => guest.page.getByLabel("Name").inputValue()).toBe("barbara");
    await expect.poll(() => guest.page.evaluate("document.activeElement?.id")).toBe("password");
    await keyboard.type(PASSWORD);
    await keyboard.press("Enter");
    await guest.page.getByRole("button", { name: "Account of barbara" }).waitFor();
    expect(guest.problems.filter((text) => !NETWORK.test(text))).toEqual([]);
    await guest.close();
  });

  it("tells somebody whose link is used, or missing, what to do", async () => {
    const link = await invite("radia");
    const token = link.slice(link.indexOf("#") + 1);
    const body = { token, password: PASSWORD };
    const { controller } = dashboard.stack;
    const used = await controller.call("POST", "/api/v1/internal/auth/accept-link", body, { bearer: null });
    expect(used.status).toBe(200);
    const late = await dashboard.open(link);
    await late.page.getByLabel("Password", { exact: true }).fill(OTHER_PASSWORD);
    await late.page.getByRole("button", { name: "Set password" }).click();
    await late.page.getByRole("alert").getByText("This link is no longer valid").waitFor();
    await expectAccessible(late.page);
    await late.page.reload();
    await late.page.getByText("To set a password, open the link").waitFor();
    await expectAccessible(late.page);
    expect(late.problems.filter((text) => !NETWORK.test(text))).toEqual([]);
    await late.close();
  });

  it("logs somebody else out who was logged in where the link is opened", async () => {
    await create("hedy", "viewer");
    const { page, close } = await openSignedIn(dashboard, "/users");
    await choose(page, "hedy", "Password reset link…");
    await page.getByText("Earlier links of hedy stop working.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Create link" }).click();
    await page.goto(await linkOf(page));
    await page.getByLabel("Password", { exact: true }).fill(OTHER_PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByText("Your password is set.").waitFor();
    await page.getByLabel("Password").fill(OTHER_PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Account of hedy" }).waitFor();
    await close();
  });

  it("changes what somebody may do, also where they are logged in, by keyboard alone", async () => {
    await create("grace", "viewer");
    const theirs = await openAs("grace", "/messages");
    const { page, problems, close } = await openSignedIn(dashboard, "/users");
    const { keyboard } = page;
    await row(page, "grace").waitFor();
    await tabTo(page, "Actions for grace");
    await keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Change access…" }).waitFor();
    await expectAccessible(page);
    await keyboard.type("change");
    await page.locator(".menu-item[data-highlighted]", { hasText: "Change access…" }).waitFor();
    await keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Access of grace" });
    await dialog.waitFor();
    await tabTo(page, "Superadmin");
    await keyboard.press("o");
    await dialog.getByText("Also decides on messages").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("ArrowRight");
    await dialog.getByLabel("globex").waitFor();
    const label = () => page.evaluate("document.activeElement?.parentElement?.textContent");
    await tabUntil(page, async () => (await label()) === "globex", "globex");
    await keyboard.press("Space");
    await dialog.getByText("1 selected").waitFor();
    await expectAccessible(page);
    await tabTo(page, "Save");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: /^grace Operator globex Active/ }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Actions for grace");
    await theirs.page.reload();
    await theirs.page.goto("/organizations");
    await theirs.page.getByRole("link", { name: "globex" }).first().waitFor();
    expect(await theirs.page.getByRole("link", { name: "acme" }).count()).toBe(0);
    expect(problems).toEqual([]);
    await theirs.close();
    await close();
  });

  it("ends sessions, deactivates and reactivates at once", async () => {
    await create("linus", "viewer");
    const theirs = await openAs("linus", "/settings");
    const { page, problems, close } = await openSignedIn(dashboard, "/users");
    await choose(page, "linus", "End sessions…");
    await page.getByText("They can log in again with their password.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "End sessions" }).click();
    await page.getByText("1 session of linus ended").first().waitFor();
    await theirs.page.getByText("Your session has ended.").waitFor();
    await choose(page, "linus", "Deactivate…");
    await page.getByRole("dialog").getByText("The user is logged out everywhere at once.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("row", { name: /^linus Viewer All Deactivated/ }).waitFor();
    await logInAs(theirs.page, "linus", PASSWORD);
    await theirs.page.getByText("Wrong name or password.").waitFor();
    await choose(page, "linus", "Reactivate");
    await page.getByRole("row", { name: /^linus Viewer All Active/ }).waitFor();
    await theirs.page.getByLabel("Password").fill(PASSWORD);
    await theirs.page.keyboard.press("Enter");
    await theirs.page.getByRole("button", { name: "Account of linus" }).waitFor();
    expect(problems).toEqual([]);
    await theirs.close();
    await close();
  });

  it("offers an admin nothing above their own, and keeps what the controller refuses in sight", async () => {
    await create("bound", "admin", ["acme"]);
    await create("peer", "viewer", ["acme", "globex"]);
    const { page, close } = await openAs("bound", "/users");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const roles = page.getByRole("dialog").getByLabel("Role").locator("option");
    await expect.poll(() => roles.allTextContents()).toEqual(["Admin", "Operator", "Viewer"]);
    await page.getByText("You can choose from your own organizations").waitFor();
    await page.getByLabel("acme").waitFor();
    expect(await page.getByLabel("globex").count()).toBe(0);
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expectNoDialog(page);
    await choose(page, "peer", "Change access…");
    await page.getByRole("dialog").getByLabel("Role").selectOption({ label: "Operator" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("only within your own organizations").waitFor();
    await expectAccessible(page);
    await close();
  });

  it("finishes an invitation that was half done", async () => {
    await create("taken", "viewer");
    const { page, close } = await openSignedIn(dashboard, "/users");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("taken");
    await dialog.getByRole("button", { name: "Invite" }).click();
    await dialog.getByText("There is a user taken already. No user was invited.").waitFor();
    await page.route("**/links", (route) => route.abort());
    await dialog.getByLabel("Name").fill("half");
    await dialog.getByRole("button", { name: "Invite" }).click();
    await dialog.getByText("The user was created, but the link was not").waitFor();
    await page.unroute("**/links");
    await dialog.getByRole("button", { name: "Invite" }).click();
    expect(await linkOf(page)).toMatch(/^\/welcome#mcl_/);
    await close();
  });

  it("changes one's own password and ends the other sessions, then all of them", async () => {
    await create("margaret", "admin");
    const other = await openAs("margaret", "/settings");
    const { page, problems, close } = await openAs("margaret", "/settings");
    const current = page.getByLabel("Current password");
    await current.fill("not this one at all");
    await page.getByLabel("New password").fill(OTHER_PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The current password is wrong.").waitFor();
    await expectAccessible(page);
    await page.keyboard.type(PASSWORD);
    await expect.poll(() => current.inputValue()).toBe(PASSWORD);
    expect(await page.getByLabel("Also revoke the API tokens").isChecked()).toBe(true);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Password changed. Ended: 1 other session").first().waitFor();
    await other.page.getByText("Your session has ended.").waitFor();
    await logInAs(other.page, "margaret", OTHER_PASSWORD);
    await other.page.getByRole("heading", { name: "Settings" }).waitFor();

    await page.getByRole("button", { name: "Log out everywhere…" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("API tokens stay valid").waitFor();
    await expectAccessible(page);
    await tabTo(page, "Log out everywhere");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Log in to Moolai Controller" }).waitFor();
    await other.page.getByText("Your session has ended.").waitFor();
    expect(problems.filter((text) => !NETWORK.test(text))).toEqual([]);
    await other.close();
    await close();
  });
});

async function logInAs(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("Name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}
