import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openSignedIn } from "./records-support.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard?.stop());

const call = (method: string, path: string, body?: unknown) => dashboard.stack.controller.call(method, path, body);

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
    await page.getByLabel("Search").fill("Created for Log-Line-7 ");
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
    const file = await readFile(String(await download.path()), "utf8");
    expect(file.startsWith(copied)).toBe(true);
    expect(file).toMatch(/\n# end: \d+ matching lines of the newest 2000 that the controller keeps\n$/);

    await page.locator(".log-time").click();
    await eventually(async () =>
      expect(String(await page.evaluate("navigator.clipboard.readText()"))).toContain("line="),
    );
    const link = new URL(String(await page.evaluate("navigator.clipboard.readText()")));
    await page.goto(`/logs?line=${link.searchParams.get("line")}`);
    await page.locator('.log-line[data-linked="true"]', { hasText: "log-line-7" }).waitFor();
    await expect.poll(() => follow.getAttribute("aria-checked")).toBe("false");
    await page.goto("/logs?line=1-abc");
    await page.getByText("The linked line was not found").waitFor();
    await page.goto("/logs?level=CRITICAL");
    await page.getByRole("heading", { name: "No matching lines" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show all lines" }).click();
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
    await expect.poll(() => focusedName(page)).toBe("Search");
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
    await page.getByLabel("Search").fill("log-keys");
    await page.getByRole("heading", { name: "The controller is not responding" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/logs?*");
    await page.locator(".log-line", { hasText: "log-keys" }).first().waitFor();
    await close();
  });
});
