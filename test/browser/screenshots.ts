import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { build } from "../../scripts/lib/build-assets.ts";
import { projectPath, runMain } from "../../scripts/lib/project.ts";
import { eventually } from "../support/eventually.ts";
import { type Dashboard, expectBadge, logIn, startDashboard } from "./dashboard.ts";

const FOLDER = projectPath("screenshots");
const WIDTHS = [1440, 390];
const HEIGHT = 900;
const NAMES = ["Acme Robotics", "Blue Harbour Bank", "Cedar Health", "Delta Freight", "Elm Street Media"];
const CITIES = ["Frankfurt", "Dublin", "Singapore", "São Paulo"];

/** Writes every page and state as PNG, light and dark, wide and narrow, to `screenshots/`. */
await runMain(async () => {
  await build("silent");
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const dashboard = await startDashboard();
  try {
    await take(dashboard);
  } finally {
    await dashboard.stop();
  }
  console.log(`Written to ${FOLDER}`);
});

async function take(dashboard: Dashboard): Promise<void> {
  const { page } = await dashboard.open("/", { viewport: { width: 1440, height: HEIGHT } });
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await shoot(page, "login");
  await page.getByLabel("Name").fill("nobody");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("Name or password is wrong.").waitFor();
  await shoot(page, "login-wrong");
  await logIn(page);
  await page.getByRole("heading", { name: "No organizations yet" }).waitFor();
  await shoot(page, "organizations-empty");

  await page.route("**/api/v1/controller/organizations?*", () => {});
  await page.reload();
  await page.locator(".skeleton-row").first().waitFor();
  await shoot(page, "organizations-loading");
  await page.unroute("**/api/v1/controller/organizations?*");

  await fill(dashboard);
  await page.goto("/organizations");
  await expectBadge(page, "org-002", "active");
  await expectBadge(page, "org-003", "independent");
  await expectBadge(page, "org-012", "inactive");
  await shoot(page, "organizations");
  await page.goto("/organizations?open=org-002,org-003");
  await page.getByText("This orchestrator operates independently.").waitFor();
  await page.locator('.card[data-id="org-002-b"]').waitFor();
  await shoot(page, "organizations-open");
  await page.getByRole("switch", { name: "Independence mode of org-002-b" }).click();
  await page.getByRole("dialog").waitFor();
  await shoot(page, "independence");
  await page.keyboard.press("Escape");
  await page.locator('.org[data-id="org-001"] .moment').hover();
  await shoot(page, "organizations-exact-time");
  await page.getByLabel("Search organizations").fill("nowhere");
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  await shoot(page, "organizations-no-match");
  await page.goto("/organizations");
  await expectBadge(page, "org-002", "active");
  await page.context().setOffline(true);
  await page.getByText("The controller does not answer.").waitFor();
  await shoot(page, "organizations-offline");
  await page.context().setOffline(false);
  await page.goto("/nowhere");
  await page.getByRole("heading", { name: "This page does not exist" }).waitFor();
  await shoot(page, "not-found");
  await page.goto("/docs");
  await page.locator(".opblock").first().waitFor();
  await shoot(page, "docs");
}

/** 40 organizations in every state, one with several orchestrators. */
async function fill(dashboard: Dashboard): Promise<void> {
  const { controller } = dashboard.stack;
  for (let number = 40; number >= 1; number -= 1) {
    const id = `org-${String(number).padStart(3, "0")}`;
    const body = { orchestrator_id: id, organization_id: id, ...profileOf(id) };
    await controller.call("POST", "/api/v1/internal/orchestrators/register", body);
  }
  for (const id of ["org-002-b", "org-002-c"]) await dashboard.stack.register(id, "org-002");
  const connected = ["org-001", "org-002", "org-002-b", "org-003", "org-005", "org-006", "org-008", ...range(20, 38)];
  for (const id of connected) dashboard.connect(id, profileOf(id));
  await eventually(async () => {
    const { body } = await controller.call("GET", "/api/v1/controller/orchestrators/live");
    if (Number(body.data?.total_count) !== connected.length) throw new Error("not all are connected yet");
  });
  for (const id of ["org-003", "org-021", "org-022"]) {
    await controller.call("PUT", `/api/v1/internal/orchestrators/${id}/independence`, { is_independent: true });
  }
  await new Promise((resolve) => setTimeout(resolve, 4000));
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `org-${String(from + index).padStart(3, "0")}`);
}

function profileOf(id: string): { name: string; location: string } {
  const number = Number(id.slice(4, 7));
  const name = `${NAMES[number % NAMES.length]} ${id.slice(8) || number}`;
  return { name, location: String(CITIES[number % CITIES.length]) };
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize({ width: 1440, height: HEIGHT });
}
