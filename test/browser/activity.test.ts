import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { beat, openSession } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openSignedIn, setIndependence, tell } from "./records-support.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard?.stop());

describe("the activity page", () => {
  it("shows what happens as it happens, filtered, held under the pointer and paused, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/activity");
    await page.getByRole("heading", { name: "No activity yet" }).waitFor();
    await expectAccessible(page);
    const row = (id: string, type: string) => page.locator(`.act-row[data-type="${type}"]`, { hasText: id });
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "act-one");
    await row("act-one", "registered").waitFor();
    await row("act-one", "connected").waitFor();
    await tell(client, "recommendation", "A word that must not be here");
    await row("act-one", "message").waitFor();
    expect(await page.locator("main").textContent()).not.toContain("A word that must not be here");
    client.send({ ...beat(), health_status: "degraded" });
    await row("act-one", "health").waitFor();
    expect(await page.locator('[data-type="heartbeat"]').count()).toBe(0);
    await expectAccessible(page);

    // Nothing moves under the pointer.
    await row("act-one", "connected").hover();
    const first = await page.locator(".act-row").first().getAttribute("data-id");
    await setIndependence(dashboard, "act-one", true);
    await page.getByRole("button", { name: "1 new event" }).waitFor();
    expect(await page.locator(".act-row").first().getAttribute("data-id")).toBe(first);
    await page.getByRole("button", { name: "1 new event" }).click();
    await row("act-one", "independence").waitFor();

    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await setIndependence(dashboard, "act-one", false);
    await page.getByRole("button", { name: /^\d new events?$/ }).waitFor();
    expect(await row("act-one", "independence").count()).toBe(1);
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await eventually(async () => expect(await row("act-one", "independence").count()).toBe(2));

    await page.getByRole("button", { name: "Health", exact: true }).click();
    await eventually(async () => expect(await page.locator('.act-row:not([data-type="health"])').count()).toBe(0));
    await expect.poll(() => new URL(page.url()).search).toBe("?types=health");
    await page.getByLabel("Organization or orchestrator").fill("nowhere");
    await page.getByRole("heading", { name: "No matching events" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Organization or orchestrator").fill("act-o");
    await page.getByRole("button", { name: "All types" }).click();
    await page.getByRole("switch", { name: "Heartbeats" }).click();
    await page.mouse.move(0, 0);
    await eventually(
      async () => {
        client.send(beat());
        expect(await row("act-one", "heartbeat").count()).toBeGreaterThan(0);
      },
      { everyMs: 500 },
    );
    await row("act-one", "registered").getByRole("link", { name: "act-one" }).click();
    await page.waitForURL("**/organizations/act-one");
    client.kill();
    expect(problems).toEqual([]);
    await close();
  });

  it("pauses, moves and jumps by keyboard alone", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/activity");
    // Of before this page was loaded.
    await page.locator('.act-row[data-type="registered"]', { hasText: "act-one" }).waitFor();
    // The end of the test before; later it would be counted as new.
    await page.locator('.act-row:is([data-type="disconnected"], [data-type="lost"])', { hasText: "act-one" }).waitFor();
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "act-keys");
    await page.locator('.act-row[data-type="connected"]', { hasText: "act-keys" }).waitFor();
    const { keyboard } = page;
    await keyboard.press("p");
    await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
    await tell(client, "recommendation", "Enable the cache");
    await page.getByRole("button", { name: "1 new event" }).waitFor();
    await keyboard.press(".");
    await page.locator('.act-row[data-type="message"]', { hasText: "act-keys" }).waitFor();
    await keyboard.press("/");
    await expect.poll(() => focusedName(page)).toBe("Organization or orchestrator");
    await keyboard.type("act-keys");
    await eventually(() => expect(new URL(page.url()).search).toBe("?q=act-keys"));
    await expect.poll(() => page.locator(".act-row").filter({ hasNotText: "act-keys" }).count()).toBe(0);
    await tabTo(page, "act-keys");
    await keyboard.press("j");
    await eventually(async () =>
      expect(await page.locator(".act-row:focus-within").getAttribute("data-type")).toBe("connected"),
    );
    await keyboard.press("Enter");
    await page.waitForURL("**/organizations/act-keys");
    client.kill();
    expect(problems).toEqual([]);
    await close();
  });
});
