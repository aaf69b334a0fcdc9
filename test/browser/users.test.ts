import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { tabTo } from "./focus.ts";
import { expectNoSideScroll } from "./settled.ts";

const PASSWORD = "correct horse battery";

describe("the users page", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  const create = async (username: string, role: "admin" | "operator" | "viewer", organizations: string[] = []) => {
    const { url, ownerUrl, endpoint } = dashboard.stack.database;
    await createUser({ url, ownerUrl, endpoint }, { username, role, organizations, password: PASSWORD });
  };

  it("says that there is nobody yet", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fusers");
    await logIn(page);
    await page.getByRole("heading", { name: "No users yet" }).waitFor();
    await page.getByText("Invite a user to create the first real account.").waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("shows who may log in, searches and filters, by mouse and by keyboard", async () => {
    await create("ada", "admin");
    await create("grace", "operator", ["org-1", "org-2", "org-3", "org-4", "org-5"]);
    await create("linus", "viewer", ["org-1"]);
    await dashboard.stack.database.query("UPDATE users SET is_active = false WHERE username = 'linus'");
    const { page, problems, close } = await dashboard.open("/login?next=%2Fusers");
    await logIn(page);
    await page.getByRole("row", { name: /^ada Admin All Active Never/ }).waitFor();
    await page.getByRole("row", { name: /^grace Operator org-1 org-2 org-3 and 2 more Active/ }).waitFor();
    await page.getByRole("row", { name: /^linus Viewer .*Deactivated/ }).waitFor();
    await expectAccessible(page);

    await page.getByLabel("Role").selectOption("viewer");
    await expectNames(page, ["linus"]);
    await expect.poll(() => new URL(page.url()).search).toBe("?role=viewer");
    await page.getByLabel("Role").selectOption("all");
    await page.getByLabel("Search users").focus();
    await page.keyboard.type("gra");
    await expectNames(page, ["grace"]);
    await page.keyboard.type("x");
    await page.getByRole("heading", { name: "No matching users" }).waitFor();
    await expectAccessible(page);
    await tabTo(page, "Show all users");
    await page.keyboard.press("Enter");
    await expectNames(page, ["ada", "grace", "linus"]);
    expect(problems).toEqual([]);
    await close();
  });

  it("tells an operator that only admins see it, and asks for nothing", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fusers");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.getByLabel("Name").fill("grace");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Only admins can view users" }).waitFor();
    await expectAccessible(page);
    expect(asked).not.toContain("/api/v1/controller/users");
    expect(problems).toEqual([]);
    await close();
  });

  it("fits 360 px", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Fusers", { viewport: { width: 360, height: 740 } });
    await logIn(page);
    await page.getByRole("row", { name: /^ada/ }).waitFor();
    await expectNoSideScroll(page);
    await close();
  });
});

async function expectNames(page: Page, names: string[]): Promise<void> {
  await eventually(async () => expect(await page.locator("tbody th").allTextContents()).toEqual(names));
}
