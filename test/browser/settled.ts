import type { Page } from "playwright-core";
import { expect } from "vitest";

/** The elements themselves: a closed dialog has no role any more, but goes with its close event, which is still to come. */
export async function expectNoDialog(page: Page): Promise<void> {
  await expect.poll(() => page.locator("dialog").count()).toBe(0);
}

export async function expectNoSideScroll(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    .toBe(0);
}
