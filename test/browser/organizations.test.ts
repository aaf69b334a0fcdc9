import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, expectBadge, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openAsViewer, openSignedIn } from "./records-support.ts";
import { expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("finding organizations", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];
  let beats: ReturnType<typeof setInterval> | undefined;

  beforeAll(async () => {
    dashboard = await startDashboard();
    const connect = async (id: string, fields: Record<string, string>) => {
      clients.push(await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id, fields));
    };
    await connect("acme-1", { name: "Acme One", location: "eu-west", version: "1.2.0" });
    await connect("acme-2", { name: "Acme Two", location: "eu-north", version: "1.2.7" });
    await connect("bank-1", { name: "Blue Bank", location: "us-east", version: "2.0.0" });
    await dashboard.stack.register("never-1");
    const path = "/api/v1/internal/orchestrators/acme-2/independence";
    expect((await dashboard.stack.controller.call("PUT", path, { is_independent: true })).status).toBe(200);
    const beat = () => {
      for (const [index, client] of clients.entries()) {
        client.send({ type: "i_am_alive", health_status: index === 2 ? "degraded" : "healthy" });
      }
    };
    beat();
    // Nobody lapses, however slowly the tests run.
    beats = setInterval(beat, 10_000);
    await eventually(async () => {
      expect((await dashboard.stack.instance("bank-1"))?.health_status).toBe("degraded");
      expect((await dashboard.stack.organization("acme-2"))?.status).toBe("independent");
    });
  });

  afterAll(async () => {
    clearInterval(beats);
    for (const client of clients) client.kill();
    await dashboard?.stop();
  });

  const shown = (page: Page) =>
    page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id")));
  const expectShown = (page: Page, ids: string[]) => expect.poll(() => shown(page), { timeout: 15_000 }).toEqual(ids);
  const queryOf = (page: Page) => new URL(page.url()).searchParams.get("q");

  it("filters by what is typed, by facets with counts and by chips, in an address that can be shared, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    await page.getByRole("button", { name: "Active 2" }).waitFor();
    await page.getByRole("button", { name: "Independent 1" }).click();
    await expectShown(page, ["acme-2"]);
    await expect.poll(() => queryOf(page)).toBe("status:independent");
    await expect.poll(() => page.getByLabel("Filter organizations").inputValue()).toBe("status:independent");
    await page.getByRole("button", { name: "Inactive 1" }).click();
    await expectShown(page, ["acme-2", "never-1"]);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Remove filter: Status" }).click();
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);

    await page.getByRole("search").getByRole("button", { name: "Health", exact: true }).click();
    const degraded = page.getByLabel("Degraded 1");
    await degraded.waitFor();
    await expectAccessible(page);
    await degraded.check();
    await expectShown(page, ["bank-1"]);
    await degraded.uncheck();
    await page.keyboard.press("Escape");
    await page.getByRole("search").getByRole("button", { name: "Location", exact: true }).click();
    await page.getByLabel("eu-west 1").check();
    await expectShown(page, ["acme-1"]);
    await expect.poll(() => queryOf(page)).toBe("location:eu-west");
    await page.keyboard.press("Escape");
    await page.getByRole("search").getByRole("button", { name: "Last seen", exact: true }).click();
    await page.getByLabel("Never").check();
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    await page.keyboard.press("Escape");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show all organizations" }).click();

    const box = page.getByLabel("Filter organizations");
    for (const [text, ids] of [
      ["acme location:eu-*", ["acme-1", "acme-2"]],
      ["version:1.2* status:active", ["acme-1"]],
      ["seen:never", ["never-1"]],
      ["seen:<1h health:healthy,unknown,degraded status:active", ["acme-1", "bank-1"]],
      ["“nothing”", []],
    ] as const) {
      await box.fill(text);
      await expectShown(page, [...ids]);
    }
    await box.fill("acme");
    await expectShown(page, ["acme-1", "acme-2"]);
    await expect.poll(() => queryOf(page)).toBe("acme");
    const address = page.url();
    await page.goto("about:blank");
    await page.goto(address);
    await expectShown(page, ["acme-1", "acme-2"]);
    expect(problems).toEqual([]);
    await close();
  }, 120_000);

  it("suggests what may come next and what was meant, by keyboard alone", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    const { keyboard } = page;
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    await keyboard.press("/");
    await expect.poll(() => focusedName(page)).toBe("Filter organizations");
    await keyboard.type("st");
    await page.getByRole("option", { name: /^status:/ }).waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await page.getByRole("option", { name: "independent 1" }).waitFor();
    await expectAccessible(page);
    for (let presses = 0; presses < 3; presses += 1) await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await expect.poll(() => page.getByLabel("Filter organizations").inputValue()).toBe("status:independent ");
    await expectShown(page, ["acme-2"]);

    await keyboard.type("helth:degraded");
    await page.getByText("Unknown filter “helth”.").waitFor();
    await expectShown(page, ["acme-2"]);
    await expectAccessible(page);
    await tabTo(page, "health:degraded");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    await expect.poll(() => queryOf(page)).toBe("status:independent health:degraded");
    // The button is gone with what it did.
    await expect.poll(() => focusedName(page)).toBe("Filter organizations");
    await keyboard.press("Escape");
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    await expect.poll(() => queryOf(page)).toBeNull();
    expect(problems).toEqual([]);
    await close();
  });

  it("sorts by its heads, and keeps view, columns and open rows, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    const head = page.getByRole("columnheader", { name: "Organization" });
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    await head.getByRole("button").click();
    await expectShown(page, ["never-1", "bank-1", "acme-2", "acme-1"]);
    await expect.poll(() => head.getAttribute("aria-sort")).toBe("descending");
    await page.getByRole("grid").getByRole("button", { name: "Health" }).click();
    await expect.poll(async () => (await shown(page))[0], { timeout: 15_000 }).toBe("bank-1");
    await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("-health");

    await page.getByRole("button", { name: "Orchestrators of Blue Bank" }).click();
    await page.locator('.orchestrator[data-id="bank-1"]').getByText("Degraded").waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("open")).toBe("bank-1");
    await expectAccessible(page);
    await page.getByRole("button", { name: "View" }).click();
    await page.getByRole("checkbox", { name: "Location" }).uncheck();
    await expectAccessible(page);
    await page.getByRole("columnheader", { name: "Location" }).waitFor({ state: "detached" });
    await page.getByText("Cards", { exact: true }).click();
    await page.locator(".org-card").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator('.orchestrator[data-id="bank-1"]').waitFor();
    await expectAccessible(page);

    await page.goto("/organizations");
    await page.locator(".org-card").first().waitFor();
    expect(await page.locator(".org-card").getByText("us-east").count()).toBe(0);
    await page.keyboard.press("v");
    await page.getByRole("grid").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("moves, opens, selects and expands by keyboard alone, in the table and among cards", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    const { keyboard } = page;
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    const focused = () => page.evaluate("document.activeElement?.dataset.id");
    const selected = () =>
      page.locator('[aria-selected="true"]').evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id")));
    await keyboard.press("j");
    await expect.poll(() => focused()).toBe("acme-1");
    await keyboard.press("j");
    await keyboard.press("ArrowDown");
    await expect.poll(() => focused()).toBe("bank-1");
    await keyboard.press("k");
    await expect.poll(() => focused()).toBe("acme-2");
    await keyboard.press("Home");
    await keyboard.press("Space");
    await keyboard.press("End");
    await expect.poll(() => focused()).toBe("never-1");
    await keyboard.press("x");
    await expect.poll(() => selected()).toEqual(["acme-1", "acme-2", "bank-1", "never-1"]);
    await keyboard.press("Escape");
    await expect.poll(() => selected()).toEqual([]);
    await keyboard.press("o");
    await page.locator('.orchestrator[data-id="never-1"]').waitFor();
    await expect.poll(() => focused()).toBe("never-1");
    // Tab goes through the row with the focus, not through those before it.
    await tabTo(page, "Orchestrators of never-1");
    await keyboard.press("Enter");
    await page.locator('.orchestrator[data-id="never-1"]').waitFor({ state: "detached" });

    await keyboard.press("v");
    await page.locator(".org-card").first().waitFor();
    await keyboard.press("j");
    await keyboard.press("Home");
    await keyboard.press("ArrowRight");
    await expect.poll(() => focused()).toBe("acme-2");
    await keyboard.press("Enter");
    await page.waitForURL("**/organizations/acme-2");
    await page.getByRole("heading", { level: 1, name: "Acme Two" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Acme Two");
    await page.goBack();
    await page.locator(".org-card").first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("lets a viewer look, and offers nothing that a viewer may not do", async () => {
    const { page, problems, close } = await openAsViewer(dashboard, "/organizations?open=acme-1");
    await page.getByRole("switch", { name: "Independence mode of acme-1" }).waitFor();
    expect(await page.getByRole("button", { name: "Add" }).count()).toBe(0);
    await page.getByLabel("Select Acme One").check();
    await page.getByRole("button", { name: "Export CSV" }).waitFor();
    expect(await page.getByRole("button", { name: /Set independent|Manage again|Resend|Delete/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Independent 1" }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps the rows while the database is away, and says from when", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await expectShown(page, ["acme-1", "acme-2", "bank-1", "never-1"]);
    await dashboard.stack.database.pause();
    // For the tests after a failure; otherwise it is resumed below.
    onTestFinished(() => dashboard.stack.database.resume().catch(() => undefined));
    await page.getByRole("grid").getByRole("button", { name: "Health" }).click();
    await page.getByText(/Showing data from/).waitFor({ timeout: 30_000 });
    expect(await shown(page)).toHaveLength(4);
    await expectAccessible(page);
    await dashboard.stack.database.resume();
    await page.getByRole("button", { name: "Retry now" }).click();
    await expect.poll(async () => (await shown(page))[0], { timeout: 20_000 }).toBe("bank-1");
    await page.getByText(/Showing data from/).waitFor({ state: "detached" });
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("says what went wrong when nothing could be loaded, and when it is not for this role", async () => {
    const { page, close } = await openSignedIn(dashboard, "/settings");
    const list = "**/controller/organizations?*";
    await page.route(list, (route) => route.abort());
    await page.getByRole("link", { name: "Organizations" }).click();
    await page.getByRole("heading", { name: "The controller is not responding" }).waitFor();
    await expectAccessible(page);
    await page.unroute(list);
    await page.getByRole("button", { name: "Try again" }).click();
    await expectBadge(page, "acme-1", "active");
    await page.route(list, (route) =>
      route.fulfill({
        status: 403,
        json: { success: false, message: "Not yours", error: { code: "forbidden", request_id: "x", details: [] } },
      }),
    );
    await page.reload();
    await page.getByRole("heading", { name: "No access" }).waitFor();
    await expectAccessible(page);
    await close();
  });

  it("is cards on a phone, fits 360 px, and can be used in forced colours and without motion", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?open=acme-1&view=table", {
      viewport: { width: 360, height: 740 },
      reducedMotion: "reduce",
      forcedColors: "active",
    });
    await page.locator('.org-card[data-id="acme-1"]').waitFor();
    await page.getByRole("switch", { name: "Independence mode of acme-1" }).waitFor();
    await expectNoSideScroll(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("exports what is selected as CSV", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await page.getByLabel("Select Acme One").check();
    await page.getByLabel("Select Blue Bank").check();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^\ufefforganization_id,name,location,status,/);
    expect(lines.at(-1)).toContain("# complete: 2 of 2 organizations");
    expect(lines.slice(1, -1).map((line) => line.split(",").slice(0, 4).join())).toEqual([
      "acme-1,Acme One,eu-west,active",
      "bank-1,Blue Bank,us-east,active",
    ]);
    expect(problems).toEqual([]);
    await close();
  });
});
