import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";

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
    await page.getByRole("link", { name: "Connect a wall screen" }).click();
    await page.getByLabel("Read-only token").fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("This token cannot be used here.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Read-only token").fill((await newToken()).token);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("1 orchestrator, 1 connected").waitFor();
    await close();
  });

  it("B28 sibling: says when another tab has logged in as somebody else, in either direction", async () => {
    const { token, keyId } = await newToken();
    const { page, close } = await dashboard.open(`/wall#token=${token}`);
    await page.getByText("1 orchestrator, 1 connected").waitFor();
    const other = await page.context().newPage();
    await other.goto(`${new URL(page.url()).origin}/login`);
    await logIn(other);
    await page.getByRole("heading", { name: /^This browser is now logged in as / }).waitFor();
    expect(await page.getByText("1 orchestrator, 1 connected").count()).toBe(0);

    await other.getByText("1 orchestrator, 1 connected").waitFor();
    await page.goto(`/wall#token=${token}`);
    await other.getByRole("heading", { name: `This browser is now logged in as wall (${keyId})` }).waitFor();
    await close();
  });

  it("offers neither a password nor an end of other screens", async () => {
    const { page, close } = await dashboard.open(`/wall?next=%2Fsettings#token=${(await newToken()).token}`);
    await page.getByRole("button", { name: "Log out of this browser" }).waitFor();
    expect(await page.getByRole("heading", { name: "Password" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: /Log out everywhere/ }).count()).toBe(0);
    await expectAccessible(page);
    await close();
  });
});
