import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { expectNoSideScroll } from "./settled.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
  const { controller, database } = dashboard.stack;
  await controller.call("POST", "/api/v1/internal/orchestrators/register", { orchestrator_id: "clock-silent" });
  for (const table of ["organizations", "orchestrator_instances"]) {
    await database.query(`UPDATE ${table} SET last_seen = now() - interval '7 minutes'
                          WHERE organization_id = 'clock-silent'`);
  }
  dashboard.connect("clock-beating");
  await eventually(async () => {
    const [row] = await database.query("SELECT last_seen FROM organizations WHERE organization_id = 'clock-beating'");
    expect(row).toMatchObject({ last_seen: expect.anything() });
  });
});

afterAll(() => dashboard?.stop());

/** The page on a computer whose clock is off by so much. */
async function openOff(offMs: number, path: string, options = {}) {
  const screen = await dashboard.open("/login", options);
  await screen.page.addInitScript(`{ const right = Date.now; Date.now = () => right() + ${offMs}; }`);
  await screen.page.goto(`/login?next=${encodeURIComponent(path)}`);
  await logIn(screen.page);
  return screen;
}

const CLOCKS: [what: string, offMs: number, words: string | null][] = [
  ["fast", 600_000, "10 min fast"],
  ["slow", -600_000, "10 min slow"],
  ["right", 0, null],
];

describe("a computer whose clock is wrong", () => {
  it.each(CLOCKS)(
    "B15: finds by `seen:>5m` the silent one and not the beating one (%s)",
    async (_what, offMs, words) => {
      const { page, problems, close } = await openOff(offMs, "/organizations?q=seen:>5m");
      for (let visit = 0; visit < 2; visit += 1) {
        await page.locator('tr[data-id="clock-silent"]').waitFor();
        expect(await page.locator("tr[data-id]").count()).toBe(1);
        const notice = page.getByText("This computer’s clock is");
        if (words === null) expect(await notice.count()).toBe(0);
        else expect(await notice.textContent()).toContain(`${words}. Times on this page use the controller’s clock.`);
        // Loaded with a session that is there already, the page asks before it has been told the time by a login.
        if (visit === 0) await page.reload();
      }
      expect(problems).toEqual([]);
      await close();
    },
  );

  it("B15 sibling: says so once, and shows ages and the heartbeat strip by the controller's clock", async () => {
    const { page, close } = await openOff(600_000, "/organizations/clock-beating", {
      viewport: { width: 360, height: 740 },
    });
    await page.getByText("clock is 10 min fast").waitFor();
    await page.getByRole("heading", { level: 1, name: /clock-beating/ }).waitFor();
    await expectAccessible(page);
    await expectNoSideScroll(page);
    await page
      .getByText(/^(now|\d+ s ago)$/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.reload();
    await page
      .getByRole("heading", { name: /clock-beating/ })
      .first()
      .waitFor();
    expect(await page.getByText("clock is 10 min fast").count()).toBe(0);
    await close();
  });
});
