import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, openSession } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, openAsViewer, openSignedIn, tabTo, tell } from "./records-support.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard?.stop());

const call = (method: string, path: string, body?: unknown) => dashboard.stack.controller.call(method, path, body);
const setIndependent = (id: string, isIndependent: boolean) =>
  call("PUT", `/api/v1/internal/orchestrators/${id}/independence`, { is_independent: isIndependent });

describe("the activity page", () => {
  it("shows what happens as it happens, filtered, held under the pointer and paused, by mouse", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/activity");
    await page.getByRole("heading", { name: "Nothing has happened yet" }).waitFor();
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
    await setIndependent("act-one", true);
    await page.getByRole("button", { name: "1 new event" }).waitFor();
    expect(await page.locator(".act-row").first().getAttribute("data-id")).toBe(first);
    await page.getByRole("button", { name: "1 new event" }).click();
    await row("act-one", "independence").waitFor();

    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await setIndependent("act-one", false);
    await page.getByRole("button", { name: /^\d new events?$/ }).waitFor();
    expect(await row("act-one", "independence").count()).toBe(1);
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await eventually(async () => expect(await row("act-one", "independence").count()).toBe(2));

    await page.getByRole("button", { name: "Health", exact: true }).click();
    await eventually(async () => expect(await page.locator('.act-row:not([data-type="health"])').count()).toBe(0));
    await expect.poll(() => new URL(page.url()).search).toBe("?types=health");
    await page.getByLabel("Organization or orchestrator").fill("nowhere");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Organization or orchestrator").fill("act-o");
    await page.getByRole("button", { name: "Every type" }).click();
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

describe("the logs page", () => {
  it("follows the log, stops when somebody scrolls up, searches, copies, downloads and links to a line, by mouse", async () => {
    const client = dashboard.connect("log-one");
    const { page, problems, close } = await openSignedIn(dashboard, "/logs", {
      viewport: { width: 1200, height: 500 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const line = (text: string) => page.locator(".log-line", { hasText: text });
    await line("Processing heartbeat from orchestrator log-one").first().waitFor();
    const scroller = page.locator(".log-scroll");
    const isAtEnd = () => scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 4);
    // Enough to scroll.
    for (let index = 0; index < 40; index += 1) await tell60(index);
    await eventually(async () =>
      expect(await scroller.evaluate((box) => box.scrollHeight > 2 * box.clientHeight)).toBe(true),
    );
    await eventually(async () => expect(await isAtEnd()).toBe(true));
    await expectAccessible(page);

    await scroller.hover();
    await page.mouse.wheel(0, -200);
    const follow = page.getByRole("switch", { name: "Follow" });
    await eventually(async () => expect(await follow.getAttribute("aria-checked")).toBe("false"));
    // The wheel scrolls on for a moment.
    let top = -1;
    await eventually(
      async () => {
        const before = top;
        top = await scroller.evaluate((box) => box.scrollTop);
        expect(top).toBe(before);
      },
      { everyMs: 300 },
    );
    await page.getByRole("button", { name: /^\d+ new lines?$/ }).waitFor();
    expect(await scroller.evaluate((box) => box.scrollTop)).toBe(top);
    await expectAccessible(page);
    await page.getByRole("button", { name: /^\d+ new lines?$/ }).click();
    await eventually(async () => expect(await isAtEnd()).toBe(true));
    await expect.poll(() => follow.getAttribute("aria-checked")).toBe("true");

    await page.getByRole("switch", { name: "Heartbeats" }).click();
    await eventually(async () => expect(await line("heartbeat").count()).toBe(0));
    await page.getByLabel("Text").fill("Created for Log-Line-7 ");
    await eventually(async () => expect(await page.locator(".log-line").count()).toBe(1));
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("Created for Log-Line-7");

    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = String(await page.evaluate("navigator.clipboard.readText()"));
    expect(copied.split("\n")).toHaveLength(2);
    expect(copied).toContain("created for log-line-7");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^controller-.*\.log$/);
    expect(await readFile(String(await download.path()), "utf8")).toBe(copied);

    await page.locator(".log-time").click();
    await eventually(async () =>
      expect(String(await page.evaluate("navigator.clipboard.readText()"))).toContain("line="),
    );
    const link = new URL(String(await page.evaluate("navigator.clipboard.readText()")));
    await page.goto(`/logs?line=${link.searchParams.get("line")}`);
    await page.locator('.log-line[data-linked="true"]', { hasText: "log-line-7" }).waitFor();
    await expect.poll(() => follow.getAttribute("aria-checked")).toBe("false");
    await page.goto("/logs?line=1-abc");
    await page.getByText("The line that was linked is not here").waitFor();
    await page.goto("/logs?level=CRITICAL");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show every line" }).click();
    await page.locator(".log-line").first().waitFor();
    client.kill();
    expect(problems).toEqual([]);
    await close();

    async function tell60(index: number) {
      const path = "/api/v1/internal/orchestrators/register";
      const id = `log-line-${index}`;
      if (index === 7) {
        await call("POST", path, { orchestrator_id: id, organization_id: id, name: "x\u001b[2J", location: "x" });
        await call("POST", path, { orchestrator_id: id, organization_id: id, name: id, location: "x" });
        await call("POST", `/api/v1/internal/orchestrators/${id}/messages`, {
          message_type: "monitoring",
          content: "x",
        });
      } else await call("POST", path, { orchestrator_id: id, organization_id: id, name: id, location: "x" });
    }
  });

  it("does the same by keyboard alone, wraps long lines and never draws more than what is in sight", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/logs", { viewport: { width: 800, height: 420 } });
    await page.locator(".log-line").first().waitFor();
    for (let index = 0; index < 60; index += 1) {
      const path = `/api/v1/internal/orchestrators/log-keys/messages`;
      if (index === 0) await dashboard.stack.register("log-keys");
      await call("POST", path, { message_type: "monitoring", content: `x ${index}` });
    }
    const { keyboard } = page;
    const scroller = page.locator(".log-scroll");
    await eventually(async () =>
      expect(await scroller.evaluate((box) => box.scrollHeight > 3 * box.clientHeight)).toBe(true),
    );
    expect(await page.locator(".log-line").count()).toBeLessThan(60);
    await keyboard.press("f");
    const follow = page.getByRole("switch", { name: "Follow" });
    await eventually(async () => expect(await follow.getAttribute("aria-checked")).toBe("false"));
    await keyboard.press("g");
    await keyboard.press("g");
    await eventually(async () => expect(await scroller.evaluate((box) => box.scrollTop)).toBe(0));
    await keyboard.press("Shift+G");
    await eventually(async () =>
      expect(await scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 4)).toBe(true),
    );
    await expect.poll(() => follow.getAttribute("aria-checked")).toBe("true");
    await keyboard.press("w");
    await eventually(async () => expect(await scroller.getAttribute("data-wrap")).toBe("true"));
    await expect.poll(() => scroller.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
    const overlaps = () =>
      page.locator(".log-line").evaluateAll((rows) => {
        const boxes = rows.map((row) => row.getBoundingClientRect()).sort((one, other) => one.top - other.top);
        return boxes.filter((box, index) => index > 0 && box.top < (boxes[index - 1]?.bottom ?? 0) - 1).length;
      });
    await page.setViewportSize({ width: 420, height: 700 });
    await eventually(async () => expect(await overlaps()).toBe(0));
    await expectAccessible(page);
    await page.setViewportSize({ width: 800, height: 420 });

    await keyboard.press("/");
    await keyboard.type("log-keys");
    await eventually(() => expect(new URL(page.url()).searchParams.get("q")).toBe("log-keys"));
    await tabTo(page, "Log lines, oldest first");
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    await page.locator('.log-line[data-current="true"]').waitFor();
    await keyboard.press("Enter");
    await page.locator('.log-line[data-linked="true"]').waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("line")).toMatch(/^\d+-[0-9a-z]+$/);
    expect(problems).toEqual([]);
    await close();
  });

  it("says what went wrong when nothing could be loaded, and comes back by itself", async () => {
    const { page, close } = await openSignedIn(dashboard, "/logs");
    await page.locator(".log-line").first().waitFor();
    await page.route("**/controller/logs?*", (route) => route.abort());
    await page.getByLabel("Text").fill("log-keys");
    await page.getByRole("heading", { name: "The controller does not answer" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/logs?*");
    await page.locator(".log-line", { hasText: "log-keys" }).first().waitFor();
    await close();
  });
});

describe("the audit page", () => {
  const row = (action: string, target: string) => `.audit-row:has-text("${action}"):has-text("${target}")`;

  it("tells who changed what from what to what, filters in the address, counts new entries and exports, by mouse", async () => {
    await dashboard.stack.register("aud-one");
    await setIndependent("aud-one", true);
    const { page, problems, close } = await openSignedIn(dashboard, "/audit?organization=aud-one");
    const change = page.locator(row("orchestrator.independence", "aud-one"));
    await change.getByRole("button").click();
    const diff = page.getByRole("table", { name: "Changes of aud-one" });
    await diff.getByRole("row", { name: /is_independent false true/ }).waitFor();
    await page.getByText("Request id").waitFor();
    await expectAccessible(page);
    await change.getByRole("button").click();
    await diff.waitFor({ state: "detached" });

    const before = await page.locator(".audit-row").count();
    await setIndependent("aud-one", false);
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
    const lines = csv.trim().split("\r\n");
    expect(lines[0]).toContain('"actor","action"');
    await expect.poll(() => page.locator(".audit-row").count()).toBe(lines.length - 1);
    for (const line of lines.slice(1)) expect(line).toContain("aud-one");

    await page.getByLabel("Time", { exact: true }).selectOption("custom");
    await page.getByLabel("From").fill("2020-01-02T00:00");
    await page.getByLabel("From").dispatchEvent("change");
    await page.getByLabel("To", { exact: true }).fill("2020-01-01T00:00");
    await page.getByLabel("To", { exact: true }).dispatchEvent("change");
    await page.getByText("The range ends before it begins.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("To", { exact: true }).fill("2020-01-03T00:00");
    await page.getByLabel("To", { exact: true }).dispatchEvent("change");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show every entry" }).click();
    await page.locator(row("auth.login", "superadmin")).first().waitFor();
    await page.getByLabel("Actor").fill("user:superadmin");
    await eventually(async () =>
      expect(await page.locator(".audit-who:not(:text-is('user:superadmin'))").count()).toBe(0),
    );
    await page.getByLabel("Target").fill("nothing");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
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
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
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
    await page.getByRole("heading", { name: "Not for your role" }).waitFor();
    await expectAccessible(page);
    await sleep(300);
    expect(problems).toEqual([]);
    await close();
  });
});
