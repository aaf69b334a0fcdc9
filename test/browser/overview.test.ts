import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard, UNAVAILABLE } from "./dashboard.ts";
import { tabUntil } from "./focus.ts";
import { setIndependence } from "./records-support.ts";
import { expectNoDialog, expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above, and every connection that fails. */
const ANSWER = /^(Failed to load resource|WebSocket connection)/;

describe("the overview", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  it("greets an empty fleet with the connect command, and fills by itself", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await logIn(page);
    await page.getByRole("heading", { name: "No organizations yet" }).waitFor();
    await page.getByText("npm run connect -- org-002").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Add organization" }).click();
    await page.getByRole("dialog", { name: "Add organization" }).waitFor();
    await page.keyboard.press("Escape");
    await expectNoDialog(page);
    await expect.poll(() => new URL(page.url()).search).toBe("");
    await page.goBack();
    await page.getByRole("heading", { name: "No organizations yet" }).waitFor();

    dashboard.connect("org-one");
    await expectTile(page, "Active", "1");
    await expectTile(page, "Organizations", "1");
    await page.getByText("1 orchestrator, 1 connected").waitFor();
    await page.getByText("All orchestrators are healthy and connected, and no messages are pending.").waitFor();
    await page.getByRole("img", { name: /^Connected orchestrators since .*now 1/ }).waitFor();
    await expectChange(page, "Connected", "org-one");
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("counts as it happens, and every number leads to what it counts, by mouse", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await logIn(page);
    const lost = dashboard.connect("org-lost");
    dashboard.connect("org-free");
    await expectTile(page, "Active", "3");
    await setIndependence(dashboard, "org-free", true);
    await expectTile(page, "Independent", "1");
    await page.getByRole("img", { name: /now 3/ }).waitFor();
    // Shorter than a second it would be no step of the line.
    await page.waitForTimeout(1500);
    lost.kill();
    await expectTile(page, "Inactive", "1");
    await expectTile(page, "Organizations", "3");
    await expectTile(page, "Needs attention", "1");
    await expectChange(page, "Independence", "org-free");
    await page.getByRole("img", { name: /now 2, between \d and 3$/ }).waitFor();
    await expectAccessible(page);

    for (const [title, status] of [
      ["Active", "active"],
      ["Inactive", "inactive"],
      ["Independent", "independent"],
    ] as const) {
      await tile(page, title).click();
      await page.waitForURL(`**/organizations?q=status%3A${status}`);
      await page.goBack();
      await page.locator(".status-parts").waitFor();
    }
    await page.locator('.status-part[data-status="independent"]').click();
    await page.waitForURL("**/organizations?q=status%3Aindependent");
    await page.goBack();

    await tile(page, "Needs attention").click();
    await expect.poll(() => new URL(page.url()).hash).toBe("#attention");
    const lostAlone = page.getByRole("button", { name: "Disconnected 1" });
    await lostAlone.click();
    await page.waitForURL(/\/\?attention=lost/);
    await expect.poll(() => kinds(page)).toEqual(["Disconnected"]);
    await expect.poll(() => lostAlone.getAttribute("aria-pressed")).toBe("true");
    await expectTile(page, "Needs attention", "1");
    await expectAccessible(page);
    await page.locator(".attention-row", { hasText: "org-lost" }).click();
    await page.waitForURL("**/organizations/org-lost");
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps the line of the connected while another page is shown", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await logIn(page);
    await page.getByRole("img", { name: /^Connected orchestrators since .*now 2/ }).waitFor();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Costs" }).click();
    await page.getByRole("heading", { name: "Costs" }).waitFor();
    const guest = dashboard.connect("org-guest");
    // Shorter than a second it would be no step of the line; so long after it the page says it.
    await page.locator("p[role=status]").getByText("org-guest connected").waitFor();
    guest.kill();
    await eventually(async () => expect((await dashboard.stack.instance("org-guest"))?.status).toBe("inactive"));
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("img", { name: /now 2, between 2 and 3$/ }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("lists what is lost, failed, unhealthy or waits, leads to the place to act, and holds still under the focus, by keyboard", async () => {
    const { controller } = dashboard.stack;
    const ill = await openSession(`${controller.wsUrl}/ws`, "org-ill");
    ill.send({ type: "i_am_alive", health_status: "unhealthy" });
    ill.send({
      type: "recommendation",
      data: { id: "r1", content: "Enable caching", metadata: { severity: "critical" } },
    });
    await ill.next("message_ack");
    const { body } = await controller.call("PUT", "/api/v1/controller/organizations/org-ill/config", {
      features: { caching: true },
    });
    const revision = Number(body.data?.revision);
    await eventually(() => {
      const isTold = ill.frames.some(({ frame }) => typeof frame !== "string" && frame.revision === revision);
      expect(isTold).toBe(true);
    });
    ill.send({ type: "config_status", revision, status: "failed", error: "no room" });
    // Postgres hears of it with the next flush, and the page opens with what stands there.
    await eventually(async () => {
      const attention = await controller.call("GET", "/api/v1/controller/attention");
      expect(attention.body.data?.total).toBe(5);
    });

    const { page, problems, close } = await dashboard.open("/");
    const { keyboard } = page;
    await logIn(page);
    await page.locator(".attention-row").nth(4).waitFor();
    await expect
      .poll(() => kinds(page))
      .toEqual(["Disconnected", "Disconnected", "Configuration failed", "Unhealthy", "1 message"]);
    await page.getByText("no room").waitFor();
    await expectAccessible(page);

    await focusRow(page, "Review");
    ill.send({ type: "i_am_alive", health_status: "degraded" });
    await page.getByRole("button", { name: "Show changes" }).waitFor();
    expect(await kinds(page)).toContain("Unhealthy");
    await keyboard.press("Enter");
    await page.waitForURL(/\/messages\?organization=org-ill&message=msg_/);
    await page.goBack();
    await focusRow(page, "Fix configuration");
    await expect.poll(() => kinds(page)).toContain("Degraded");
    await keyboard.press("Enter");
    await page.waitForURL("**/organizations/org-ill/config");
    ill.kill();
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps what it has while the database is away, and counts on from the stream", async () => {
    const brief = dashboard.connect("org-brief");
    const { page, problems, close } = await dashboard.open("/");
    await logIn(page);
    // The stream is quicker than what is asked of the database.
    await page.locator(".attention-row").first().waitFor();
    await page.locator(".month-sums").waitFor();
    await eventually(async () => expect((await dashboard.stack.instance("org-brief"))?.status).toBe("active"));
    // The one of the test before is on its way out.
    await eventually(async () => expect((await dashboard.stack.instance("org-ill"))?.status).toBe("inactive"));
    const before = (await dashboard.stack.instances()).filter(({ status }) => status === "active").length;
    await expectTile(page, "Active", String(before));
    await dashboard.stack.database.pause();
    // For the tests after a failure; otherwise it is resumed below.
    onTestFinished(() => dashboard.stack.database.resume().catch(() => undefined));
    brief.kill();
    await expectTile(page, "Active", String(before - 1));
    await page.getByText(/Showing data from/).waitFor();
    await page.locator(".attention-row").first().waitFor();
    await expectAccessible(page);
    await dashboard.stack.database.resume();
    await page.getByText(/Showing data from/).waitFor({ state: "detached" });
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("says so when nothing can be loaded at all, and tries again", async () => {
    const { page, close } = await dashboard.open("/login");
    await page.route("**/controller/overview*", (route) => route.fulfill(UNAVAILABLE));
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close());
    await logIn(page);
    await page.getByRole("heading", { name: "Could not load this page" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/overview*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".tiles").waitFor();
    await close();
  });

  it("fits 360 px, also in forced colours and without motion", async () => {
    const { page, problems, close } = await dashboard.open("/", {
      viewport: { width: 360, height: 740 },
      reducedMotion: "reduce",
      forcedColors: "active",
    });
    await logIn(page);
    await page.locator(".connected-line canvas").waitFor();
    await expectNoSideScroll(page);
    expect(problems).toEqual([]);
    await close();
  });
});

function tile(page: Page, title: string) {
  return page.getByRole("list", { name: "Fleet summary" }).getByRole("link", { name: new RegExp(`^${title}`) });
}

async function expectTile(page: Page, title: string, count: string): Promise<void> {
  const shown = tile(page, title).locator(".tile-count");
  await eventually(async () => expect(await shown.textContent({ timeout: 5000 })).toBe(count));
}

async function expectChange(page: Page, type: string, id: string): Promise<void> {
  await page.locator(".change", { hasText: type }).filter({ hasText: id }).first().waitFor();
}

async function kinds(page: Page): Promise<string[]> {
  const texts = await page.locator(".attention-what > span").allTextContents();
  return texts.map((text) => text.replace(/(low|medium|high|critical)$/, ""));
}

/** Presses Tab until the focus is on the row with this action. */
async function focusRow(page: Page, action: string): Promise<void> {
  const focused = () =>
    page.evaluate<string | undefined>("document.activeElement?.closest('.attention-link')?.textContent");
  await tabUntil(page, async () => (await focused())?.includes(action) ?? false, `"${action}"`);
}
