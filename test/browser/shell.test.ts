import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { expectNoDialog, expectNoSideScroll } from "./settled.ts";

const PAGES = ["Organizations", "Messages", "Activity", "Logs", "Audit log", "Costs", "Users", "Settings"];

describe("what surrounds every page", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    dashboard.connect("org-shell", { name: "Acme Robotics", location: "Frankfurt" });
    await eventually(async () => expect(await dashboard.stack.instance("org-shell")).not.toBeNull());
  });

  afterAll(() => dashboard?.stop());

  const open = async (path: string, options: Parameters<Dashboard["open"]>[1] = {}) => {
    const screen = await dashboard.open(path, options);
    await logIn(screen.page);
    await screen.page.getByRole("heading", { level: 1 }).waitFor();
    return screen;
  };
  const focused = (page: Page) =>
    page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()");

  it("leads to every page, whose heading gets the focus and names the tab", async () => {
    const { page, problems, close } = await open("/");
    for (const name of PAGES) {
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await eventually(async () => expect(await focused(page)).toBe(name));
      await expect.poll(() => page.title()).toContain(`${name} – Moolai Controller`);
      await expect.poll(() => page.locator('[aria-current="page"]').first().textContent()).toContain(name);
    }
    expect(problems).toEqual([]);
    await close();
  });

  it("lets the first Tab skip to the content", async () => {
    const { page, close } = await open("/settings");
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("Tab");
    await expect.poll(() => focused(page)).toBe("Skip to content");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("main");
    await close();
  });

  it("finds an organization, a page and an action from the palette, by keyboard alone", async () => {
    const { page, problems, close } = await open("/settings");
    const { keyboard } = page;
    const field = page.getByRole("combobox", { name: "Search organizations, pages and actions" });
    await keyboard.press("Control+k");
    await field.waitFor();
    await expectAccessible(page);
    await keyboard.type("acme");
    const option = page.getByRole("option", { name: /Acme Robotics/ });
    await option.waitFor();
    await expect.poll(() => option.getAttribute("aria-selected")).toBe("true");
    await expectAccessible(page);
    await keyboard.press("Enter");
    await page.waitForURL("**/organizations/org-shell");
    await expectNoDialog(page);

    await keyboard.press("Control+k");
    await field.waitFor();
    await keyboard.type("go to se");
    await keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await expect.poll(() => focused(page)).toBe("Settings");
    await expectNoDialog(page);

    await keyboard.press("Control+k");
    await field.waitFor();
    await keyboard.type("dark theme");
    await keyboard.press("Enter");
    const theme = () => page.evaluate("document.documentElement.dataset.theme");
    await eventually(async () => expect(await theme()).toBe("dark"));
    await expectNoDialog(page);

    await keyboard.press("Control+k");
    await field.waitFor();
    await keyboard.type("no such thing");
    await page.getByText("No results").waitFor();
    await expectAccessible(page);
    await keyboard.press("Escape");
    await expectNoDialog(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("opens the palette by mouse and gives the focus back", async () => {
    const { page, close } = await open("/settings");
    await page.getByRole("button", { name: /Search or go to/ }).click();
    await page.getByRole("option", { name: "Go to Audit log" }).hover();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Escape");
    await expectNoDialog(page);
    await expect.poll(() => focused(page)).toContain("Search or go to");
    await page.getByRole("button", { name: /Search or go to/ }).click();
    await page.getByRole("option", { name: "Go to Users" }).click();
    await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
    await close();
  });

  it("goes places by sequences of keys, lists them, and keeps still when they are switched off", async () => {
    const { page, problems, close } = await open("/settings");
    const { keyboard } = page;
    await keyboard.press("g");
    await keyboard.press("l");
    await page.getByRole("heading", { level: 1, name: "Logs" }).waitFor();
    await keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("Go to Costs").waitFor();
    await expectAccessible(page);
    // Not while a dialog is open.
    await keyboard.press("g");
    await keyboard.press("c");
    await help.getByRole("switch", { name: "Single-key shortcuts" }).click();
    await keyboard.press("Escape");
    await expectNoDialog(page);
    await page.getByRole("heading", { level: 1, name: "Logs" }).waitFor();
    await keyboard.press("g");
    await keyboard.press("c");
    await keyboard.press("?");
    await keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search organizations/ }).waitFor();
    expect(await help.count()).toBe(0);
    await keyboard.type("? go");
    await expect.poll(() => page.getByRole("combobox", { name: /Search organizations/ }).inputValue()).toBe("? go");
    expect(new URL(page.url()).pathname).toBe("/logs");
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps theme, density, time and interval over a reload, without a flash", async () => {
    const { page, problems, close } = await open("/settings");
    await page.getByRole("group", { name: "Theme" }).last().getByText("Dark", { exact: true }).click();
    await page.getByRole("group", { name: "Density" }).getByText("Roomy").click();
    await page.getByRole("group", { name: "Time format" }).getByText("UTC").click();
    await page.getByLabel("Polling interval").selectOption("Every 30 s");
    await expectAccessible(page);
    // Set by the script of the head, so before anything is painted.
    await page.route("**/assets/*.js", (route) => route.abort());
    await page.goto("/settings");
    const root = () => page.evaluate("({ ...document.documentElement.dataset })");
    expect(await root()).toEqual({ theme: "dark", density: "roomy" });
    await page.unroute("**/assets/*.js");
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expect.poll(() => page.getByLabel("Polling interval").inputValue()).toBe("30");
    await expect.poll(() => page.getByRole("radio", { name: "UTC" }).isChecked()).toBe(true);
    await page.getByText(/Page opened: \w+ \d+, \d\d:\d\d:\d\d/).waitFor();
    expect(problems.filter((text) => !text.includes("ERR_FAILED"))).toEqual([]);
    await close();
  });

  it("is a bar with a menu on a phone, and nothing scrolls sideways", async () => {
    const { page, problems, close } = await open("/settings", {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      reducedMotion: "reduce",
    });
    await expectNoSideScroll(page);
    await expectAccessible(page);
    const bar = page.getByRole("navigation", { name: "Main" });
    await bar.getByRole("button", { name: "More" }).tap();
    await page.getByRole("menuitem", { name: "Audit log" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("menuitem", { name: "Audit log" }).tap();
    await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
    await page.getByRole("button", { name: /Search or go to/ }).tap();
    await page.getByRole("combobox", { name: /Search organizations/ }).waitFor();
    await expectNoSideScroll(page);
    await page.keyboard.press("Escape");
    await expectNoDialog(page);
    const small = await page.evaluate<string[]>(`[...document.querySelectorAll(".topbar button, .rail a, .rail button")]
      .filter((element) => element.checkVisibility())
      .filter((element) => element.getBoundingClientRect().height < 24 || element.getBoundingClientRect().width < 24)
      .map((element) => element.outerHTML)`);
    expect(small).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it("can be used in forced colours", async () => {
    const { page, problems, close } = await open("/settings", { forcedColors: "active" });
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search organizations/ }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("opens the menu of the account with the arrow key, and gives the focus back", async () => {
    const { page, close } = await open("/settings");
    const button = page.getByRole("button", { name: "Account of superadmin" });
    await button.focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("menuitem", { name: /Settings/ }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("Account of superadmin");
    await close();
  });

  it("leaves the shell standing when the code of a page cannot be loaded", async () => {
    const { page, close } = await open("/settings");
    await page.route("**/assets/audit-*.js", (route) => route.abort());
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByRole("heading", { name: "Something went wrong" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/assets/audit-*.js");
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
    await close();
  });
});
