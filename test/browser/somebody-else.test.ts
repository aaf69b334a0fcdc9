import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, type Screen, startDashboard } from "./dashboard.ts";
import { messageRow } from "./messages-support.ts";
import { statusOf, tell } from "./records-support.ts";

const PASSWORD = "correct horse battery";
const UNDO_MS = 8000;

describe("another tab of the same browser logs in as somebody else", () => {
  let dashboard: Dashboard;
  let client: RawClient;

  beforeAll(async () => {
    dashboard = await startDashboard();
    const { url, ownerUrl, endpoint } = dashboard.stack.database;
    for (const username of ["ada", "cyd"]) {
      const user = { username, role: "operator" as const, organizations: [], password: PASSWORD };
      await createUser({ url, ownerUrl, endpoint }, user);
    }
    client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "two-people");
  });

  afterAll(async () => {
    client?.kill();
    await dashboard?.stop();
  });

  async function openAs(username: string, path: string, script?: string): Promise<Screen> {
    const screen = await dashboard.open("/login");
    if (script !== undefined) await screen.page.addInitScript(script);
    await screen.page.goto(`/login?next=${encodeURIComponent(path)}`);
    await logIn(screen.page, username, PASSWORD);
    await screen.page.getByRole("heading", { level: 1 }).waitFor();
    return screen;
  }

  async function logInElsewhere({ page }: Screen, username: string) {
    const other = await page.context().newPage();
    await other.goto("/login");
    await logIn(other, username, PASSWORD);
    return other;
  }

  it("B28: the page notices at once, puts away what it showed, and goes on as the other person", async () => {
    const screen = await openAs("ada", "/settings");
    await logInElsewhere(screen, "cyd");
    const { page } = screen;
    await page.getByRole("heading", { name: "This browser is now logged in as cyd" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Main" }).count()).toBe(0);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Continue as cyd" }).click();
    await page.getByRole("button", { name: "Account of cyd" }).waitFor();
    await screen.close();
  });

  it("B28: a decision of the first person is never sent as the other one", async () => {
    // Without word from the other tab it is the next answer that tells.
    const deaf = "window.BroadcastChannel = class { postMessage() {} close() {} };";
    const screen = await openAs("ada", "/messages?organization=two-people", deaf);
    const { page } = screen;
    const body = { username: "cyd", password: PASSWORD };
    const login = await dashboard.stack.controller.call("POST", "/api/v1/internal/auth/login", body);
    const token = String(login.body.user?.token);
    const [ofAda] = await page.context().cookies();
    if (!ofAda) throw new Error("ada has no cookie");
    const message = await tell(client, "recommendation", "Enable the cache");
    await page.locator(messageRow(message)).click();
    await page.getByRole("button", { name: "Accept", exact: true }).click();
    // What a login in another tab leaves, within the time of the undo.
    await page.context().addCookies([{ ...ofAda, value: token }]);
    await page.getByRole("heading", { name: "This browser is now logged in as cyd" }).waitFor({ timeout: 30_000 });
    await page.waitForTimeout(UNDO_MS + 2000);
    expect(await statusOf(dashboard.stack, message)).toBe("pending");
    const audit = await dashboard.stack.database.query("SELECT actor FROM activity_logs WHERE action LIKE 'message.%'");
    expect(audit.map(({ actor }) => actor)).not.toContain("user:cyd");
    await screen.close();
  });

  it("B28 sibling: logging out in another tab is noticed at once", async () => {
    const screen = await openAs("ada", "/settings");
    const other = await logInElsewhere(screen, "ada");
    await other.getByRole("button", { name: "Account of ada" }).click();
    await other.getByRole("menuitem", { name: "Log out" }).click();
    await screen.page.getByText("Your session has ended.").waitFor({ timeout: 10_000 });
    await screen.close();
  });
});
