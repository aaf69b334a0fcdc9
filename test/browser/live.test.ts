import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, expectBadge, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openSignedIn } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

/** Gone when the page is loaded anew. */
const MARK = "document.documentElement.dataset.mark";

describe("the organizations page while the fleet changes", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  it("follows an orchestrator from its connection to its end without a reload, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await page.evaluate(`${MARK} = "kept"`);
    await page.getByRole("heading", { name: "No organizations yet" }).waitFor();
    await page.getByText("npm run connect -- org-002").waitFor();
    await expectAccessible(page);

    const client = dashboard.connect("org-mouse");
    await expectBadge(page, "org-mouse", "active");
    const row = page.locator('tr[data-id="org-mouse"]');
    await row.getByTitle("1 of 1 connected").waitFor();

    await row.locator(".disclosure").click();
    const toggle = row.getByRole("switch", { name: "Independence mode of org-mouse" });
    await toggle.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expectNoDialog(page);
    expect(await toggle.getAttribute("aria-checked")).toBe("false");
    await toggle.click();
    await page.getByRole("dialog").getByRole("button", { name: "Set independent" }).click();
    await expectBadge(page, "org-mouse", "independent");
    await row.getByText("This orchestrator operates independently.").waitFor();
    await row.locator("td[data-column=seen]").getByText("Last recorded, frozen while independent").waitFor();
    await expect.poll(async () => (await dashboard.stack.instance("org-mouse"))?.is_independent).toBe(true);

    await expectAnswered(page);
    await toggle.click();
    await page.getByRole("dialog").getByRole("button", { name: "Manage again" }).click();
    await expectBadge(page, "org-mouse", "active");

    client.kill();
    await expectBadge(page, "org-mouse", "inactive");
    await row.getByText("Disconnected").waitFor();
    await page.getByRole("search").getByRole("button", { name: "Inactive 1" }).waitFor();
    expect(await page.evaluate(MARK)).toBe("kept");
    expect(problems).toEqual([]);
    await close();
  });

  it("does the same by keyboard alone, and keeps focus and open rows while it changes", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=org-keys");
    const { keyboard } = page;
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    const client = dashboard.connect("org-keys");
    await expectBadge(page, "org-keys", "active");

    await keyboard.press("j");
    await expect.poll(() => page.evaluate("document.activeElement?.dataset.id")).toBe("org-keys");
    await keyboard.press("o");
    await page.getByRole("switch", { name: "Independence mode of org-keys" }).waitFor();
    await tabTo(page, "Independence mode of org-keys");
    // Longer than every look that the page takes by itself.
    await page.waitForTimeout(6000);
    expect(await focusedName(page)).toBe("Independence mode of org-keys");
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Escape");
    await expectNoDialog(page);
    await expect.poll(() => focusedName(page)).toBe("Independence mode of org-keys");
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "Set independent");
    await keyboard.press("Enter");
    await expectBadge(page, "org-keys", "independent");
    await expect.poll(() => focusedName(page)).toBe("Independence mode of org-keys");

    client.kill();
    await page.locator('.orchestrator[data-id="org-keys"]').getByText("Disconnected").waitFor();
    await expectBadge(page, "org-keys", "independent");
    await expectAnswered(page);
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "Manage again");
    await keyboard.press("Enter");
    await expectBadge(page, "org-keys", "inactive");
    expect(problems).toEqual([]);
    await close();
  });

  it("moves no row under the pointer: what would move waits until it is wanted", async () => {
    const clients = ["move-a", "move-b", "move-c"].map((id) => dashboard.connect(id));
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=move-+status:active");
    await page.locator('tr[data-id="move-c"]').waitFor();
    const order = () => page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id")));
    await expect.poll(() => order()).toEqual(["move-a", "move-b", "move-c"]);

    await page.locator('tr[data-id="move-b"]').hover();
    clients[0]?.kill();
    await expectBadge(page, "move-a", "inactive");
    const pill = page.getByRole("button", { name: "Refresh: 1 row changed" });
    await pill.waitFor();
    expect(await order()).toEqual(["move-a", "move-b", "move-c"]);
    await expectAccessible(page);
    await pill.click();
    await page.locator('tr[data-id="move-a"]').waitFor({ state: "detached" });
    await expect.poll(() => order()).toEqual(["move-b", "move-c"]);
    await pill.waitFor({ state: "detached" });

    // One that is new waits as well while somebody points at the list, and comes by itself when nobody does.
    await page.locator('tr[data-id="move-b"]').hover();
    dashboard.connect("move-0");
    await pill.waitFor();
    expect(await order()).toEqual(["move-b", "move-c"]);
    await page.mouse.move(5, 400);
    dashboard.connect("move-d");
    await page.locator('tr[data-id="move-d"]').waitFor();
    await expect.poll(() => order()).toEqual(["move-0", "move-b", "move-c", "move-d"]);
    expect(problems).toEqual([]);
    await close();
  });

  it("follows by asking while there is no stream, and says so", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/settings");
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close({ code: 1013 }));
    await page.goto("/organizations?q=polled");
    await page.locator(".topbar .chip").getByText("Polling").waitFor({ timeout: 30_000 });
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    const client = dashboard.connect("polled-1");
    await page.locator('tr[data-id="polled-1"] .badge[data-status="active"]').waitFor({ timeout: 30_000 });
    client.kill();
    await page.locator('tr[data-id="polled-1"] .badge[data-status="inactive"]').waitFor({ timeout: 30_000 });
    expect(problems).toEqual([]);
    await close();
  }, 120_000);

  it("shows a change at once, and takes it back with a word when the controller refuses", async () => {
    dashboard.connect("org-refused");
    const { page, close } = await openSignedIn(dashboard, "/organizations?open=org-refused");
    const toggle = page.getByRole("switch", { name: "Independence mode of org-refused" });
    await toggle.waitFor();
    let refuse = () => {};
    const held = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    await page.route("**/independence", async (route) => {
      await held;
      await route.fulfill({
        status: 500,
        json: {
          success: false,
          message: "Internal error",
          error: { code: "internal_error", request_id: "x", details: [] },
        },
      });
    });
    await toggle.click();
    await page.getByRole("dialog").getByRole("button", { name: "Set independent" }).click();
    await page.locator('.orchestrator[data-id="org-refused"] [aria-checked="true"]').waitFor();
    refuse();
    await page.getByText("Internal error. org-refused was not changed.").waitFor();
    await expect.poll(() => toggle.getAttribute("aria-checked")).toBe("false");
    await close();
  });
});

/** The stream may tell of a change before its answer comes; until then it cannot be changed again. */
async function expectAnswered(page: Page): Promise<void> {
  await page.locator('[role="switch"][aria-busy="false"]').waitFor();
}
