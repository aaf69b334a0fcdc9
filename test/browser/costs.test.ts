import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard, UNAVAILABLE } from "./dashboard.ts";
import { tabUntil } from "./focus.ts";
import { expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above, and every request that fails. */
const ANSWER = /^Failed to load resource: /;
const NOW = new Date();
const THIS_MONTH = NOW.toISOString().slice(0, 7);
const LAST_MONTH = new Date(Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() - 1, 15));
const MODELS = ["large", "small"];
/** Dollars of this month, by organization: eight, so that the chart has to put some together. */
const SPENT: Readonly<Record<string, number>> = {
  "cost-a": 40,
  "cost-b": 20.5,
  "cost-c": 10.25,
  "cost-d": 5.125,
  "cost-e": 2.5,
  "cost-f": 1.00000001,
  "cost-g": 0.5,
  "cost-h": 0.00000003,
};
const TOTAL = "79.87500004";

describe("the costs page", () => {
  let dashboard: Dashboard;
  const orchestrators: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(async () => {
    for (const orchestrator of orchestrators) orchestrator.kill();
    await dashboard?.stop();
  });

  const sentNothing = async () => {
    const [row] = await dashboard.stack.database.query("SELECT count(*)::int AS count FROM usage_hourly");
    return row?.count === 0;
  };

  /** As orchestrators report it, half of it for each model; the month before straight into the table. */
  const spend = async () => {
    const { controller, database, register } = dashboard.stack;
    const at = new Date(Math.max(Date.parse(`${THIS_MONTH}-01`), Date.now() - 7_200_000)).toISOString();
    for (const [id, dollars] of Object.entries(SPENT)) {
      await register(id);
      const client = await openSession(`${controller.wsUrl}/ws`, id);
      orchestrators.push(client);
      const units = Math.round(dollars * 1e8);
      const shares = [Math.ceil(units / 2), Math.floor(units / 2)];
      const items = MODELS.map((model, place) => ({
        model,
        provider: "acme",
        requests: 10,
        input_tokens: 100,
        output_tokens: 10,
        cost_usd: (shares[place] ?? 0) / 1e8,
      }));
      client.send({ type: "usage_report", data: { report_id: `${id}-1`, window_start: at, window_end: at, items } });
      await client.next("usage_ack");
    }
    await database.query(
      `INSERT INTO usage_hourly (organization_id, orchestrator_id, hour, model, provider, requests, input_tokens, output_tokens, cost_usd)
       VALUES ('cost-a', 'cost-a', date_trunc('hour', $1::timestamptz), 'large', 'acme', 7, 70, 7, 50)`,
      [LAST_MONTH.toISOString()],
    );
    await eventually(async () => {
      const [row] = await database.query("SELECT count(*)::int AS count FROM usage_reports");
      expect(row?.count).toBe(Object.keys(SPENT).length);
    });
  };

  it("says what a usage report is while there is none, then shows bars and the same numbers, by mouse", async () => {
    expect(await sentNothing()).toBe(true);
    const { page, problems, close } = await dashboard.open("/login?next=%2Fcosts");
    await logIn(page);
    await page.getByText("usage_report frame").waitFor();
    await expectAccessible(page);
    await spend();
    await page.reload();

    await page.locator(".cost-chart canvas").waitFor();
    await expect.poll(() => exact(page, "tfoot td:nth-child(2)")).toEqual([TOTAL]);
    expect(sum(await exact(page, "tbody td:nth-child(2)"))).toBe(TOTAL);
    expect(await texts(page, "tbody th")).toEqual(Object.keys(SPENT));
    expect(await texts(page, ".legend-item .clip")).toEqual([...Object.keys(SPENT).slice(0, 5), "3 others"]);
    await page.getByText("Forecast for").waitFor();
    await page.getByText(/so far × length of the month ÷ time elapsed/).waitFor();
    await expectAccessible(page);

    await page.getByRole("button", { name: "cost-a" }).click();
    await page.getByRole("button", { name: "3 others" }).click();
    await expect.poll(() => texts(page, "tbody th")).toEqual(["cost-b", "cost-c", "cost-d", "cost-e"]);
    await expect.poll(() => exact(page, "tfoot td:nth-child(2)")).toEqual(["38.37500000"]);
    await expect.poll(() => new URL(page.url()).searchParams.getAll("hide")).toEqual(["cost-a", "*"]);
    await page.getByText("By day").click();
    await expect.poll(async () => sum(await exact(page, "tbody td:last-child"))).toBe("38.37500000");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(() => exact(page, "tfoot td:last-child")).toEqual([TOTAL]);

    await page.getByText("By organization").click();
    await page.getByRole("button", { name: "Organization" }).click();
    await page.getByRole("button", { name: "Organization" }).click();
    await expect.poll(() => page.locator("thead th").first().getAttribute("aria-sort")).toBe("descending");
    await expect.poll(() => texts(page, "tbody th")).toEqual(Object.keys(SPENT).toReversed());

    await page.getByRole("link", { name: "cost-b" }).click();
    await page.locator("tbody th", { hasText: "large" }).waitFor();
    await expect.poll(() => exact(page, "tbody td:nth-child(2)")).toEqual(["10.25000000", "10.25000000"]);
    await page.getByRole("button", { name: "Remove cost-b" }).click();
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("compares with the month before, steps and divides, and comes back to the same view", async () => {
    const { page, problems, close } = await dashboard.open(`/login?next=${encodeURIComponent("/costs?by=provider")}`);
    await logIn(page);
    await page.locator("tbody th", { hasText: "acme" }).waitFor();
    await page.getByRole("button", { name: "Previous month" }).click();
    await page.locator("tfoot td", { hasText: "$50.00" }).waitFor();
    await page.getByText("No usage in").waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("month")).toBe(LAST_MONTH.toISOString().slice(0, 7));
    await expect.poll(() => page.getByText("Forecast for").count()).toBe(0);

    await page.getByText("Hour", { exact: true }).click();
    await page.getByRole("heading", { name: "Cost per hour" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Cost per hour" }).waitFor();
    await page.locator("tfoot td", { hasText: "$50.00" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Cost per day" }).waitFor();

    await page.getByRole("button", { name: "Custom range" }).click();
    await page.getByLabel("Start date").fill("2026-02-03");
    await page.getByLabel("End date").fill("2026-02-01");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByText("The start date must not be after the end date.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Start date").fill("2024-02-01");
    await page.getByLabel("End date").fill(NOW.toISOString().slice(0, 10));
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.locator("tfoot td", { hasText: "$129.88" }).waitFor();
    await expect.poll(() => page.getByText("Hour", { exact: true }).count()).toBe(0);
    await page.getByRole("button", { name: "This month" }).click();
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("saves what is on the screen with every digit", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Fcosts");
    await logIn(page);
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`costs-${THIS_MONTH}-by-organization.csv`);
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
    expect(lines[0]).toBe("\ufeffOrganization,Cost (USD),Requests,Input tokens,Output tokens");
    expect(lines.at(-3)).toBe("cost-h,0.00000003,20,200,20");
    expect(lines.at(-1)).toMatch(/^# complete: \d+ of \d+ rows,,,,$/);
    expect(lines.at(-2)).toBe(`Total,${TOTAL},160,1600,160`);
    await close();
  });

  it("does all of it by keyboard alone", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fcosts");
    const { keyboard } = page;
    await logIn(page);
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    await keyboard.press("ArrowLeft");
    await page.locator("tfoot td", { hasText: "$50.00" }).waitFor();
    await keyboard.press("ArrowRight");
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    // There is no month after this one; the next address would tell.
    await keyboard.press("ArrowRight");

    await tabTo(page, "Group by");
    await keyboard.press("ArrowLeft");
    await expect.poll(() => new URL(page.url()).search).toBe("?by=provider");
    await keyboard.press("ArrowLeft");
    await page.waitForURL("**/costs?by=model");
    await page.locator("tbody th", { hasText: "large" }).waitFor();

    await tabTo(page, "Cost per day");
    const chart = page.getByRole("slider");
    await keyboard.press("Home");
    await expect.poll(() => chart.getAttribute("aria-valuetext")).toMatch(/ 1: \$/);
    await keyboard.press("ArrowRight");
    await expect.poll(() => chart.getAttribute("aria-valuetext")).toMatch(/ 2: \$/);
    expect(new URL(page.url()).search).toBe("?by=model");
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await page.locator("tbody th", { hasText: "large" }).waitFor({ state: "detached" });
    await expect.poll(() => new URL(page.url()).search).toBe("?by=model&hide=large");
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps the numbers when the chart cannot be loaded, and what it has when the controller goes away", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fcosts");
    await page.route("**/assets/stacked-bars-*.js", (route) => route.abort());
    await logIn(page);
    await page.getByText("Could not draw the chart. See the table below for the numbers.").waitFor();
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    await expectAccessible(page);

    await page.getByText("Model", { exact: true }).click();
    await page.locator("tbody th", { hasText: "large" }).waitFor();
    await page.route("**/controller/costs?*", (route) => route.fulfill(UNAVAILABLE));
    await page.getByText("Organization", { exact: true }).first().click();
    await page.getByText(/Showing data from/).waitFor();
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/costs?*");
    await page.getByRole("button", { name: "Retry now" }).click();
    await page.getByText(/Showing data from/).waitFor({ state: "detached" });
    expect(problems.filter((text) => !ANSWER.test(text) && !text.includes("stacked-bars"))).toEqual([]);
    await close();
  });

  it("draws its chart in a browser whose language is no language tag", async () => {
    const { page, problems, close } = await dashboard.open("/login");
    await page.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, "language", { configurable: true, get: () => "en-US@posix" }),
    );
    await page.goto("/login?next=%2Fcosts");
    await logIn(page);
    await page.locator(".cost-chart canvas").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("says so when nothing can be loaded at all, and tries again", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Fcosts");
    await page.route("**/controller/costs?*", (route) => route.fulfill(UNAVAILABLE));
    await logIn(page);
    await page.getByRole("heading", { name: "Could not load this page" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/costs?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("tfoot td", { hasText: "$79.88" }).waitFor();
    await close();
  });

  it("fits 360 px, also in forced colours and without motion", async () => {
    const { page, problems, close } = await dashboard.open("/login?next=%2Fcosts", {
      viewport: { width: 360, height: 740 },
      reducedMotion: "reduce",
      forcedColors: "active",
    });
    await logIn(page);
    await page.locator(".cost-chart canvas").waitFor();
    await expectNoSideScroll(page);
    expect(problems).toEqual([]);
    await close();
  });
});

async function texts(page: Page, selector: string): Promise<string[]> {
  return (await page.locator(selector).allTextContents()).map((text) => text.trim());
}

/** The amounts without their rounding. */
async function exact(page: Page, selector: string): Promise<string[]> {
  const titles = await page.locator(selector).evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title")));
  return titles.map((title) => String(title).replace("$", ""));
}

function sum(amounts: string[]): string {
  const total = amounts.reduce((all, amount) => all + BigInt(amount.replace(".", "")), 0n);
  return String(total)
    .padStart(9, "0")
    .replace(/(\d{8})$/, ".$1");
}

/** Presses Tab until the focus is on, or in, what has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  const labels = () =>
    page.evaluate<(string | null | undefined)[]>(`[
      document.activeElement?.getAttribute("aria-label"),
      document.activeElement?.closest("fieldset")?.querySelector("legend")?.textContent,
    ]`);
  await tabUntil(page, async () => (await labels()).includes(name), `"${name}"`);
}
