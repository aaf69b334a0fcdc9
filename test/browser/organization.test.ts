import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type handshake, openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openAsViewer, openSignedIn, setIndependence } from "./records-support.ts";
import { expectNoDialog, expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("the page of an organization", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  const connect = async (id: string, fields?: Parameters<typeof handshake>[1]) => {
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id, fields);
    clients.push(client);
    return client;
  };
  const beat = (client: RawClient, fields = {}) => client.send({ type: "i_am_alive", ...fields });

  it("B01: shows what an orchestrator sent and could not be used, while it counts as active", async () => {
    await dashboard.stack.register("odd-a", "odd");
    const client = await connect("odd-a", { name: "Odd" });
    client.sendText('{"type":"i_am_alive","health_status":"FINE","metrics":{"cpu":NaN,"queue":{"depth":3}}}');
    await client.next("keepalive_ack");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/odd");
    const card = page.locator('.orch[data-id="odd-a"]');
    await card.getByRole("heading", { name: "Invalid data" }).waitFor();
    await card.locator('.badge[data-status="active"]').waitFor();
    await card.getByText("2 invalid values were dropped or truncated").waitFor();
    expect(await card.locator(".orch-dropped li").allTextContents()).toEqual(["metrics.cpu", "health_status"]);
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 800 });
    await expectNoSideScroll(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("shows each orchestrator as it is, switches independence, and hears its confirmation, by mouse", async () => {
    // Without a name of theirs, so that they may name themselves.
    for (const orchestrator_id of ["one-a", "one-b", "one-c"]) {
      const body = { orchestrator_id, organization_id: "one" };
      await dashboard.stack.controller.call("POST", "/api/v1/internal/orchestrators/register", body);
    }
    const client = await connect("one-a", { name: "Alpha", location: "Dublin", hostname: "host-7", ip: "10.1.2.3" });
    beat(client, { health_status: "degraded", metrics: { queue: { depth: 12_873 }, load: 0.25 } });
    await connect("one-b", { name: "Beta" });
    await setIndependence(dashboard, "one-b", true);
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/one");
    const expectAnswered = (id: string) =>
      page.locator(`.orch[data-id="${id}"] [role="switch"][aria-busy="false"]`).waitFor();
    const alpha = page.locator('.orch[data-id="one-a"]');
    const beta = page.locator('.orch[data-id="one-b"]');
    await page.getByText("2 of 3 connected").waitFor();
    await alpha.getByText("12,873").waitFor();
    for (const text of ["Alpha", "host-7", "10.1.2.3", "Dublin", "Degraded", "Database URL: not set"]) {
      await alpha.getByText(text, { exact: true }).first().waitFor();
    }
    await alpha.locator('.badge[data-status="active"]').waitFor();
    await beta.locator('.badge[data-status="independent"]').waitFor();
    await beta.getByText("This orchestrator operates independently.").waitFor();
    await beta.getByText("– frozen while independent").waitFor();
    await page.locator('.orch[data-id="one-c"] .badge[data-status="inactive"]').waitFor();
    await expectAccessible(page);

    const toggle = page.getByRole("switch", { name: "Independence mode of one-a" });
    await toggle.click();
    await page.getByRole("dialog").getByText("stops updating").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Privacy mode").check();
    await page.getByRole("button", { name: "Set independent" }).click();
    const update = await client.next("independence_update");
    expect(update).toMatchObject({ is_independent: true, privacy_mode: true });
    client.send({ type: "independence_ack", is_independent: true });
    await alpha.getByText("Confirmed by the orchestrator.").waitFor();
    await alpha.locator('.badge[data-status="independent"]').waitFor();
    await alpha.getByText("Not stored in privacy mode").waitFor();
    await expect.poll(() => dashboard.stack.instance("one-a")).toMatchObject({ is_independent: true });

    await expectAnswered("one-a");
    await toggle.click();
    await page.getByRole("button", { name: "Manage again" }).click();
    await alpha.getByText("Sent, not confirmed by the orchestrator.").waitFor({ timeout: 20_000 });
    await alpha.locator('.badge[data-status="active"]').waitFor();
    client.kill();
    await alpha.locator('.badge[data-status="inactive"]').waitFor();
    await alpha.getByText("Disconnected").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("is used by keyboard alone: tabs, minutes of the heartbeat bar, independence", async () => {
    const client = await connect("keys-1", { name: "Keys" });
    beat(client);
    // However slowly the test runs, the running minute is on time.
    const beats = setInterval(() => beat(client), 5000);
    onTestFinished(() => clearInterval(beats));
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/keys-1");
    const { keyboard } = page;
    const path = () => new URL(page.url()).pathname;
    await page.locator('.orch[data-id="keys-1"] .badge[data-status="active"]').waitFor();
    for (const [key, tab] of Object.entries({ 2: "config", 3: "messages", 4: "activity", 5: "access", 6: "danger" })) {
      await keyboard.press(key);
      await expect.poll(path).toBe(`/organizations/keys-1/${tab}`);
    }
    await keyboard.press("1");
    await expect.poll(path).toBe("/organizations/keys-1");
    await keyboard.press("e");
    await expect.poll(path).toBe("/organizations/keys-1/config");
    await keyboard.press("1");

    await tabTo(page, "Heartbeats of keys-1");
    await expect.poll(() => focusedName(page)).toMatch(/in the last hour: (\d+) of \1 minutes? on time/);
    const bar = page.getByRole("slider");
    const minute = () => bar.getAttribute("aria-valuetext");
    await expect.poll(minute).toMatch(/^\d\d:\d\d on time, \d+ heartbeats?$/);
    await keyboard.press("ArrowLeft");
    await expect.poll(() => bar.getAttribute("aria-valuenow")).toBe("58");
    await expectAccessible(page);
    await keyboard.press("Home");
    await expect.poll(minute).toMatch(/^\d\d:\d\d no data$/);
    await page
      .locator(".beat-tip")
      .getByText(/^\d\d:\d\d no data$/)
      .waitFor();
    await expect.poll(() => bar.getAttribute("aria-valuenow")).toBe("0");
    await keyboard.press("End");
    await expect.poll(() => bar.getAttribute("aria-valuenow")).toBe("59");

    await keyboard.press("i");
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => focusedName(page)).toBe("Cancel");
    await keyboard.press("Escape");
    await expectNoDialog(page);
    await expect.poll(() => focusedName(page)).toContain("Heartbeats of keys-1");
    await keyboard.press("i");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await page.locator('.orch[data-id="keys-1"] .badge[data-status="independent"]').waitFor();
    await expect.poll(minute).toMatch(/not recorded while independent$/);
    // The stream may tell of it before the answer comes; until then it cannot be changed again.
    await page.locator('[role="switch"][aria-busy="false"]').waitFor();
    await keyboard.press("i");
    await page.getByRole("dialog").getByText("Its heartbeats are recorded again").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await page.locator('.orch[data-id="keys-1"] .badge[data-status="active"]').waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("takes a refused change back and says why", async () => {
    await connect("refused-1");
    const { page, close } = await openSignedIn(dashboard, "/organizations/refused-1");
    const toggle = page.getByRole("switch", { name: "Independence mode of refused-1" });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/independence", async (route) => {
      await held;
      const error = { code: "internal_error", request_id: "x", details: [] };
      await route.fulfill({ status: 500, json: { success: false, message: "Internal error", error } });
    });
    await toggle.click();
    await page.getByRole("button", { name: "Set independent" }).click();
    await page.locator('.orch [role="switch"][aria-checked="true"][aria-busy="true"]').waitFor();
    await page.getByText("Waiting for the controller…").waitFor();
    release();
    await page.getByText("Internal error. refused-1 was not changed. Try again.").waitFor();
    await expect.poll(() => toggle.getAttribute("aria-checked")).toBe("false");
    await close();
  });

  it("counts the beats that come while somebody looks", async () => {
    const client = dashboard.connect("beats-1");
    const { page, close } = await openSignedIn(dashboard, "/organizations/beats-1");
    const runningMinute = async () => {
      const text = (await page.getByRole("slider").getAttribute("aria-valuetext")) ?? "";
      return { minute: text.slice(0, 5), beats: Number(/(\d+) heartbeats?$/.exec(text)?.[1] ?? 0) };
    };
    await expect.poll(async () => (await runningMinute()).beats).toBeGreaterThan(0);
    const before = await runningMinute();
    // A minute that begins meanwhile counts from zero.
    const more = async () => {
      const now = await runningMinute();
      return now.minute === before.minute ? now.beats - before.beats : now.beats;
    };
    await expect.poll(more).toBeGreaterThan(2);
    client.kill();
    await close();
  });

  it("says that there is no such organization, and offers a search", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/nowhere");
    await page.getByRole("heading", { name: "No organization nowhere" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Search organizations").fill("one");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/organizations?q=one");
    await page.goto("/organizations/nowhere/nonsense");
    await page.getByRole("heading", { name: "Page not found" }).waitFor();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("tells what happened as it happens, and hides messages while all are independent", async () => {
    const client = await connect("act-1", { name: "Act" });
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/act-1/activity");
    const list = page.getByRole("list", { name: "Activity" });
    await list.getByText("Handshake accepted, session 1").waitFor();
    beat(client, { health_status: "unhealthy" });
    await list.getByText("Health is unhealthy").waitFor();
    expect(await list.getByText("Heartbeat", { exact: true }).count()).toBe(0);
    await page.getByRole("switch", { name: "Heartbeats" }).click();
    await list.getByText("Heartbeat", { exact: true }).first().waitFor();
    await expectAccessible(page);

    await page.keyboard.press("3");
    await page.getByRole("button", { name: "New message" }).click();
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => page.getByLabel("Orchestrator", { exact: true }).inputValue()).toBe("act-1");
    await page.getByRole("textbox", { name: "Message" }).fill("Please restart");
    await page.getByRole("button", { name: "Send message" }).click();
    expect(await client.next("message")).toMatchObject({ data: { content: "Please restart" } });
    await page.locator(".msg-row").getByText("Please restart").waitFor();
    await setIndependence(dashboard, "act-1", true);
    await page.getByRole("heading", { name: "This orchestrator operates independently" }).waitFor();
    await expect.poll(() => page.getByText("Please restart").count()).toBe(0);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("lets a viewer look, and says why nothing can be changed", async () => {
    await connect("view-1", { name: "View" });
    const { page, problems, close } = await openAsViewer(dashboard, "/organizations/view-1");
    const toggle = page.getByRole("switch", { name: "Independence mode of view-1" });
    await page.getByText("Your role is read-only.").waitFor();
    await toggle.click({ force: true });
    // With a dialog open, the keys after this one would do nothing.
    await page.keyboard.press("i");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Edit name and location" }).count()).toBe(0);
    await page.keyboard.press("2");
    await page.getByRole("region", { name: "configuration" }).waitFor();
    expect(await page.getByRole("button", { name: "Review changes" }).count()).toBe(0);
    await expectAccessible(page);
    await page.keyboard.press("6");
    await page.getByText("Only admins can deregister").waitFor();
    await page.getByRole("button", { name: "Delete view-1…" }).click({ force: true });
    await expectAccessible(page);
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("shows places while it loads, keeps what it has while the database is away, and fits 360 px", async () => {
    await connect("tiny-1", {
      name: "A very long name of an orchestrator that nobody would give to anything",
      location: "x",
    });
    const { page, problems, close } = await openSignedIn(dashboard, "/settings", {
      viewport: { width: 360, height: 740 },
      reducedMotion: "reduce",
    });
    await page.route("**/controller/organizations/tiny-1", () => {});
    await page.goto("/organizations/tiny-1");
    await page.getByText("Loading organization tiny-1").waitFor();
    await expectAccessible(page);
    await page.unroute("**/controller/organizations/tiny-1");
    await page.goto("/organizations/tiny-1");
    await page.locator(".orch .orch-facts").waitFor();
    for (const tab of ["", "/config", "/messages", "/activity", "/danger"]) {
      await page.goto(`/organizations/tiny-1${tab}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expectNoSideScroll(page);
      await expectAccessible(page);
    }
    expect(problems).toEqual([]);
    await page.goto("/organizations/tiny-1");
    await page.locator(".orch .orch-facts").waitFor();
    await dashboard.stack.database.pause();
    // For the tests after a failure; otherwise it is resumed below.
    onTestFinished(() => dashboard.stack.database.resume().catch(() => undefined));
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
    await page.getByRole("button", { name: "Retry now" }).first().waitFor({ timeout: 30_000 });
    await page.locator(".orch .orch-facts").waitFor();
    await dashboard.stack.database.resume();
    await page.getByRole("button", { name: "Retry now" }).first().click();
    await page.getByRole("button", { name: "Retry now" }).waitFor({ state: "detached", timeout: 30_000 });
    await close();
  });
});
