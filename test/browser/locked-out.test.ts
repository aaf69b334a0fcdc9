import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { expectNoSideScroll } from "./settled.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});

afterAll(() => dashboard?.stop());

describe("somebody who is locked out", () => {
  it("B32: is told for how long, and is let in again when an admin lifts it on the users page", async () => {
    const fail = () =>
      dashboard.stack.controller.call(
        "POST",
        "/api/v1/internal/auth/login",
        { username: "ada", password: "wrong" },
        { bearer: null, headers: { "CF-Connecting-IP": "203.0.113.7" } },
      );
    for (let index = 0; index < 5; index += 1) expect((await fail()).status).toBe(401);
    expect((await fail()).body.message).toBe("Too many failed attempts. Try again in 15 minutes");

    const { page, problems, close } = await dashboard.open("/login?next=%2Fusers", {
      viewport: { width: 360, height: 740 },
    });
    await logIn(page);
    const panel = page.getByRole("region", { name: "Locked out" });
    await panel.getByText(/^ada from 203\.0\.113\.7 until \d\d:\d\d:\d\d after 5 failed attempts$/).waitFor();
    await expectAccessible(page);
    await expectNoSideScroll(page);
    await panel.getByRole("button", { name: "Unlock ada from 203.0.113.7" }).click();
    await page.getByText("ada can log in from 203.0.113.7 again").first().waitFor();
    await panel.waitFor({ state: "detached" });
    expect((await fail()).status).toBe(401);
    expect(problems).toEqual([]);
    await close();
  });
});
