import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { handshake, openSession, RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { openSignedIn } from "./records-support.ts";

describe("a refused connection in the list of what needs attention", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard?.stop());

  it("B23: says who knocks, why and how often, and admits it with one action", async () => {
    const { controller } = dashboard.stack;
    const id = "gone-1";
    await controller.call("POST", "/api/v1/internal/orchestrators/register", { orchestrator_id: id });
    await controller.call("DELETE", `/api/v1/internal/orchestrators/${id}/deregister`);
    const knock = async () => {
      const client = await RawClient.open(`${controller.wsUrl}/ws`);
      client.send(handshake(id));
      expect((await client.closedWithin(15_000)).code).toBe(4404);
    };
    await knock();
    await eventually(async () => {
      const { body } = await controller.call("GET", "/api/v1/controller/attention");
      expect(body.data).toMatchObject({ total: 1 });
    });
    const { page, problems, close } = await openSignedIn(dashboard, "/");
    const row = page.locator(".attention-row", { hasText: id });
    await row.getByText(/Deregistered, but keeps connecting – .*1 time/).waitFor();
    await expectAccessible(page);
    await row.getByRole("button", { name: "Register again" }).click();
    const dialog = page.getByRole("dialog", { name: `Register ${id} again?` });
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Register", exact: true }).click();
    const notes = page.getByRole("region", { name: "Notifications" });
    await notes.getByText(`${id} registered. It is accepted at its next connection`).waitFor();
    await row.getByRole("button", { name: "Register again" }).waitFor({ state: "detached" });
    const client = await openSession(`${controller.wsUrl}/ws`, id);
    client.kill();
    expect(problems).toEqual([]);
    await close();
  });
});
