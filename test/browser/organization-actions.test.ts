import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, expectBadge, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openSignedIn, setIndependence } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("changing organizations", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  const connect = async (id: string, fields = {}) => {
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id, fields);
    clients.push(client);
    return client;
  };
  const job = (page: Page, title: string) => page.getByRole("article", { name: title });
  const independentOf = async (ids: string[]) =>
    await Promise.all(ids.map(async (id) => (await dashboard.stack.instance(id))?.is_independent));

  it("adds one, with an id that is checked, and waits until its orchestrator is there, by mouse", async () => {
    await dashboard.stack.register("taken");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    await page.getByRole("button", { name: "Add organization" }).click();
    await page.getByRole("dialog", { name: "Add organization" }).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.name")).toBe("id");
    await expectAccessible(page);
    const id = page.getByLabel("ID", { exact: true });
    await id.fill("no spaces");
    await page.getByLabel("Name").focus();
    await page.getByText("Use only letters, digits, dots, underscores and hyphens.").waitFor();
    await id.fill("taken");
    await page.getByLabel("Name").focus();
    await page.getByText("taken already exists.").waitFor();
    await expectAccessible(page);
    await id.fill("fresh-1");
    await page.getByLabel("Name").fill("Fresh One");
    await page.getByRole("textbox", { name: "Location" }).fill("eu-west");
    await page.getByLabel("Cache").check();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Waiting for the orchestrator to connect…").waitFor();
    await expect.poll(() => focusedName(page)).toMatch(/^Created\. Start the orchestrator/);
    expect(await dashboard.stack.organization("fresh-1")).toMatchObject({ name: "Fresh One", location: "eu-west" });
    const environment = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
    const [, named, url] = /^ORCHESTRATOR_ID=(\S+)\nCONTROLLER_WS_URL=(\S+)\n/.exec(environment) ?? [];
    expect(named).toBe("fresh-1");
    await expectAccessible(page);

    // As the environment says, credential included.
    const client = await openSession(String(url), "fresh-1", { name: "Fresh One", location: "eu-west" });
    clients.push(client);
    await page.getByText("fresh-1 is connected.").waitFor();
    await page.getByRole("dialog").locator('.badge[data-status="active"]').waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await expectBadge(page, "fresh-1", "active");
    await page.locator('tr[data-id="fresh-1"]').getByRole("link", { name: "Fresh One" }).waitFor();
    client.kill();
    expect(problems).toEqual([]);
    await close();
  });

  it("adds one by keyboard alone, finishes what was half done, and says what the controller refuses", async () => {
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations");
    const { keyboard } = page;
    await page.getByRole("grid").waitFor();
    await keyboard.press("a");
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.name")).toBe("id");
    await keyboard.type("half-1");
    await page.route("**/orchestrators/register", (route) =>
      route.fulfill({
        status: 503,
        json: {
          success: false,
          message: "The database is not available",
          error: { code: "database_unavailable", accepted: false, request_id: "x", details: [] },
        },
      }),
    );
    await keyboard.press("Enter");
    await page.getByText("The organization was created, but its orchestrator was not").waitFor();
    await expectAccessible(page);
    await page.unroute("**/orchestrators/register");
    await tabTo(page, "Create");
    await keyboard.press("Enter");
    await page.getByText("Waiting for the orchestrator to connect…").waitFor();
    expect(await dashboard.stack.instance("half-1")).not.toBeNull();
    // The token in the environment is shown this once.
    await keyboard.press("Escape");
    await page.getByText("If you close this without copying it").waitFor();
    await expectAccessible(page);
    await expect.poll(() => focusedName(page)).toBe("Go back");
    await tabTo(page, "Close anyway");
    await keyboard.press("Enter");
    await expectNoDialog(page);
    await page.locator('tr[data-id="half-1"]').waitFor();

    await keyboard.press("a");
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.name")).toBe("id");
    await keyboard.type("half-1");
    await keyboard.press("Enter");
    await page.getByText("half-1 already exists.").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.name")).toBe("id");
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("counts what goes with one before it is deleted, keeps a refusal in the dialog, by keyboard alone", async () => {
    const client = await connect("gone-1", { name: "Gone One" });
    client.send({ type: "monitoring_report", data: { content: "something" } });
    await client.next("message_ack");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=gone&open=gone-1");
    const { keyboard } = page;
    await page.locator('.orchestrator[data-id="gone-1"]').waitFor();
    await keyboard.press("j");
    await tabTo(page, "Delete…");
    await keyboard.press("Enter");
    await page.getByText("1 open connection is closed.").waitFor();
    await page.getByText("1 message is deleted, 1 of them pending.").waitFor();
    await expect.poll(() => focusedName(page)).toBe("Cancel");
    await expectAccessible(page);
    await page.route("**/controller/organizations/gone-1", (route) =>
      route.request().method() === "DELETE"
        ? route.fulfill({
            status: 503,
            json: {
              success: false,
              message: "Too much at once",
              error: { code: "overloaded", request_id: "x", details: [] },
            },
          })
        : route.continue(),
    );
    await page.getByLabel("Type gone-1 to confirm").focus();
    await keyboard.type("gone-1");
    await keyboard.press("Enter");
    await page.getByText("Too much at once. Nothing was changed.").waitFor();
    await page.unroute("**/controller/organizations/gone-1");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    expect((await client.closedWithin(15_000)).code).toBe(4404);
    await expect.poll(() => dashboard.stack.organization("gone-1")).toBeNull();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("sets many independent beside the page, names what failed and tries only that again, by mouse", async () => {
    const ids = ["bulk-1", "bulk-2", "bulk-3", "bulk-4"];
    for (const id of ids) await connect(id, { name: `Bulk ${id.slice(-1)}` });
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=bulk");
    for (const id of ids) await page.locator(`tr[data-id="${id}"]`).waitFor();
    await page.getByLabel("Select Bulk 1").click();
    await page.getByLabel("Select Bulk 3").click({ modifiers: ["Shift"] });
    await page.getByText("3 selected").waitFor();
    await page.getByRole("button", { name: "Select all 4 matching" }).click();
    await page.getByText("4 selected").waitFor();
    await expectAccessible(page);
    const refused = "**/bulk-2/independence";
    await page.route(refused, (route) =>
      route.fulfill({
        status: 500,
        json: { success: false, message: "No luck", error: { code: "internal_error", request_id: "x", details: [] } },
      }),
    );
    await page.getByRole("button", { name: "Set independent" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: "Set 4 organizations independent?" }).waitFor();
    await dialog.getByText("Current filter: “bulk”.").waitFor();
    await dialog.getByText("4 orchestrators: heartbeats are no longer recorded").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Set independent" }).click();
    const card = job(page, "Set independent");
    await card.getByText("Done: 3 of 4 organizations, 1 failed").waitFor();
    await expectBadge(page, "bulk-1", "independent");
    expect(await independentOf(ids)).toEqual([true, false, true, true]);

    // It goes along to another page, and is used from there.
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await card.getByRole("button", { name: "1 failure" }).click();
    await card.getByText("bulk-2 No luck").waitFor();
    await expectAccessible(page);
    await page.unroute(refused);
    await card.getByRole("button", { name: "Retry 1" }).click();
    await card.getByText("Done: 4 of 4 organizations").waitFor();
    expect(await independentOf(ids)).toEqual([true, true, true, true]);
    await card.getByRole("button", { name: "Close Set independent" }).click();
    await card.waitFor({ state: "detached" });
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("takes back, pushes again and deletes many by keyboard alone, and keeps what is selected", async () => {
    const ids = ["many-1", "many-2"];
    const first = await connect("many-1", { name: "Many 1" });
    await connect("many-2", { name: "Many 2" });
    const { controller } = dashboard.stack;
    for (const id of ids) {
      const { status } = await controller.call("PUT", `/api/v1/controller/organizations/${id}/features`, {
        features: { cache: { enabled: true } },
      });
      expect(status).toBe(200);
      await setIndependence(dashboard, id, true);
    }
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations?q=many");
    const { keyboard } = page;
    for (const id of ids) await expectBadge(page, id, "independent");
    const focused = () => page.evaluate("document.activeElement?.dataset.id");
    await keyboard.press("j");
    await expect.poll(focused).toBe("many-1");
    await keyboard.press("Space");
    await keyboard.press("End");
    await expect.poll(focused).toBe("many-2");
    await keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    const act = async (button: string, confirm: string) => {
      await page.getByRole("button", { name: button }).focus();
      await keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await tabTo(page, confirm);
      await keyboard.press("Enter");
      await expectNoDialog(page);
    };
    await act("Manage again", "Manage again");
    await job(page, "Manage again").getByText("Done: 2 of 2 organizations").waitFor();
    expect(await independentOf(ids)).toEqual([false, false]);
    await expectBadge(page, "many-1", "active");
    const pushed = () =>
      first.frames.filter(({ frame }) => typeof frame === "object" && frame.type === "provisioning").length;
    const before = pushed();
    await act("Resend configuration", "Resend");
    await job(page, "Resend configuration").getByText("Done: 2 of 2 organizations").waitFor();
    await eventually(async () => expect(pushed()).toBeGreaterThan(before));
    await page.getByText("2 selected").waitFor();

    await page.getByRole("button", { name: "Delete…" }).focus();
    await keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => focusedName(page)).toBe("Cancel");
    await page.getByLabel("Type delete 2 to confirm").focus();
    await keyboard.type("delete 2");
    await keyboard.press("Enter");
    await job(page, "Delete").getByText("Done: 2 of 2 organizations").waitFor();
    await page.getByRole("heading", { name: "No matching organizations" }).waitFor();
    await page.getByText("2 selected").waitFor({ state: "detached" });
    for (const id of ids) await expect.poll(() => dashboard.stack.organization(id)).toBeNull();
    expect(problems).toEqual([]);
    await close();
  });
});
