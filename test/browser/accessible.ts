import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Of a page in which nothing fades or slides any more; what pulses for ever goes on. */
const SETTLED = `Promise.allSettled(
  document.getAnimations()
    .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
    .map((animation) => animation.finished),
).then(() => undefined)`;

/** The rules of axe that look at colors. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

/** Checks the page with axe in the light and in the dark theme. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoViolations(page);
  await page.emulateMedia({ colorScheme: "dark" });
  // The themes differ only in colors, because `light-dark()` of CSS takes nothing else: every other rule would find the same again.
  await expectNoViolations(page, { runOnly: COLOR_RULES });
}

async function expectNoViolations(page: Page, options: RunOptions = {}): Promise<void> {
  await page.evaluate(SETTLED);
  // axe is half a megabyte, so it is sent once for each document and not for each check.
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(AXE);
  const found = await page.evaluate(
    `axe.run(document, ${JSON.stringify({ resultTypes: ["violations"], ...options })}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join("\\n  ")))`,
  );
  expect(found).toEqual([]);
}
