import type { Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "../support/raw-client.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName } from "./focus.ts";
import { openSignedIn } from "./records-support.ts";

const WIDE = { viewport: { width: 1440, height: 900 } };

describe("a dashboard that is open all day", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
    for (const id of ["day-one", "day-two"]) await dashboard.stack.register(id);
  });

  afterAll(() => dashboard?.stop());

  it("has the independence switch at hand, and takes back what it said once somebody else has switched", async () => {
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "day-one");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/day-one", WIDE);
    const toggle = page.getByRole("switch", { name: "Independence mode of day-one" });
    const facts = page.locator(".orch .orch-facts");
    await facts.waitFor();
    await expect
      .poll(async () => {
        const [control, below] = await Promise.all([toggle.boundingBox(), facts.boundingBox()]);
        return control !== null && below !== null && control.y < below.y && control.y < 450;
      })
      .toBe(true);

    await toggle.press("Enter");
    await page.getByRole("button", { name: "Set independent" }).press("Enter");
    await client.next("independence_update");
    client.send({ type: "independence_ack", is_independent: true });
    await page.getByText("Confirmed by the orchestrator.").waitFor();
    await dashboard.stack.controller.call("PUT", "/api/v1/internal/orchestrators/day-one/independence", {
      is_independent: false,
    });
    await page.getByText("Managed by the controller.").waitFor();
    await page.getByText("Confirmed by the orchestrator.").waitFor({ state: "detached" });
    expect(problems).toEqual([]);
    client.kill();
    await close();
  });

  it("shows the orchestrator that a link is about, however many its organization has", async () => {
    for (let index = 1; index <= 8; index += 1) await dashboard.stack.register(`many-${index}`, "many");
    const { page, close } = await openSignedIn(dashboard, "/organizations/many?orchestrator=many-8");
    await page.locator(".orch").nth(5).waitFor();
    await expect.poll(() => page.locator(".orch").first().getAttribute("data-id")).toBe("many-8");
    await close();
  });

  it("says once that no configuration is published, and reviews nothing while a field is wrong", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/day-two/config");
    await page.getByText("Orchestrators keep their own configuration until you publish one.").waitFor();
    const main = page.locator("main");
    await main.getByText("No config").waitFor();
    expect(await main.getByText("No config").count()).toBe(1);
    expect(await main.getByText(/nothing (is|was)? ?published/i).count()).toBe(1);

    await page.getByRole("group", { name: "Cache" }).getByText("On", { exact: true }).click();
    const minutes = page.getByLabel("Session timeout in minutes");
    await minutes.fill("30x");
    const review = page.getByRole("button", { name: "Review changes" });
    await expect.poll(() => review.getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "Discard changes" }).click();
    await page.getByText("No changes").waitFor();
    await expect.poll(() => minutes.inputValue()).toBe("");
    expect(await page.getByText("Enter a whole number from 1").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("keeps the focus where somebody works by key", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?view=table&q=day status:inactive");
    // The heading that had it is replaced when the answer is there.
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/controller/organizations/day-two", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole("link", { name: /day-two/ }).press("Enter");
    await expect.poll(() => focusedName(page)).toBe("day-two");
    answer();
    await page.getByRole("navigation", { name: "Organization" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("day-two");
    await page.goBack();

    // A button that goes with what it did.
    await page.getByRole("button", { name: "Remove filter: Status" }).press("Enter");
    await page.getByRole("button", { name: "Remove filter: Status" }).waitFor({ state: "detached" });
    await expect.poll(() => focusedName(page)).toBe("Remove filter: day");
    await page.getByRole("button", { name: "Clear all" }).press("Enter");
    await expect.poll(() => focusedName(page)).toBe("Filter organizations");
    expect(problems).toEqual([]);
    await close();
  });

  it("does not let go of a secret that is on its way", async () => {
    const { page, close } = await openSignedIn(dashboard, "/organizations/day-two/access");
    const asked = Promise.withResolvers<Route>();
    await page.route("**/orchestrators/day-two/tokens", (route) =>
      route.request().method() === "POST" ? asked.resolve(route) : route.fallback(),
    );
    await page.getByRole("button", { name: "New agent token" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const route = await asked.promise;
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Cancel" }).dispatchEvent("click");
    await route.continue();
    await page.getByText("This token is shown only once.").waitFor();
    await close();
  });

  it("leaves a page of the audit that there is not, by Back", async () => {
    const { page, close } = await openSignedIn(dashboard, "/activity");
    await page.goto("/audit?page=99");
    await page.locator(".audit-row").first().waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("page")).not.toBe("99");
    await page.goBack();
    await expect.poll(() => new URL(page.url()).pathname).toBe("/activity");
    await close();
  });

  it("tells minutes in the zone that was chosen", async () => {
    const { page, close } = await openSignedIn(dashboard, "/settings", { timezoneId: "Asia/Kolkata" });
    await page.getByText("UTC", { exact: true }).click();
    await page.goto("/organizations/day-one");
    const bar = page.getByRole("slider", { name: /^Heartbeats of day-one/ });
    await bar.focus();
    // The minute that it stands on may be over already.
    const hours = [0, 60_000, 120_000].map((agoMs) => new Date(Date.now() - agoMs).toISOString().slice(11, 13));
    expect(hours).toContain((await bar.getAttribute("aria-valuetext"))?.slice(0, 2));
    await close();
  });

  it("holds its rows still while the focus goes from one to the next", async () => {
    const { page, close } = await openSignedIn(dashboard, "/settings");
    const entry = (id: string) => ({
      kind: "lost",
      severity: "high",
      organization_id: id,
      organization_name: id,
      orchestrator_id: id,
      name: id,
      since: new Date().toISOString(),
      detail: null,
      message_id: null,
      count: 1,
      refusal: null,
    });
    let ids = ["lost-a", "lost-b", "lost-c"];
    const answer = () => ({
      success: true,
      message: "ok",
      data: {
        items: ids.map(entry),
        total: ids.length,
        returned: ids.length,
        truncated: false,
        next_cursor: null,
        limit: 20,
        limit_capped: false,
        counts: { lost: ids.length },
      },
    });
    await page.route("**/controller/attention?*", (route) => route.fulfill({ json: answer() }));
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("link", { name: /^lost-a/ }).focus();
    ids = ["lost-a", "lost-c"];
    await dashboard.stack.register("day-three");
    await page.getByText("Show changes").waitFor();
    await page.keyboard.press("Tab");
    await expect.poll(() => focusedName(page)).toContain("lost-b");
    await close();
  });

  it("asks before it is closed with a bulk action under way", async () => {
    const { page, close } = await openSignedIn(dashboard, "/organizations?view=table&q=day-two");
    await page.route("**/internal/orchestrators?*", () => undefined);
    await page.getByRole("checkbox", { name: "Select day-two" }).check();
    await page.getByRole("button", { name: "Manage again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Manage again" }).click();
    await page.getByText("0 of 1").waitFor();
    const dialog = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    expect((await dialog).type()).toBe("beforeunload");
    await (await dialog).accept();
    await close();
  });
});
