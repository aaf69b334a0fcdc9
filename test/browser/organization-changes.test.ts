import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { focusedName, tabTo } from "./focus.ts";
import { openSignedIn, tell } from "./records-support.ts";
import { expectNoDialog } from "./settled.ts";

/** The browser itself reports every answer of 400 and above. */
const ANSWER = /^Failed to load resource: /;

describe("changing an organization", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard?.stop());

  it("changes name and location for admins, by keyboard", async () => {
    await dashboard.stack.register("edit-1", "edit");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/edit");
    const { keyboard } = page;
    await tabTo(page, "Edit name and location");
    await keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Name").selectText();
    await keyboard.press("Delete");
    await keyboard.press("Enter");
    await page.getByText("Enter a name.").waitFor();
    await keyboard.type("Edited");
    await keyboard.press("Tab");
    await keyboard.type("Oslo");
    await keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Edited" }).waitFor();
    await page.locator(".org-axes").getByText("Oslo").waitFor();
    await expect.poll(() => focusedName(page)).toBe("Edit name and location");
    expect(await dashboard.stack.organization("edit")).toMatchObject({ name: "Edited", location: "Oslo" });
    expect(problems).toEqual([]);
    await close();
  });

  it("B30: offers the name that the orchestrator reports, beside the one that was set", async () => {
    const { controller } = dashboard.stack;
    const registration = { orchestrator_id: "offer", name: "Demo Organization", location: "live-demo" };
    await controller.call("POST", "/api/v1/internal/orchestrators/register", registration);
    const own = { hostname: "h", name: "Default Orchestrator", location: "localhost" };
    await openSession(`${controller.wsUrl}/ws`, "offer", own);
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/offer");
    await page.getByRole("heading", { level: 1, name: "Demo Organization" }).waitFor();
    await page.locator(".org-axes").getByText("Default Orchestrator, localhost").waitFor();
    await page.getByRole("button", { name: "Edit name and location" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Use reported name" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Default Orchestrator" }).waitFor();
    expect(await dashboard.stack.organization("offer")).toMatchObject({ location: "live-demo" });
    expect(problems).toEqual([]);
    await close();
  });

  it("B11: shows what somebody else has changed meanwhile, and keeps what was typed", async () => {
    await dashboard.stack.register("both-1", "both");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/both");
    const put = (body: object) => dashboard.stack.controller.call("PUT", "/api/v1/controller/organizations/both", body);
    await page.getByRole("button", { name: "Edit name and location" }).click();
    await page.getByLabel("Name").fill("Mine");
    await put({ name: "Theirs", location: "Oslo" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Someone else changed both in the meantime.").waitFor();
    await page.getByText("Someone else set this to Theirs.").waitFor();
    expect(await page.getByLabel("Name").inputValue()).toBe("Mine");
    expect(await page.getByLabel("Location").inputValue()).toBe("Oslo");
    await expectAccessible(page);
    expect(await dashboard.stack.organization("both")).toMatchObject({ name: "Theirs", location: "Oslo" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
    expect(await dashboard.stack.organization("both")).toMatchObject({ name: "Mine", location: "Oslo" });
    // Sent is only what was changed: another's location stands, although this dialog has shown an older one.
    await page.getByRole("button", { name: "Edit name and location" }).click();
    await page.getByLabel("Location").fill("Bergen");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".org-axes").getByText("Bergen").waitFor();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("turns into a tombstone when the organization is deleted while it is open", async () => {
    await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "tomb-1");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/tomb-1");
    await page.locator(".orch").waitFor();
    await dashboard.stack.controller.call("DELETE", "/api/v1/internal/orchestrators/tomb-1/deregister");
    await page.getByRole("heading", { name: "tomb-1 was deleted" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "View audit log" }).click();
    await page.getByRole("table").getByText("orchestrator.deregister").first().waitFor();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("deregisters one orchestrator by mouse, and deletes the organization by keyboard", async () => {
    for (const id of ["gone-a", "gone-b"]) await dashboard.stack.register(id, "gone");
    const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "gone-a");
    await tell(client, "recommendation", "Enable the cache");
    const { page, problems, close } = await openSignedIn(dashboard, "/organizations/gone/danger");
    const { keyboard } = page;
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Deregister gone-a" }).click();
    await dialog.getByText("The connection of gone-a is closed.").waitFor();
    await dialog.getByText("1 message is deleted.").waitFor();
    await expect.poll(() => focusedName(page)).toBe("Cancel");
    await expectAccessible(page);
    const confirm = dialog.getByRole("button", { name: "Deregister gone-a" });
    const asked: string[] = [];
    page.on("request", (request) => request.method() === "DELETE" && asked.push(request.url()));
    await confirm.click({ force: true });
    await dialog.getByRole("textbox").fill("gone-a");
    expect(asked).toEqual([]);
    await confirm.click();
    await expectNoDialog(page);
    expect(asked).toHaveLength(1);
    expect((await client.closedWithin(15_000)).code).toBe(4404);
    await page.getByRole("button", { name: "Deregister gone-a" }).waitFor({ state: "detached" });
    expect(await dashboard.stack.instance("gone-a")).toBeNull();

    await expect.poll(() => focusedName(page)).toBe("Deregister orchestrators");
    await tabTo(page, "Deregister gone-b");
    await tabTo(page, "Delete gone…");
    await keyboard.press("Enter");
    await dialog.getByText("1 orchestrator is deregistered and can no longer connect.").waitFor();
    // The cross comes after Cancel, around the end of the dialog; the field is before it.
    await keyboard.press("Shift+Tab");
    await keyboard.type("gone");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "gone was deleted" }).waitFor();
    await expect.poll(() => focusedName(page)).toBe("gone was deleted");
    await expect.poll(() => dashboard.stack.organization("gone")).toBeNull();
    expect(problems.filter((text) => !ANSWER.test(text))).toEqual([]);
    await close();
  });

  it("keeps the dialog open with the reason when the controller refuses", async () => {
    await dashboard.stack.register("kept-1", "kept");
    const { page, close } = await openSignedIn(dashboard, "/organizations/kept/danger");
    await page.route("**/controller/organizations/kept", (route) =>
      route.request().method() === "DELETE" ? route.abort() : route.fallback(),
    );
    await page.getByRole("button", { name: "Delete kept…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("kept");
    await dialog.getByRole("button", { name: "Delete kept", exact: true }).click();
    await dialog.getByText("The controller is not responding. The result is unknown").waitFor();
    expect(await dashboard.stack.organization("kept")).not.toBeNull();
    await close();
  });
});
