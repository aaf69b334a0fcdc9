import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { focusedName, openAsViewer, openSignedIn, statusOf, tabTo, tell } from "./records-support.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;
const UNDO_MS = 8000;

describe("the message queue", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];
  let count = 0;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  /** An orchestrator of its own for each test, so that the queues do not mix. */
  const connect = async () => {
    count += 1;
    const id = `msg-org-${count}`;
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id);
    clients.push(client);
    return { id, client, path: `/messages?organization=${id}` };
  };
  const row = (id: string) => `.msg-row[data-id="${id}"]`;
  const decideElsewhere = (id: string, status: string) =>
    dashboard.stack.controller.call("PUT", `/api/v1/internal/messages/${id}/status`, { status });

  it("shows what orchestrators say as text, and tells them what was accepted after the time of an undo, by mouse", async () => {
    const { id, client, path } = await connect();
    const evil = '<img src=x onerror="document.title=1"> <b>bold</b>\n\u202Etxt.exe';
    const first = await tell(client, "monitoring_report", evil, { severity: "High", value: 91 });
    const second = await tell(client, "recommendation", "Enable the cache", { severity: "low" });
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(row(first)).click();
    const detail = page.locator(".msg-detail");
    await detail.getByRole("heading", { name: `Monitoring report from ${id}` }).waitFor();
    expect(await detail.locator(".msg-text").textContent()).toBe(evil.replace("\u202E", "\\u202e"));
    expect(await page.locator("main img").count()).toBe(0);
    await detail.getByText("High", { exact: true }).waitFor();
    expect(await detail.locator("pre").last().textContent()).toContain('"value": 91');
    await detail.getByText(`When you accept, ${id} is told at once.`).waitFor();
    expect(await detail.locator("dd", { hasText: id }).nth(1).getByRole("link").getAttribute("href")).toBe(
      `/organizations/${id}`,
    );

    await page.locator(row(second)).click();
    await detail.getByRole("button", { name: "Accept" }).click();
    await page.locator(row(second)).getByText("Accepted, sent in").waitFor();
    await detail.getByRole("heading", { name: `Monitoring report from ${id}` }).waitFor();
    await page.getByRole("link", { name: "Accepted 1" }).waitFor();
    expect(await statusOf(dashboard.stack, second)).toBe("pending");

    const told = await client.next("message_status", UNDO_MS + 10_000);
    expect(told).toMatchObject({ message_id: second, status: "accepted" });
    expect(await statusOf(dashboard.stack, second)).toBe("accepted");
    expect(await statusOf(dashboard.stack, first)).toBe("pending");
    await page.locator(row(second)).getByText("Accepted by you").waitFor();

    await page.getByRole("button", { name: "Clear 1 done" }).click();
    await page.locator(row(second)).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Accepted 1" }).click();
    await page.locator(row(second)).getByText("Accepted by superadmin").waitFor();
    expect(await page.getByRole("button", { name: "Accept", exact: true }).count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("sends nothing that was undone", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(row(id)).waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText("Dismissed 1 message, sent in").waitFor();
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await page.getByRole("region", { name: "Undo" }).waitFor({ state: "detached" });
    await sleep(UNDO_MS + 1500);
    expect(await statusOf(dashboard.stack, id)).toBe("pending");
    expect(client.received("message_status")).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it("does all of it by keyboard alone, with the focus where the work is", async () => {
    const { id: orchestrator, client, path } = await connect();
    const ids: string[] = [];
    for (const content of ["one", "two", "three"])
      ids.unshift(await tell(client, "recommendation", `Message ${content}`));
    const [third, second, first] = ids as [string, string, string];
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(row(first)).waitFor();
    const { keyboard } = page;
    const current = () => page.locator('.msg-row[data-current="true"]').getAttribute("data-id");

    await keyboard.press("j");
    await expect.poll(() => current()).toBe(second);
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await keyboard.press("k");
    await expect.poll(() => current()).toBe(third);
    await keyboard.press("y");
    await expect.poll(() => current()).toBe(second);
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await keyboard.press("n");
    await expect.poll(() => current()).toBe(first);
    await keyboard.press("u");
    await page.locator(`${row(second)}[data-place="open"]`).waitFor();
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await keyboard.press("u");
    await page.locator(`${row(third)}[data-place="open"]`).waitFor();
    await eventually(async () => expect(await focusedName(page)).toContain("Message three"));

    // The same with the buttons: the focus stays on them.
    await keyboard.press("ArrowDown");
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await tabTo(page, "Accept");
    await keyboard.press("Enter");
    await page.locator(`${row(second)}[data-place="waiting"]`).waitFor();
    await expect.poll(() => focusedName(page)).toContain("Accept");
    await keyboard.press("u");
    await page.locator(`${row(second)}[data-place="open"]`).waitFor();

    await keyboard.press("x");
    await keyboard.press("j");
    await keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    await keyboard.press("n");
    await page.getByText("Dismissed 2 messages, sent in").waitFor();
    await eventually(async () => expect(await statusOf(dashboard.stack, first)).toBe("dismissed"));
    expect(await statusOf(dashboard.stack, second)).toBe("dismissed");
    expect(await statusOf(dashboard.stack, third)).toBe("pending");

    await keyboard.press("c");
    await page.getByRole("dialog", { name: "New message" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Orchestrator");
    await keyboard.type(orchestrator);
    await tabTo(page, "");
    await page.getByLabel("Message", { exact: true }).focus();
    await keyboard.type("Rotate the keys");
    await tabTo(page, "Send message");
    await keyboard.press("Enter");
    await page.getByRole("region", { name: "Notifications" }).getByText(`Delivered to ${orchestrator}`).waitFor();
    expect(await client.next("message")).toMatchObject({ data: { content: "Rotate the keys" } });
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(problems).toEqual([]);
    await close();
  });

  it("decides many at one stroke, with one undo for all of them", async () => {
    const { client, path } = await connect();
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) ids.unshift(await tell(client, "monitoring_report", `Report ${index}`));
    const { page, problems, close } = await openSignedIn(dashboard, path);
    const box = (index: number) => page.locator(row(ids[index] ?? "")).getByRole("checkbox");
    await box(1).click();
    await box(4).click({ modifiers: ["Shift"] });
    await page.getByText("4 selected").waitFor();
    await page.locator(".msg-queue-head").getByRole("button", { name: "Accept" }).click();
    await page.getByText("Accepted 4 messages, sent in").waitFor();
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await page.getByText("6 messages to decide").waitFor();

    await page.getByRole("checkbox", { name: "Select all" }).click();
    await page.locator(".msg-queue-head").getByRole("button", { name: "Dismiss" }).click();
    await page.getByRole("button", { name: "Send now" }).click();
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    for (const id of ids) expect(await statusOf(dashboard.stack, id)).toBe("dismissed");
    expect(problems).toEqual([]);
    await close();
  });

  it("counts new messages, greys out what others decide and says who, and moves nothing", async () => {
    const { client, path } = await connect();
    const one = await tell(client, "recommendation", "One");
    const two = await tell(client, "recommendation", "Two");
    const { page, problems, close } = await openSignedIn(dashboard, path);
    const order = async () =>
      await page.locator(".msg-row").evaluateAll((rows) => rows.map((each) => each.getAttribute("data-id")));
    await page.locator(row(one)).waitFor();
    expect(await order()).toEqual([two, one]);

    const three = await tell(client, "recommendation", "Three");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    expect(await order()).toEqual([two, one]);
    expect((await decideElsewhere(two, "dismissed")).status).toBe(200);
    await page.locator(row(two)).getByText("Dismissed by development").waitFor();
    expect(await order()).toEqual([two, one]);

    // Decided elsewhere while it waits here: the first decision stands, and nothing is sent any more.
    await page.locator(row(one)).click();
    await page.keyboard.press("y");
    expect((await decideElsewhere(one, "dismissed")).status).toBe(200);
    await page.locator(row(one)).getByText("Dismissed by development").waitFor();
    await page.getByRole("region", { name: "Undo" }).waitFor({ state: "detached" });

    await page.getByRole("link", { name: "Pending 1" }).waitFor();
    expect(await order()).toEqual([two, one]);
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.locator(row(three)).waitFor();
    await expect.poll(() => order()).toEqual([three]);
    expect(problems).toEqual([]);
    await close();
  });

  it("hides the messages of an independent orchestrator, even those on the screen, until they are asked for", async () => {
    const { id, client, path } = await connect();
    const message = await tell(client, "recommendation", "A secret thought");
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(".msg-text", { hasText: "A secret thought" }).waitFor();
    const independence = `/api/v1/internal/orchestrators/${id}/independence`;
    await dashboard.stack.controller.call("PUT", independence, { is_independent: true });
    await page.locator(row(message)).getByText("This orchestrator operates independently").waitFor();
    await page.locator(".msg-detail").getByText("This orchestrator operates independently").waitFor();
    await expect.poll(() => page.locator("main").textContent()).not.toContain("A secret thought");
    await expectAccessible(page);

    await page.reload();
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByText("1 orchestrator operates independently; its messages are not shown.").waitFor();
    await page.getByRole("switch", { name: "Include independent" }).click();
    await page.locator(".msg-text", { hasText: "A secret thought" }).waitFor();
    await page.getByText("once it no longer operates independently").waitFor();
    await dashboard.stack.controller.call("PUT", independence, { is_independent: false });
    expect(problems).toEqual([]);
    await close();
  });

  it("brings back what the controller refused, with the reason, and tries again", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(row(id)).waitFor();
    await page.route("**/messages/*/status", (route) =>
      route.fulfill({
        status: 503,
        json: {
          success: false,
          message: "The database is not available",
          error: { code: "database_unavailable", request_id: "x", details: [] },
        },
      }),
    );
    await page.keyboard.press("y");
    await page.getByRole("button", { name: "Send now" }).click();
    const alert = page
      .getByRole("alert")
      .filter({ hasText: "1 decision was not taken: The database is not available." });
    await alert.waitFor();
    await page.locator(row(id)).getByText("Not accepted").waitFor();
    await page.getByRole("link", { name: "Pending 1" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/messages/*/status");
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
    await eventually(async () => expect(await statusOf(dashboard.stack, id)).toBe("accepted"));
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("sends at once when the page is left, closed or logged out of, and later when even that failed", async () => {
    const { client, path } = await connect();
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) ids.push(await tell(client, "recommendation", `Message ${index}`));
    const [left, closed, loggedOut, lost] = ids as [string, string, string, string];
    const accept = async (page: Awaited<ReturnType<typeof openSignedIn>>["page"], id: string) => {
      await page.locator(row(id)).click();
      await page.keyboard.press("y");
      await page.locator(`${row(id)}[data-place="waiting"]`).waitFor();
    };
    const expectAccepted = (id: string) =>
      eventually(async () => expect(await statusOf(dashboard.stack, id)).toBe("accepted"), {
        timeoutMs: UNDO_MS - 2000,
      });

    const { page, close } = await openSignedIn(dashboard, path);
    await accept(page, left);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Activity" }).click();
    await expectAccepted(left);

    await page.goto(path);
    await accept(page, closed);
    await page.goto("/docs");
    await expectAccepted(closed);

    await page.goto(path);
    await accept(page, loggedOut);
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await expectAccepted(loggedOut);
    await close();

    const second = await openSignedIn(dashboard, path);
    await accept(second.page, lost);
    const context = second.page.context();
    await context.setOffline(true);
    await second.page.close();
    const third = await context.newPage();
    await context.setOffline(false);
    await third.goto("/docs");
    expect(await statusOf(dashboard.stack, lost)).toBe("pending");
    // As if the next visit were half an hour later.
    await third.evaluate(
      `localStorage.setItem("moolai.decisions", localStorage.getItem("moolai.decisions").replace(/"at":(\\d+)/g, (_, at) => '"at":' + (at - 1_800_000)))`,
    );
    await third.goto(path);
    await expectAccepted(lost);
    await eventually(async () => expect(await third.evaluate(`localStorage.getItem("moolai.decisions")`)).toBeNull());
    await second.close();
  });

  it("sends what the session was too short for after the next login", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, close } = await openSignedIn(dashboard, path);
    await page.locator(row(id)).waitFor();
    await page.keyboard.press("y");
    // As in production: in development this route asks for no credential.
    const unauthorized = { code: "unauthorized", request_id: "x", details: [] };
    await page.route("**/messages/*/status", (route) =>
      route.fulfill({ status: 401, json: { success: false, message: "Log in first", error: unauthorized } }),
    );
    await page.getByRole("button", { name: "Send now" }).click();
    await page.getByText("Your session has ended.").waitFor();
    expect(await statusOf(dashboard.stack, id)).toBe("pending");
    await page.unroute("**/messages/*/status");
    await logIn(page);
    await eventually(async () => expect(await statusOf(dashboard.stack, id)).toBe("accepted"));
    await close();
  });

  it("filters by type, direction, severity and organization, in an address that can be shared", async () => {
    const { id, client, path } = await connect();
    const report = await tell(client, "monitoring_report", "Memory at 91 %", { severity: "CRITICAL" });
    const hint = await tell(client, "recommendation", "Enable the cache", { severity: "low" });
    await dashboard.stack.controller.call("POST", `/api/v1/internal/orchestrators/${id}/messages`, {
      message_type: "recommendation",
      content: "Rotate the keys",
    });
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.getByText("3 messages to decide").waitFor();
    await page.getByLabel("Severity").selectOption("critical");
    await page.locator(row(hint)).waitFor({ state: "detached" });
    await page.locator(row(report)).waitFor();
    await page.getByLabel("Type").selectOption("recommendation");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await expectAccessible(page);
    const shared = await openSignedIn(dashboard, new URL(page.url()).pathname + new URL(page.url()).search);
    await shared.page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await shared.close();
    await page.getByRole("button", { name: "Reset filters" }).first().click();
    await page.getByLabel("Organization", { exact: true }).fill(id);
    await page.getByText("3 messages to decide").waitFor();
    await page.getByLabel("Direction").selectOption("outbound");
    await page.getByText("1 message to decide").waitFor();
    await page.getByRole("heading", { name: `Recommendation to ${id}` }).waitFor();
    await page.getByLabel("Organization", { exact: true }).fill("not an id");
    await page.getByText("No organization can have this id.").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("goes on by polling without a stream", async () => {
    const { client, path } = await connect();
    const first = await tell(client, "recommendation", "One");
    const { page, close } = await openSignedIn(dashboard, path);
    await page.evaluate(`localStorage.setItem("moolai.preferences", '{"pollIntervalSec":5}')`);
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close());
    await page.reload();
    await page.getByRole("status").getByText("Polling").waitFor();
    await page.locator(row(first)).waitFor();
    await tell(client, "recommendation", "Two");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    await page.keyboard.press("y");
    await page.getByRole("button", { name: "Send now" }).click();
    await eventually(async () => expect(await statusOf(dashboard.stack, first)).toBe("accepted"));
    // The button is gone, the focus is not.
    await eventually(async () => expect(await focusedName(page)).toMatch(/^(One|Two)/));
    await page.getByRole("link", { name: "Accepted 1" }).waitFor();
    await page.goto("/logs");
    await page.locator(".log-line", { hasText: `updated to 'accepted'` }).first().waitFor();
    const third = await tell(client, "recommendation", "Three");
    await page.locator(".log-line", { hasText: `Message ${third} created` }).waitFor();
    await close();
  });

  it("lets a viewer look, and says why nothing can be decided", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openAsViewer(dashboard, path);
    await page.locator(row(id)).waitFor();
    await page.getByText("Your role may look, not decide.").waitFor();
    expect(await page.getByRole("button", { name: "Accept" }).getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "Accept" }).dispatchEvent("click");
    await page.keyboard.press("y");
    expect(await page.locator(".msg-check").count()).toBe(0);
    expect(await page.locator(row(id)).getAttribute("data-place")).toBe("open");
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("has no accessibility violations while deciding, selecting and writing", async () => {
    const { client, path } = await connect();
    const first = await tell(client, "recommendation", "One", { severity: "high" });
    await tell(client, "monitoring_report", "Two", { severity: "medium", nested: { a: [1, 2, 3] } });
    const { page, problems, close } = await openSignedIn(dashboard, path);
    await page.locator(row(first)).waitFor();
    await expectAccessible(page);
    await page.locator(row(first)).getByRole("checkbox").click();
    await expectAccessible(page);
    await page.locator(row(first)).getByRole("checkbox").click();
    await page.keyboard.press("y");
    await page.getByRole("region", { name: "Undo" }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press("u");
    await page.getByRole("button", { name: "New message" }).click();
    await page.getByRole("dialog").waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("Name the orchestrator that it goes to.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Orchestrator", { exact: true }).fill("nobody-there");
    await page.getByLabel("Message", { exact: true }).fill("Hello");
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("Not sent:").waitFor();
    await page.keyboard.press("Escape");
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("shows queue and message in turns on a narrow screen", async () => {
    const { id: orchestrator, client, path } = await connect();
    await tell(client, "recommendation", "One");
    const second = await tell(client, "monitoring_report", "Two");
    const { page, problems, close } = await openSignedIn(dashboard, path, { viewport: { width: 390, height: 800 } });
    await page.locator(row(second)).click();
    await page.getByRole("heading", { name: `Monitoring report from ${orchestrator}` }).waitFor();
    await expect.poll(() => page.locator(".msg-queue").isVisible()).toBe(false);
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("message-title");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Back to the queue" }).click();
    await eventually(async () => expect(await focusedName(page)).toContain("Two"));
    await expect.poll(() => page.locator(".msg-detail").isVisible()).toBe(false);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });
});
