import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";

/** Gone when the page is loaded anew. */
const MARK = "document.documentElement.dataset.mark";

describe.each(["1", "3"])("the live connection of the dashboard to %s shards", (shards) => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard({ vars: { FLEET_SHARDS: shards } });
  });

  afterAll(() => dashboard?.stop());

  const chip = (page: Page, word: string) =>
    page.locator(".topbar .chip").getByText(word, { exact: true }).waitFor({ timeout: 30_000 });

  const open = async () => {
    const screen = await dashboard.open("/settings");
    await logIn(screen.page);
    await chip(screen.page, "Live");
    await screen.page.evaluate(`${MARK} = "kept"`);
    return screen;
  };

  it("goes from live over polling back to live when the network is cut, without a reload", async () => {
    const { page, close } = await open();
    await page.context().setOffline(true);
    await chip(page, "Polling");
    await expectAccessible(page);
    await page.context().setOffline(false);
    await chip(page, "Live");
    expect(await page.evaluate(MARK)).toBe("kept");
    await close();
  });

  it("says that it reconnects, and is live again, when the controller was killed and is back", async () => {
    const { page, close } = await open();
    // The words that the chip goes through.
    await page.evaluate(`
      globalThis.words = [];
      const chip = document.querySelector(".topbar .chip");
      new MutationObserver(() => globalThis.words.push(chip.textContent)).observe(chip, { characterData: true, childList: true, subtree: true });
    `);
    await dashboard.stack.controller.crash();
    const words = () => page.evaluate<string[]>("globalThis.words");
    await eventually(
      async () => {
        const [first, ...later] = await words();
        expect(first).toBe("Reconnecting");
        expect(later).toContain("Live");
      },
      { timeoutMs: 30_000 },
    );
    expect(await page.evaluate(MARK)).toBe("kept");
    await close();
  });

  it("asks by REST, as often as was chosen, while the stream is refused", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Fsettings");
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close({ code: 1013 }));
    const askedAt: number[] = [];
    page.on("request", (request) => {
      if (new URL(request.url()).pathname === "/api/v1/internal/orchestrators") askedAt.push(Date.now());
    });
    await logIn(page);
    await chip(page, "Polling");
    await page.getByLabel("Polling interval").selectOption("5");
    // The choice itself asks at once; what follows keeps to it, and would be twice as far apart without it.
    askedAt.length = 0;
    await expect.poll(() => askedAt.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
    const gaps = askedAt.slice(2).map((at, index) => at - (askedAt[index + 1] ?? at));
    expect(Math.min(...gaps)).toBeLessThan(9000);
    await close();
  });

  it("says why there is no live view for it, and asks by REST meanwhile", async () => {
    const { page, close } = await dashboard.open("/login?next=%2Fsettings");
    const reason = "Your account has 100 live views open, which is the limit. Close those that are not in use.";
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close({ code: 4430, reason }));
    await logIn(page);
    await chip(page, "Polling");
    await page.getByRole("status").getByText(reason).waitFor();
    await expectAccessible(page);
    await close();
  });

  it("stands still while paused, also after a reload, and goes on where it was", async () => {
    const { page, problems, close } = await open();
    await page.getByRole("button", { name: "Pause live updates" }).click();
    await chip(page, "Paused");
    await expectAccessible(page);
    await page.reload();
    await chip(page, "Paused");
    // What the page is made of may still be on its way.
    await page.waitForLoadState("networkidle");
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.waitForTimeout(3000);
    expect(requests).toEqual([]);
    await page.getByRole("button", { name: "Resume live updates" }).click();
    await chip(page, "Live");
    expect(problems).toEqual([]);
    await close();
  });

  it("counts in the title and the icon of the tab what needs attention, and announces it", async () => {
    const client = dashboard.connect("org-attention");
    await eventually(() => expect(client.received("handshake_ack")).toHaveLength(1));
    const { page, close } = await open();
    await expect.poll(() => page.title()).toBe("Settings – Moolai Controller");
    client.kill();
    await eventually(async () => expect(await page.title()).toBe("(1) Settings – Moolai Controller"));
    const icon = () => page.evaluate("document.querySelector('link[rel=icon]').type");
    await eventually(async () => expect(await icon()).toBe("image/png"));
    await page.locator("p[role=status]").getByText("org-attention disconnected.").waitFor();
    await expectAccessible(page);
    await close();
  });
});
