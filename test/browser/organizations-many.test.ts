import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { openSignedIn } from "./records-support.ts";
import { expectNoSideScroll } from "./settled.ts";

const ORGANIZATIONS = 3000;
const MOST_ROWS = 60;
const PATIENT = { timeout: 45_000 };

describe("thousands of organizations", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    await seed(dashboard.stack.database.query, { organizations: ORGANIZATIONS, messages: 100, auditEntries: 10 });
  });

  afterAll(() => dashboard?.stop());

  const rows = (page: Page) => page.locator("tbody tr").count();
  const names = async () =>
    (
      await dashboard.stack.database.query(
        "SELECT organization_id FROM organizations ORDER BY name_folded, organization_id",
      )
    ).map((row) => String(row.organization_id));

  it("draws the rows in sight and no others, and asks for the windows that are scrolled to", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    const asked: string[] = [];
    page.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith("/controller/organizations")) asked.push(searchParams.get("page") ?? "");
    });
    const inOrder = await names();
    await page.locator(`tr[data-id="${inOrder[0]}"]`).waitFor();
    const grid = page.getByRole("grid", { name: "Organizations" });
    expect(await grid.getAttribute("aria-rowcount")).toBe(String(ORGANIZATIONS + 1));
    expect(await rows(page)).toBeLessThanOrEqual(MOST_ROWS);
    // The first window is here, so what follows is of the scrolling.
    asked.length = 0;

    const scrollTo = (share: number) =>
      page.locator(".org-table").evaluate((table, to) => {
        table.scrollTop = (table.scrollHeight - table.clientHeight) * to;
      }, share);
    await scrollTo(1);
    const last = page.locator(`tr[data-id="${inOrder.at(-1)}"]`);
    await last.waitFor();
    expect(await last.getAttribute("aria-rowindex")).toBe(String(ORGANIZATIONS + 1));
    expect(await rows(page)).toBeLessThanOrEqual(MOST_ROWS);
    expect(asked).toEqual(["30"]);

    // What lies between is not asked for.
    await scrollTo(0.5);
    await page.locator(`tr[data-id="${inOrder[ORGANIZATIONS / 2]}"] .badge`).waitFor();
    /** Rows that are not those of their places; those in sight are of two windows, which come one after the other. */
    const misplaced = async () => {
      const drawn = await page
        .locator("tbody tr")
        .evaluateAll((list) =>
          list.map((row) => [Number(row.getAttribute("aria-rowindex")), row.getAttribute("data-id")] as const),
        );
      return drawn.filter(([place, id]) => inOrder[place - 2] !== id);
    };
    await expect.poll(misplaced, PATIENT).toEqual([]);
    expect(asked.slice(1).every((number) => ["15", "16"].includes(number))).toBe(true);
    expect(await rows(page)).toBeLessThanOrEqual(MOST_ROWS);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps its head and its first column in sight, whichever way it is scrolled", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations", {
      viewport: { width: 800, height: 700 },
    });
    await page.locator("tbody tr .badge").first().waitFor();
    await page.locator(".org-table").evaluate((table) => {
      table.scrollTo(300, 5000);
    });
    await page.locator('tbody tr[aria-rowindex="145"] .badge').waitFor();
    /** Whether nothing covers it: what stands at its middle is itself, or in it. */
    const isOnTop = (selector: string) =>
      page.evaluate<boolean>(`(() => {
        const cell = document.querySelector(${JSON.stringify(selector)});
        const { x, y, width, height } = cell.getBoundingClientRect();
        return cell.contains(document.elementFromPoint(x + width / 2, y + height / 2));
      })()`);
    await expect.poll(() => isOnTop("thead .cell-name")).toBe(true);
    await expect.poll(() => isOnTop('tbody tr[aria-rowindex="145"] .cell-name')).toBe(true);
    await expectNoSideScroll(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("goes to the end and back by keyboard, with the focus on a row that is there", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    const inOrder = await names();
    const focused = () => page.evaluate<string | undefined>("document.activeElement?.dataset.id");
    await page.locator(`tr[data-id="${inOrder[0]}"]`).waitFor();
    await page.keyboard.press("j");
    await expect.poll(focused).toBe(inOrder[0]);
    await page.keyboard.press("End");
    await expect.poll(focused, PATIENT).toBe(inOrder.at(-1));
    await page.keyboard.press("PageUp");
    await page.keyboard.press("ArrowUp");
    // A page of rows above the end, which the focus has left.
    const place = async () => inOrder.indexOf((await focused()) ?? "");
    await expect
      .poll(async () => ORGANIZATIONS - 40 < (await place()) && (await place()) < ORGANIZATIONS - 2, PATIENT)
      .toBe(true);
    await page.keyboard.press("Space");
    await page.keyboard.press("Home");
    await expect.poll(focused, PATIENT).toBe(inOrder[0]);
    await page.getByText("1 selected").waitFor();
    // The row with the focus stays, however far it is scrolled away.
    await page.locator(".org-table").evaluate((table) => {
      table.scrollTop = 40_000;
    });
    const lastDrawn = () => page.locator("tbody tr").last().getAttribute("aria-rowindex");
    await expect.poll(async () => Number(await lastDrawn()), PATIENT).toBeGreaterThan(1000);
    expect(await focused()).toBe(inOrder[0]);
    await page.keyboard.press("j");
    await expect.poll(focused, PATIENT).toBe(inOrder[1]);
    expect(problems).toEqual([]);
    await close();
  });

  it("selects everything that matches, also what was never drawn", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=health:unhealthy");
    const [found] = await dashboard.stack.database.query(
      "SELECT count(DISTINCT organization_id)::int AS count FROM orchestrator_instances WHERE health_status = 'unhealthy'",
    );
    const count = Number(found?.count);
    expect(count).toBeGreaterThan(100);
    await page.locator("tbody tr .badge").first().waitFor();
    await page.getByLabel("Select loaded rows").check();
    await page.getByText("100 selected").waitFor();
    await page.getByRole("button", { name: `Select all ${count} matching` }).click();
    await page.getByText(`${count} selected`).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("organizations.csv");
    await page.getByText(`Exported ${count} organizations to organizations.csv`).first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("draws few cards as well, where a phone scrolls through thousands", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations", {
      viewport: { width: 390, height: 844 },
    });
    const inOrder = await names();
    await page.locator(`.org-card[data-id="${inOrder[0]}"]`).waitFor();
    expect(await page.locator(".org-card").count()).toBeLessThanOrEqual(MOST_ROWS);
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.locator(`.org-card[data-id="${inOrder.at(-1)}"]`).waitFor({ timeout: 20_000 });
    expect(await page.locator(".org-card").count()).toBeLessThanOrEqual(MOST_ROWS);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });
});
