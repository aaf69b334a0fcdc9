import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
  dashboard.connect("wall-org");
});

afterAll(() => dashboard?.stop());

async function newToken() {
  const body = { name: "wall", scopes: ["read"], organizations: null };
  const answer = await dashboard.stack.controller.call("POST", "/api/v1/controller/api-tokens", body);
  return { token: String(answer.body.data?.api_token), keyId: String(answer.body.data?.key_id) };
}

describe("a wall screen", () => {
  it("B36: shows the overview with a read-only token, and the login once that is revoked, which leads back", async () => {
    const { token, keyId } = await newToken();
    const { page, close } = await dashboard.open(`/wall?next=%2Factivity#token=${token}`);
    await page.getByRole("heading", { name: "Activity" }).waitFor();
    expect(await page.evaluate("location.href")).not.toContain("mct_");
    await page.goto("/");
    await page.getByText("1 orchestrator, 1 connected").waitFor();

    await dashboard.stack.controller.call("DELETE", `/api/v1/controller/api-tokens/${keyId}`);
    await page.getByText("Your session has ended.").waitFor();
    expect(await page.getByText("1 orchestrator, 1 connected").count()).toBe(0);
    await page.getByRole("link", { name: "Sign in with a read-only token" }).click();
    await page.getByLabel("Read-only token").fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("This token cannot be used here.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Read-only token").fill((await newToken()).token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("1 orchestrator, 1 connected").waitFor();
    await close();
  });
});
