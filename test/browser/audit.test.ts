import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName } from "./focus.ts";
import { openAsViewer, openSignedIn, setIndependence } from "./records-support.ts";
import { expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard?.stop());

describe("the audit page", () => {
  const row = (action: string, target: string) => `.audit-row:has-text("${action}"):has-text("${target}")`;

  it("tells who changed what from what to what, filters in the address, counts new entries and exports, by mouse", async () => {
    await dashboard.stack.register("aud-one");
    await setIndependence(dashboard, "aud-one", true);
    const { page, problems, close } = await openSignedIn(dashboard, "/audit?organization=aud-one");
    const change = page.locator(row("orchestrator.independence", "aud-one"));
    await change.getByRole("button").click();
    const diff = page.getByRole("table", { name: "Changes to aud-one" });
    await diff.getByRole("row", { name: /is_independent false true/ }).waitFor();
    await page.getByText("Request ID").waitFor();
    await expectAccessible(page);
    await change.getByRole("button").click();
    await diff.waitFor({ state: "detached" });

    const before = await page.locator(".audit-row").count();
    await setIndependence(dashboard, "aud-one", false);
    await page.getByRole("button", { name: "1 new entry" }).waitFor({ timeout: 20_000 });
    expect(await page.locator(".audit-row").count()).toBe(before);
    await page.getByRole("button", { name: "1 new entry" }).click();
    await eventually(async () => expect(await page.locator(".audit-row").count()).toBe(before + 1));

    await page.getByLabel("Action").selectOption("orchestrator");
    await page.getByLabel("Time", { exact: true }).selectOption("1h");
    await eventually(() =>
      expect(new URL(page.url()).search).toBe("?organization=aud-one&action=orchestrator&range=1h"),
    );
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    const csv = await readFile(String(await download.path()), "utf8");
    const lines = csv.trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^\ufeffat,actor,action,/);
    const rows = lines.slice(1, -1);
    await expect.poll(() => page.locator(".audit-row").count()).toBe(rows.length);
    for (const line of rows) expect(line).toContain("aud-one");
    expect(lines.at(-1)).toContain(`# complete: ${rows.length} of ${rows.length} rows`);

    await page.getByLabel("Time", { exact: true }).selectOption("custom");
    await page.getByLabel("From").fill("2020-01-02T00:00");
    await page.getByLabel("From").dispatchEvent("change");
    await page.getByLabel("To", { exact: true }).fill("2020-01-01T00:00");
    await page.getByLabel("To", { exact: true }).dispatchEvent("change");
    await page.getByText("The end must be after the start.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("To", { exact: true }).fill("2020-01-03T00:00");
    await page.getByLabel("To", { exact: true }).dispatchEvent("change");
    await page.getByRole("heading", { name: "No matching entries" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show all entries" }).click();
    await page.locator(row("auth.login", "superadmin")).first().waitFor();
    await page.getByLabel("Actor").fill("user:superadmin");
    const actors = async () => [...new Set(await page.locator(".audit-who").allTextContents())];
    await expect.poll(actors).toEqual(["user:superadmin"]);
    await page.getByLabel("Target").fill("nothing");
    await page.getByRole("heading", { name: "No matching entries" }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("is read and paged by keyboard alone, and its pages stay while entries come", async () => {
    for (let index = 0; index < 60; index += 1) await dashboard.stack.register(`aud-page-${index}`, "aud-pages");
    const { page, problems, close } = await openSignedIn(dashboard, "/audit?q=aud-page-&action=orchestrator.register");
    await page.locator(".audit-row").first().waitFor();
    const { keyboard } = page;
    await keyboard.press("j");
    await keyboard.press("j");
    await expect.poll(() => focusedName(page)).toContain("aud-page-58");
    await keyboard.press("o");
    await page.locator(".audit-detail").waitFor();
    await keyboard.press("Enter");
    await page.locator(".audit-detail").waitFor({ state: "detached" });
    await keyboard.press("k");
    await expect.poll(() => focusedName(page)).toContain("aud-page-59");

    await dashboard.stack.register("aud-page-new", "aud-pages");
    await keyboard.press("]");
    await page.getByText("Page 2 of 2").waitFor();
    await eventually(async () =>
      expect(await page.locator(".audit-row").first().textContent()).toContain("aud-page-9"),
    );
    await expect.poll(() => page.locator(".audit-row").count()).toBe(10);
    await keyboard.press(".");
    await page.locator(row("", "aud-page-new")).waitFor();
    await keyboard.press("/");
    await expect.poll(() => focusedName(page)).toBe("Search");
    await keyboard.press("Control+a");
    await keyboard.type("aud-page-31");
    await eventually(async () => expect(await page.locator(".audit-row").count()).toBe(1));
    await page.setViewportSize({ width: 390, height: 800 });
    await expectNoSideScroll(page);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps what it has while the database is away, and says from when", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/audit");
    await page.locator(".audit-row").first().waitFor();
    await dashboard.stack.database.pause();
    // For the tests after a failure; otherwise it is resumed below.
    onTestFinished(() => dashboard.stack.database.resume().catch(() => undefined));
    await page.getByLabel("Time", { exact: true }).selectOption("24h");
    await page.getByText("The database is not available").first().waitFor();
    await page.getByText("Showing data from").waitFor();
    await page.locator(".audit-row").first().waitFor();
    await expectAccessible(page);
    await dashboard.stack.database.resume();
    await page.getByRole("button", { name: "Retry now" }).click();
    await page.getByText("Showing data from").waitFor({ state: "detached" });
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("is not for a viewer, and says so", async () => {
    const { page, problems, close } = await openAsViewer(dashboard, "/audit");
    await page.getByRole("heading", { name: "Only admins can view the audit log" }).waitFor();
    await expectAccessible(page);
    await page.waitForLoadState("networkidle");
    expect(problems).toEqual([]);
    await close();
  });
});
