import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { logIn } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { messageRow, useQueues } from "./messages-support.ts";
import { openSignedIn, statusOf, tell } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;
const UNDO_MS = 8000;

describe("deciding messages", () => {
  const queues = useQueues();
  const { connect } = queues;

  it("shows what orchestrators say as text, and tells them what was accepted after the time of an undo, by mouse", async () => {
    const { id, client, path } = await connect();
    const evil = '<img src=x onerror="document.title=1"> <b>bold</b>\n\u202Etxt.exe';
    const first = await tell(client, "monitoring_report", evil, { severity: "High", value: 91 });
    const second = await tell(client, "recommendation", "Enable the cache", { severity: "low" });
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(first)).click();
    const detail = page.locator(".msg-detail");
    await detail.getByRole("heading", { name: `Monitoring report from ${id}` }).waitFor();
    expect(await detail.locator(".msg-text").textContent()).toBe(evil.replace("\u202E", "\\u202e"));
    expect(await page.locator("main img").count()).toBe(0);
    await detail.getByText("High", { exact: true }).waitFor();
    expect(await detail.locator("pre").last().textContent()).toContain('"value": 91');
    await detail.getByText(`${id} receives your decision at once.`).waitFor();
    expect(await detail.locator("dd", { hasText: id }).nth(1).getByRole("link").getAttribute("href")).toBe(
      `/organizations/${id}`,
    );

    let sentAt = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/status")) sentAt = Date.now();
    });
    await page.locator(messageRow(second)).click();
    const decidedAt = Date.now();
    await detail.getByRole("button", { name: "Accept" }).click();
    await page.locator(messageRow(second)).getByText("Accepted, sending in").waitFor();
    await detail.getByRole("heading", { name: `Monitoring report from ${id}` }).waitFor();
    await page.getByRole("link", { name: "Accepted 1" }).waitFor();

    const told = await client.next("message_status", UNDO_MS + 10_000);
    expect(told).toMatchObject({ message_id: second, status: "accepted" });
    expect(sentAt - decidedAt).toBeGreaterThanOrEqual(UNDO_MS);
    await expect.poll(() => statusOf(queues.dashboard.stack, second)).toBe("accepted");
    expect(await statusOf(queues.dashboard.stack, first)).toBe("pending");
    await page.locator(messageRow(second)).getByText("Accepted by you").waitFor();

    await page.getByRole("button", { name: "Remove 1 decided" }).click();
    await page.locator(messageRow(second)).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Accepted 1" }).click();
    await page.locator(messageRow(second)).getByText("Accepted by superadmin").waitFor();
    expect(await page.getByRole("button", { name: "Accept", exact: true }).count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("sends nothing that was undone", async () => {
    const { client, path } = await connect();
    const later = await tell(client, "recommendation", "Enable the firewall");
    const undone = await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(undone)).click();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText("Dismissed 1 message, sending in").waitFor();
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await page.getByRole("region", { name: "Undo" }).waitFor({ state: "detached" });
    // Decided after it and sent by itself: by then the other one would have been, too.
    await page.locator(messageRow(later)).click();
    await page.getByRole("button", { name: "Accept" }).click();
    expect(await client.next("message_status", UNDO_MS + 10_000)).toMatchObject({ message_id: later });
    expect(client.received("message_status")).toHaveLength(1);
    expect(await statusOf(queues.dashboard.stack, undone)).toBe("pending");
    expect(problems).toEqual([]);
    await close();
  });

  it("does all of it by keyboard alone, with the focus where the work is", async () => {
    const { id: orchestrator, client, path } = await connect();
    const ids: string[] = [];
    for (const content of ["one", "two", "three"])
      ids.unshift(await tell(client, "recommendation", `Message ${content}`));
    const [third, second, first] = ids as [string, string, string];
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(first)).waitFor();
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
    await page.locator(`${messageRow(second)}[data-place="open"]`).waitFor();
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await keyboard.press("u");
    await page.locator(`${messageRow(third)}[data-place="open"]`).waitFor();
    await eventually(async () => expect(await focusedName(page)).toContain("Message three"));

    // The same with the buttons: the focus stays on them.
    await keyboard.press("ArrowDown");
    await eventually(async () => expect(await focusedName(page)).toContain("Message two"));
    await tabTo(page, "Accept");
    await keyboard.press("Enter");
    await page.locator(`${messageRow(second)}[data-place="waiting"]`).waitFor();
    await expect.poll(() => focusedName(page)).toContain("Accept");
    await keyboard.press("u");
    await page.locator(`${messageRow(second)}[data-place="open"]`).waitFor();

    await keyboard.press("x");
    await keyboard.press("j");
    await keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    await keyboard.press("n");
    await page.getByText("Dismissed 2 messages, sending in").waitFor();
    for (const id of [first, second]) await expect.poll(() => statusOf(queues.dashboard.stack, id)).toBe("dismissed");
    expect(await statusOf(queues.dashboard.stack, third)).toBe("pending");

    await keyboard.press("c");
    await page.getByRole("dialog", { name: "New message" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("Orchestrator");
    await keyboard.type(orchestrator);
    await keyboard.press("Tab");
    await page.getByLabel("Message", { exact: true }).focus();
    await keyboard.type("Rotate the keys");
    await tabTo(page, "Send message");
    await keyboard.press("Enter");
    await page
      .getByRole("region", { name: "Notifications" })
      .getByText(`Message sent to ${orchestrator}. Its next heartbeat confirms delivery.`)
      .waitFor();
    expect(await client.next("message")).toMatchObject({ data: { content: "Rotate the keys" } });
    await expectNoDialog(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("decides many at one stroke, with one undo for all of them", async () => {
    const { client, path } = await connect();
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) ids.unshift(await tell(client, "monitoring_report", `Report ${index}`));
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    const box = (index: number) => page.locator(messageRow(ids[index] ?? "")).getByRole("checkbox");
    await box(1).click();
    await box(4).click({ modifiers: ["Shift"] });
    await page.getByText("4 selected").waitFor();
    await page.locator(".msg-queue-head").getByRole("button", { name: "Accept" }).click();
    await page.getByText("Accepted 4 messages, sending in").waitFor();
    await page.getByRole("region", { name: "Undo" }).getByRole("button", { name: "Undo" }).click();
    await page.getByText("6 messages pending").waitFor();

    await page.getByRole("checkbox", { name: "Select all" }).click();
    await page.locator(".msg-queue-head").getByRole("button", { name: "Dismiss" }).click();
    await page.getByRole("button", { name: "Send now" }).click();
    await page.getByRole("heading", { name: "No matching messages" }).waitFor();
    for (const id of ids) expect(await statusOf(queues.dashboard.stack, id)).toBe("dismissed");
    expect(problems).toEqual([]);
    await close();
  });

  it("brings back what the controller refused, with the reason, and tries again", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(id)).waitFor();
    await page.route("**/messages/*/status", (route) =>
      route.fulfill({
        status: 503,
        json: {
          success: false,
          message: "The database is not available",
          error: { code: "database_unavailable", accepted: false, request_id: "x", details: [] },
        },
      }),
    );
    await page.keyboard.press("y");
    await page.getByRole("button", { name: "Send now" }).click();
    const alert = page
      .getByRole("alert")
      .filter({ hasText: "1 decision was not saved: The database is not available." });
    await alert.waitFor();
    await page.locator(messageRow(id)).getByText("Not accepted").waitFor();
    await page.getByRole("link", { name: "Pending 1" }).waitFor();
    await expectAccessible(page);
    await page.unroute("**/messages/*/status");
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
    await eventually(async () => expect(await statusOf(queues.dashboard.stack, id)).toBe("accepted"));
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("sends at once when the page is left, closed or logged out of, and later when even that failed", async () => {
    const { client, path } = await connect();
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) ids.push(await tell(client, "recommendation", `Message ${index}`));
    const [left, closed, loggedOut, lost] = ids as [string, string, string, string];
    const accept = async (page: Awaited<ReturnType<typeof openSignedIn>>["page"], id: string) => {
      await page.locator(messageRow(id)).click();
      await page.keyboard.press("y");
      await page.locator(`${messageRow(id)}[data-place="waiting"]`).waitFor();
    };
    const expectAccepted = (id: string) =>
      eventually(async () => expect(await statusOf(queues.dashboard.stack, id)).toBe("accepted"), {
        timeoutMs: UNDO_MS - 2000,
      });

    const { page, close } = await openSignedIn(queues.dashboard, path);
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

    const second = await openSignedIn(queues.dashboard, path);
    await accept(second.page, lost);
    const context = second.page.context();
    await context.setOffline(true);
    await second.page.close();
    const third = await context.newPage();
    await context.setOffline(false);
    await third.goto("/docs");
    expect(await statusOf(queues.dashboard.stack, lost)).toBe("pending");
    // As if the next visit were half an hour later.
    const kept = () => third.evaluate(`localStorage.getItem("moolai.decisions")`);
    await expect.poll(kept).not.toBeNull();
    await third.evaluate(
      `localStorage.setItem("moolai.decisions", localStorage.getItem("moolai.decisions").replace(/"at":(\\d+)/g, (_, at) => '"at":' + (at - 1_800_000)))`,
    );
    await third.goto(path);
    await expectAccepted(lost);
    await expect.poll(kept).toBeNull();
    await second.close();
  });

  it("sends what the session was too short for after the next login", async () => {
    const { client, path } = await connect();
    const id = await tell(client, "recommendation", "Enable the cache");
    const { page, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(id)).waitFor();
    // As in production: in development this route asks for no credential.
    const unauthorized = { code: "unauthorized", request_id: "x", details: [] };
    await page.route("**/messages/*/status", (route) =>
      route.fulfill({ status: 401, json: { success: false, message: "Log in first", error: unauthorized } }),
    );
    await page.keyboard.press("y");
    await page.getByRole("button", { name: "Send now" }).click();
    await page.getByText("Your session has ended.").waitFor();
    expect(await statusOf(queues.dashboard.stack, id)).toBe("pending");
    await page.unroute("**/messages/*/status");
    await logIn(page);
    await eventually(async () => expect(await statusOf(queues.dashboard.stack, id)).toBe("accepted"));
    await close();
  });
});
