import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, expectBadge, logIn, startDashboard } from "./dashboard.ts";

/** Gone when the page is loaded anew. */
const MARK = "document.documentElement.dataset.mark";

describe("the organizations page", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  it("follows an orchestrator from its connection to its end without a reload, by mouse", async () => {
    const { page, problems, close } = await dashboard.open("/");
    await page.waitForURL("**/login");
    await logIn(page);
    await page.evaluate(`${MARK} = "kept"`);
    await page.getByRole("heading", { name: "No organizations yet" }).waitFor();
    await expectAccessible(page);

    const client = dashboard.connect("org-mouse");
    await expectBadge(page, "org-mouse", "active");
    const row = page.locator('.org[data-id="org-mouse"]');
    await row.getByText("1 of 1 connected").waitFor();

    await row.locator(".disclosure").click();
    const toggle = row.getByRole("switch", { name: "Independence mode of org-mouse" });
    await toggle.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await toggle.getAttribute("aria-checked")).toBe("false");
    await toggle.click();
    await page.getByRole("button", { name: "Set independent" }).click();
    await expectBadge(page, "org-mouse", "independent");
    await row.getByText("This orchestrator operates independently.").waitFor();
    expect((await dashboard.stack.instance("org-mouse"))?.is_independent).toBe(true);

    await toggle.click();
    await page.getByRole("button", { name: "Take back" }).click();
    await expectBadge(page, "org-mouse", "active");

    client.kill();
    await expectBadge(page, "org-mouse", "inactive");
    await row.getByText("Disconnected").waitFor();
    expect(await page.evaluate(MARK)).toBe("kept");
    expect(problems).toEqual([]);
    await close();
  });

  it("does the same by keyboard alone, and keeps focus and open rows while it refreshes", async () => {
    const { page, problems, close } = await dashboard.open("/organizations?q=org-keys");
    const { keyboard } = page;
    await page.waitForURL("**/login?*");
    await keyboard.type("superadmin");
    await keyboard.press("Tab");
    await keyboard.type("moolai-dev");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    expect(new URL(page.url()).search).toBe("?q=org-keys");
    const client = dashboard.connect("org-keys");
    await expectBadge(page, "org-keys", "active");

    const focused = () =>
      page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent");
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await keyboard.press("Tab");
        if (String(await focused()).includes(text)) return;
      }
      throw new Error(`"${text}" cannot be reached by Tab`);
    };
    await tabTo("org-keys");
    await keyboard.press("Enter");
    await tabTo("Independence mode of org-keys");
    // Longer than two refreshes.
    await page.waitForTimeout(5000);
    expect(await focused()).toBe("Independence mode of org-keys");
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    expect(await focused()).toContain("Cancel");
    await keyboard.press("Escape");
    // The element itself: a closed one has no role any more, but its close event is still to come.
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Independence mode of org-keys");
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await expectBadge(page, "org-keys", "independent");
    expect(await focused()).toBe("Independence mode of org-keys");

    client.kill();
    await page.locator('.card[data-id="org-keys"]').getByText("Disconnected").waitFor();
    await expectBadge(page, "org-keys", "independent");
    await keyboard.press("Space");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await expectBadge(page, "org-keys", "inactive");
    expect(problems).toEqual([]);
    await close();
  });

  it("shows a change at once, and takes it back with a word when the controller refuses", async () => {
    dashboard.connect("org-refused");
    const { page, close } = await dashboard.open("/login?next=%2Forganizations%3Fopen%3Dorg-refused");
    await logIn(page);
    const toggle = page.getByRole("switch", { name: "Independence mode of org-refused" });
    await toggle.waitFor();
    await page.route("**/independence", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
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
    await page.getByRole("button", { name: "Set independent" }).click();
    await page.locator('.card[data-id="org-refused"] [aria-checked="true"]').waitFor();
    await page.getByText("org-refused is unchanged: Internal error.").waitFor();
    expect(await toggle.getAttribute("aria-checked")).toBe("false");
    await close();
  });
});
