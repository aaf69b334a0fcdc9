import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.ts";

/** Presses Tab until the focus is on something with this name or text. */
export async function tabTo(page: Page, text: string): Promise<void> {
  await tabUntil(page, async () => (await focusedName(page)).includes(text), `"${text}"`);
}

/** Goes around the page as often as it takes: what is looked for may still have to be drawn. */
export async function tabUntil(
  page: Page,
  isThere: () => Promise<boolean>,
  what: string,
  key: "Tab" | "Shift+Tab" = "Tab",
): Promise<void> {
  await eventually(
    async () => {
      await page.keyboard.press(key);
      if (!(await isThere())) throw new Error(`${what} cannot be reached by ${key}`);
    },
    { timeoutMs: 45_000, everyMs: 0 },
  );
}

/** "" where nothing has the focus. */
export async function focusedName(page: Page): Promise<string> {
  return String(
    await page.evaluate(`(({ activeElement: focused, body }) =>
      focused === null || focused === body ? "" : (focused.getAttribute("aria-label") ?? focused.textContent))(document)`),
  );
}
