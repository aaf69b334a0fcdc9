import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { focusedName } from "./focus.ts";
import { messageRow, useQueues } from "./messages-support.ts";
import { openAsViewer, openSignedIn, setIndependence, statusOf, tell } from "./records-support.ts";
import { expectNoSideScroll } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("the message queue", () => {
  const queues = useQueues();
  const { connect } = queues;

  it("counts new messages, greys out what others decide and says who, and moves nothing", async () => {
    const decideElsewhere = (id: string, status: string) =>
      queues.dashboard.stack.controller.call("PUT", `/api/v1/internal/messages/${id}/status`, { status });
    const { client, path } = await connect();
    const one = await tell(client, "recommendation", "One");
    const two = await tell(client, "recommendation", "Two");
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    const order = async () =>
      await page.locator(".msg-row").evaluateAll((rows) => rows.map((each) => each.getAttribute("data-id")));
    await expect.poll(order).toEqual([two, one]);

    const three = await tell(client, "recommendation", "Three");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    expect(await order()).toEqual([two, one]);
    expect((await decideElsewhere(two, "dismissed")).status).toBe(200);
    await page.locator(messageRow(two)).getByText("Dismissed by development").waitFor();
    expect(await order()).toEqual([two, one]);

    // Decided elsewhere while it waits here: the first decision stands, and nothing is sent any more.
    await page.locator(messageRow(one)).click();
    await page.keyboard.press("y");
    expect((await decideElsewhere(one, "dismissed")).status).toBe(200);
    await page.locator(messageRow(one)).getByText("Dismissed by development").waitFor();
    await page.getByRole("region", { name: "Undo" }).waitFor({ state: "detached" });

    await page.getByRole("link", { name: "Pending 1" }).waitFor();
    expect(await order()).toEqual([two, one]);
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.locator(messageRow(three)).waitFor();
    await expect.poll(() => order()).toEqual([three]);
    expect(problems).toEqual([]);
    await close();
  });

  it("hides the messages of an independent orchestrator, even those on the screen, until they are asked for", async () => {
    const { id, client, path } = await connect();
    const message = await tell(client, "recommendation", "A secret thought");
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(".msg-text", { hasText: "A secret thought" }).waitFor();
    await setIndependence(queues.dashboard, id, true);
    await page.locator(messageRow(message)).getByText("This orchestrator operates independently").waitFor();
    await page.locator(".msg-detail").getByText("This orchestrator operates independently").waitFor();
    await expect.poll(() => page.locator("main").textContent()).not.toContain("A secret thought");
    await expectAccessible(page);

    await page.reload();
    await page.getByRole("heading", { name: "No matching messages" }).waitFor();
    await page.getByText("1 orchestrator operates independently; its messages are hidden.").waitFor();
    await page.getByRole("switch", { name: "Include independent" }).click();
    await page.locator(".msg-text", { hasText: "A secret thought" }).waitFor();
    await page.getByText("when it is managed again").waitFor();
    await setIndependence(queues.dashboard, id, false);
    expect(problems).toEqual([]);
    await close();
  });

  it("filters by type, direction, severity and organization, in an address that can be shared", async () => {
    const { id, client, path } = await connect();
    const report = await tell(client, "monitoring_report", "Memory at 91 %", { severity: "CRITICAL" });
    const hint = await tell(client, "recommendation", "Enable the cache", { severity: "low" });
    await queues.dashboard.stack.controller.call("POST", `/api/v1/internal/orchestrators/${id}/messages`, {
      message_type: "recommendation",
      content: "Rotate the keys",
    });
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.getByText("3 messages pending").waitFor();
    await page.getByLabel("Severity").selectOption("critical");
    await page.locator(messageRow(hint)).waitFor({ state: "detached" });
    await page.locator(messageRow(report)).waitFor();
    await page.getByLabel("Type").selectOption("recommendation");
    await page.getByRole("heading", { name: "No matching messages" }).waitFor();
    await expectAccessible(page);
    await expect.poll(() => new URL(page.url()).searchParams.get("type")).toBe("recommendation");
    const shared = await openSignedIn(queues.dashboard, page.url().slice(queues.dashboard.stack.controller.url.length));
    await shared.page.getByRole("heading", { name: "No matching messages" }).waitFor();
    await shared.close();
    await page.getByRole("button", { name: "Reset filters" }).first().click();
    await page.getByLabel("Organization", { exact: true }).fill(id);
    await page.getByText("3 messages pending").waitFor();
    await page.getByLabel("Direction").selectOption("outbound");
    await page.getByText("1 message pending").waitFor();
    await page.getByRole("heading", { name: `Recommendation to ${id}` }).waitFor();
    await page.getByLabel("Organization", { exact: true }).fill("not an id");
    await page.getByText("This is not a valid organization ID.").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("goes on by polling without a stream", async () => {
    const { client, path } = await connect();
    const first = await tell(client, "recommendation", "One");
    const { page, close } = await openSignedIn(queues.dashboard, path);
    await page.evaluate(`localStorage.setItem("moolai.preferences", '{"pollIntervalSec":5}')`);
    await page.routeWebSocket("**/api/v1/stream*", (socket) => socket.close());
    await page.reload();
    await page.getByRole("status").getByText("Polling").waitFor();
    await page.locator(messageRow(first)).waitFor();
    await tell(client, "recommendation", "Two");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    await page.keyboard.press("y");
    await page.getByRole("button", { name: "Send now" }).click();
    await eventually(async () => expect(await statusOf(queues.dashboard.stack, first)).toBe("accepted"));
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
    const { page, problems, close } = await openAsViewer(queues.dashboard, path);
    await page.locator(messageRow(id)).waitFor();
    await page.getByText("Your role is read-only.").waitFor();
    expect(await page.getByRole("button", { name: "Accept" }).getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "Accept" }).dispatchEvent("click");
    await page.keyboard.press("y");
    expect(await page.locator(".msg-check").count()).toBe(0);
    expect(await page.locator(messageRow(id)).getAttribute("data-place")).toBe("open");
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });

  it("has no accessibility violations while deciding, selecting and writing", async () => {
    const { client, path } = await connect();
    const first = await tell(client, "recommendation", "One", { severity: "high" });
    await tell(client, "monitoring_report", "Two", { severity: "medium", nested: { a: [1, 2, 3] } });
    const { page, problems, close } = await openSignedIn(queues.dashboard, path);
    await page.locator(messageRow(first)).waitFor();
    await expectAccessible(page);
    await page.locator(messageRow(first)).getByRole("checkbox").click();
    await expectAccessible(page);
    await page.locator(messageRow(first)).getByRole("checkbox").click();
    await page.keyboard.press("y");
    await page.getByRole("region", { name: "Undo" }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press("u");
    await page.getByRole("button", { name: "New message" }).click();
    await page.getByRole("dialog").waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("Enter the recipient's orchestrator ID.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Orchestrator", { exact: true }).fill("nobody-there");
    await page.getByLabel("Message", { exact: true }).fill("Hello");
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("The message was not sent.").waitFor();
    await page.keyboard.press("Escape");
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("shows queue and message in turns on a narrow screen", async () => {
    const { id: orchestrator, client, path } = await connect();
    await tell(client, "recommendation", "One");
    const second = await tell(client, "monitoring_report", "Two");
    const { page, problems, close } = await openSignedIn(queues.dashboard, path, {
      viewport: { width: 390, height: 800 },
    });
    await page.locator(messageRow(second)).click();
    await page.getByRole("heading", { name: `Monitoring report from ${orchestrator}` }).waitFor();
    await expect.poll(() => page.locator(".msg-queue").isVisible()).toBe(false);
    await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe("message-title");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Back to messages" }).click();
    await eventually(async () => expect(await focusedName(page)).toContain("Two"));
    await expect.poll(() => page.locator(".msg-detail").isVisible()).toBe(false);
    await expectNoSideScroll(page);
    await expectAccessible(page);
    expect(problems).toEqual([]);
    await close();
  });
});
