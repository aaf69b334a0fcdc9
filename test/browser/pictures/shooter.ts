import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Dashboard } from "../dashboard.ts";

const WIDE = { width: 1440, height: 900 };
const SIZES = [WIDE, { width: 390, height: 844 }];
/** For what fades in, is measured anew after a change of the width, or is drawn on a canvas. */
const SETTLE_MS = 150;

export interface View {
  name: string;
  /** Where it is; absent: where the view before was. */
  path?: string;
  /** Brings it into the state to show; at the latest then the page has what it needs. */
  prepare?: (page: Page) => Promise<unknown>;
  after?: (page: Page) => Promise<unknown>;
  /** What the browser complains about belongs to the state. */
  isBroken?: boolean;
}

export interface Shooter {
  /** What the browser complained about, but for views that are broken on purpose. */
  problems: readonly string[];
  count(): number;
  visit(path: string, act: (page: Page) => Promise<unknown>): Promise<void>;
  shootAll(views: readonly View[]): Promise<void>;
}

/** One page of one browser for all views, so that each costs about as much as its pictures. */
export async function openShooter(
  dashboard: Dashboard,
  { folder, only }: { folder: string; only: string },
): Promise<Shooter> {
  const { page, problems: seen } = await dashboard.open("/login", { viewport: WIDE });
  const problems: string[] = [];
  let count = 0;

  const shoot = async (view: View) => {
    if (view.path !== undefined) await page.goto(view.path);
    await view.prepare?.(page);
    await loaded(page);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(folder, `${view.name}-${size.width}-${colorScheme}.png`) });
        count += 1;
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(WIDE);
    await view.after?.(page);
  };

  return {
    problems,
    count: () => count,
    async visit(path, act) {
      await page.goto(path);
      await act(page);
    },
    async shootAll(views) {
      for (const view of views.filter(({ name }) => name.includes(only))) {
        seen.length = 0;
        await shoot(view).catch((error: unknown) => {
          throw new Error(`${view.name}: ${error instanceof Error ? error.message : String(error)}`);
        });
        if (!view.isBroken) problems.push(...seen.map((problem) => `${view.name}: ${problem}`));
      }
    },
  };
}

/** Nothing is a skeleton any more, and every chart and heartbeat is drawn. */
async function loaded(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  // Heartbeats are asked for once their row is in sight, and not at all in rows that are only near.
  const noHeartbeat = "main:has(.beat-strip):not(:has(.beat-strip[role]))";
  for (const skeleton of [".skeleton", ".chart-place:not(:has(canvas))", noHeartbeat]) {
    await page
      .locator(skeleton)
      .first()
      .waitFor({ state: "detached", timeout: 10_000 })
      .catch(() => undefined);
  }
}
