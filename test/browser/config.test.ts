import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo, tabUntil } from "./focus.ts";
import { openSignedIn } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("the configuration of an organization", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  const connect = async (id: string) => {
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id);
    clients.push(client);
    return client;
  };
  const path = (id: string) => `/api/v1/controller/organizations/${id}/config`;
  const publish = async (id: string, body: object) => {
    const answer = await dashboard.stack.controller.call("PUT", path(id), body);
    if (answer.status !== 200) throw new Error(`publish: ${answer.status} ${answer.text}`);
  };
  const published = async (id: string) => {
    const { features, settings, policies, revision } = (await dashboard.stack.controller.call("GET", path(id))).body
      .data as Record<string, unknown>;
    return { features, settings, policies, revision };
  };
  const open = (id: string) => openSignedIn(dashboard, `/organizations/${id}/config`);
  const state = (page: Page, id: string, name: string) =>
    page.locator(`.config-states li[data-id="${id}"][data-state="${name}"]`).waitFor();
  const choose = (page: Page, group: string, label: string) =>
    page.getByRole("group", { name: group }).getByText(label, { exact: true }).click();
  /** Waits for the frame with this revision, and says how far it came. */
  const confirm = async (client: RawClient, revision: number, status: string, error?: string) => {
    while ((await client.next("provision_config")).revision !== revision);
    client.send({ type: "config_status", revision, status, ...(error && { error }) });
  };

  it("is edited in the form, reviewed, applied and followed to each orchestrator, by mouse", async () => {
    for (const id of ["roll-a", "roll-b", "roll-c"]) await dashboard.stack.register(id, "roll");
    const client = await connect("roll-a");
    await connect("roll-c");
    await dashboard.stack.controller.call("PUT", "/api/v1/internal/orchestrators/roll-c/independence", {
      is_independent: true,
    });
    const { page, problems, close } = await open("roll");
    await page.getByRole("heading", { name: "Nothing published yet" }).waitFor();
    await expectAccessible(page);
    await choose(page, "Cache", "On");
    await choose(page, "Firewall", "Off");
    await page.getByLabel("Session timeout in minutes").fill("x");
    await page.getByText("Enter a whole number from 1").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Session timeout in minutes").fill("30");
    await page.getByLabel("New flag").fill("1st");
    await page.getByRole("button", { name: "Add flag" }).click();
    await page.getByText("Start with a letter").waitFor();
    await page.getByLabel("New flag").fill("beta");
    await page.getByRole("button", { name: "Add flag" }).click();
    await page.getByRole("switch", { name: "beta" }).click();
    await page.getByRole("button", { name: "Review changes" }).click();
    await expect.poll(() => focusedName(page)).toBe("Review changes");
    const diff = page.getByRole("table", { name: "Changes to revision 0" });
    await expect
      .poll(() => diff.locator("tbody th").allTextContents())
      .toEqual([
        "+Added: features.beta",
        "+Added: features.cache",
        "+Added: features.firewall",
        "+Added: settings.session_timeout_minutes",
      ]);
    await page.getByText("1 connected orchestrator receives it at once.").waitFor();
    await page.getByText("1 is offline and receives it when it connects.").waitFor();
    await page.getByText("1 operates independently and receives it").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Publish revision 1" }).click();
    await page.getByText("Revision 1 published").first().waitFor();
    expect(await published("roll")).toEqual({
      revision: 1,
      features: { beta: { enabled: false }, cache: { enabled: true }, firewall: { enabled: false } },
      settings: { session_timeout_minutes: 30 },
      policies: {},
    });
    await state(page, "roll-a", "sent");
    await state(page, "roll-b", "queued");
    await state(page, "roll-c", "queued");
    await page.getByText("Older clients never confirm").waitFor();
    await page.getByText("Waiting for the orchestrator to connect.").waitFor();
    await page.getByText("Waiting until the orchestrator is managed again.").waitFor();
    await confirm(client, 1, "applying");
    await state(page, "roll-a", "applying");
    client.send({ type: "config_status", revision: 1, status: "failed", error: "no room for the cache" });
    await state(page, "roll-a", "failed");
    await page.getByText("no room for the cache").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Resend to roll-a" }).click();
    await page.getByText("Revision 1 resent to roll-a").first().waitFor();
    await confirm(client, 1, "applied");
    await state(page, "roll-a", "applied");
    await connect("roll-b");
    await state(page, "roll-b", "sent");
    expect(problems).toEqual([]);
    await close();
  });

  it("B09: is shown as drifted with the revision that runs, as unconfirmed after it, and beside what is reported", async () => {
    const client = await connect("claim-1");
    await publish("claim-1", { features: { cache: { enabled: true } } });
    await publish("claim-1", { features: { cache: { enabled: false } } });
    await confirm(client, 2, "applied");
    const { page, problems, close } = await open("claim-1");
    await state(page, "claim-1", "applied");
    client.send({ type: "config_status", revision: 1, status: "applied" });
    await state(page, "claim-1", "drifted");
    await page.getByText("The orchestrator reports revision 1.").waitFor();
    await expectAccessible(page);
    client.send({ type: "i_am_alive", features: { cache: { enabled: true }, own: true } });
    await client.next("keepalive_ack");
    await page.goto("/organizations/claim-1");
    const differences = page.getByRole("list", { name: "Differences" });
    await expect
      .poll(() => differences.locator("li").allTextContents())
      .toEqual(["features.cache.enabled: published false, reported true"]);
    await page.getByText("– reports revision 1").waitFor();
    await expectAccessible(page);
    await page.goto("/organizations/claim-1/config");
    client.send({ type: "config_status", revision: 2, status: "applied" });
    await state(page, "claim-1", "applied");
    client.kill();
    await state(page, "claim-1", "unconfirmed");
    await page.getByText("disconnected before confirming").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("is edited, reviewed and applied by keyboard alone, in the form and as JSON", async () => {
    const client = await connect("type-1");
    await publish("type-1", { features: { cache: { enabled: true } } });
    const { page, problems, close } = await open("type-1");
    const { keyboard } = page;
    const focused = () => page.evaluate("document.activeElement?.value");
    await tabUntil(page, async () => (await focused()) === "on", "the feature that is on");
    await keyboard.press("ArrowRight");
    await expect.poll(() => focused()).toBe("off");
    await keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "Review changes" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Review changes");
    await keyboard.press("Escape");
    await page.getByRole("heading", { name: "Configuration", exact: true }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Review changes");
    await keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "Review changes" }).waitFor();
    await keyboard.press("Control+Enter");
    await page.getByText("Revision 2 published").first().waitFor();
    await expect.poll(() => focusedName(page)).toBe("Rollout of revision 2");
    await confirm(client, 2, "applied");
    await state(page, "type-1", "applied");

    await tabUntil(page, async () => (await focused()) === "form", "the choice of the form", "Shift+Tab");
    await keyboard.press("ArrowRight");
    const area = page.getByLabel("Configuration as JSON");
    await area.waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Control+A");
    await keyboard.insertText('{\n  "features": {},\n  "settings": { "a": 1, }\n}');
    await page.getByText("Line 3: Unexpected trailing comma.").waitFor();
    expect(await area.getAttribute("aria-invalid")).toBe("true");
    await expectAccessible(page);
    await keyboard.press("Control+Enter");
    expect(await page.getByRole("button", { name: "Review changes" }).getAttribute("aria-disabled")).toBe("true");
    await tabTo(page, "Go to line 3");
    await keyboard.press("Enter");
    await expect
      .poll(() => page.evaluate("document.activeElement.value.slice(document.activeElement.selectionStart)"))
      .toMatch(/^} ?\n}/);
    await keyboard.press("Control+A");
    await keyboard.insertText('{ "features": { "deep": { "__proto__": 1 } } }');
    await page.getByText("Line 1: The key __proto__ is reserved.").waitFor();
    await keyboard.press("Control+A");
    await keyboard.insertText('{ "features": { "plan": "gold" }, "policies": { "keep": [1] } }');
    await keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "Review changes" }).waitFor();
    await keyboard.press("Control+Enter");
    await page.getByText("Revision 3 published").first().waitFor();
    expect(await published("type-1")).toEqual({
      revision: 3,
      features: { plan: "gold" },
      settings: {},
      policies: { keep: [1] },
    });
    expect(problems).toEqual([]);
    await close();
  });

  it("says where the controller refuses it, and keeps the changes", async () => {
    await dashboard.stack.register("deep-1", "deep");
    const { page, problems, close } = await open("deep");
    await page.getByText("JSON", { exact: true }).click();
    const nested = `${'{"a":'.repeat(20)}1${"}".repeat(20)}`;
    await page.getByLabel("Configuration as JSON").fill(`{\n  "features": {},\n  "settings": {"x": ${nested}}\n}`);
    await page.getByRole("button", { name: "Review changes" }).click();
    await page.getByRole("button", { name: "Publish revision 1" }).click();
    await page
      .getByRole("alert")
      .getByText(/^settings.* of the JSON\). Nothing was published\.$/)
      .waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Back to editing" }).click();
    expect(await page.getByLabel("Configuration as JSON").inputValue()).toContain('"x"');
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("joins the changes of two people, and asks where both changed the same", async () => {
    await connect("two-1");
    await publish("two-1", { features: { cache: { enabled: true } }, settings: { session_timeout_minutes: 30 } });
    const { page, problems, close } = await open("two-1");
    await page.getByLabel("Session timeout in minutes").fill("45");
    await choose(page, "Firewall", "On");
    await publish("two-1", { features: { cache: { enabled: false } }, settings: { session_timeout_minutes: 60 } });
    await page.getByText("Revision 2 was published by development while you were editing.").waitFor();
    expect(await page.getByLabel("Session timeout in minutes").inputValue()).toBe("45");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByRole("heading", { name: "development published revision 2 while you were editing" }).waitFor();
    const group = page.getByRole("group", { name: "settings.session_timeout_minutes" });
    await group.getByLabel("Use theirs: 60").check();
    await expectAccessible(page);
    const merged = page.getByRole("table", { name: "Merged changes" });
    await expect.poll(() => merged.locator("tbody th").allTextContents()).toEqual(["+Added: features.firewall"]);
    await group.getByLabel("Keep yours: 45").check();
    await page.getByRole("button", { name: "Continue with merged" }).click();
    await page.getByRole("button", { name: "Review changes" }).click();
    await page.getByRole("button", { name: "Publish revision 3" }).click();
    await page.getByText("Revision 3 published").first().waitFor();
    expect(await published("two-1")).toEqual({
      revision: 3,
      features: { cache: { enabled: false }, firewall: { enabled: true } },
      settings: { session_timeout_minutes: 45 },
      policies: {},
    });

    // The other one is faster than the stream: the controller itself refuses.
    await choose(page, "Cache", "On");
    await page.getByRole("button", { name: "Review changes" }).click();
    await page.route("**/two-1/config", async (route) => {
      if (route.request().method() !== "PUT") return route.fallback();
      await publish("two-1", { policies: { first: true } });
      await route.fallback();
    });
    await page.getByRole("button", { name: "Publish revision 4" }).click();
    await page.getByRole("heading", { name: "development published revision 4 while you were editing" }).waitFor();
    await page.unroute("**/two-1/config");
    await page.getByRole("button", { name: "Discard my changes" }).click();
    await page.getByText("No changes").waitFor();
    expect((await published("two-1")).policies).toEqual({ first: true });
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("shows who published what and when, and goes back to an earlier revision", async () => {
    await connect("past-1");
    for (const minutes of [10, 20]) await publish("past-1", { settings: { session_timeout_minutes: minutes } });
    const { page, problems, close } = await open("past-1");
    await page.getByText("Current").waitFor();
    await page.getByRole("button", { name: "Changes in revision 2" }).click();
    const diff = page.getByRole("table", { name: "Changes in revision 2" });
    await expect.poll(() => diff.locator("td").allTextContents()).toEqual(["10", "20"]);
    await expectAccessible(page);
    await page.getByLabel("Session timeout in minutes").fill("99");
    await page.getByRole("button", { name: "Revert to revision 1" }).click();
    await page.getByRole("dialog").getByText("Your unpublished changes are replaced").waitFor();
    await page.getByRole("button", { name: "Replace my changes" }).click();
    await page.getByRole("heading", { name: "Review changes" }).waitFor();
    await page.getByRole("button", { name: "Publish revision 3" }).click();
    await page.getByText("Revision 3 published").first().waitFor();
    expect(await published("past-1")).toMatchObject({ revision: 3, settings: { session_timeout_minutes: 10 } });
    await page.getByText("Revision 3", { exact: true }).waitFor();
    await page.locator(".config-history li").first().getByText("superadmin").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("asks before changes are left behind, and keeps them over the end of a session", async () => {
    await connect("leave-1");
    const { page, close } = await open("leave-1");
    await choose(page, "Cache", "On");
    await page.getByRole("link", { name: "Danger" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Your changes to this configuration will be lost").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expectNoDialog(page);
    expect(new URL(page.url()).pathname).toBe("/organizations/leave-1/config");
    await page.getByText("Changed since revision 0").waitFor();

    await page.context().clearCookies();
    await page.getByText("Your session has ended.").waitFor({ timeout: 60_000 });
    await logIn(page);
    await page.getByText("Your changes from before the login were restored.").waitFor();
    await page.getByText("Changed since revision 0").waitFor();

    await page.getByRole("link", { name: "Danger" }).click();
    await dialog.getByRole("button", { name: "Discard changes" }).click();
    await page.getByRole("heading", { name: "Delete organization" }).waitFor();
    await page.getByRole("link", { name: "Configuration", exact: true }).click();
    await page.getByText("No changes").waitFor();
    await close();
  });
});
