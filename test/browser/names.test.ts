import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { expectAccessible } from "./accessible.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { openSignedIn } from "./records-support.ts";
import { expectNoSideScroll } from "./settled.ts";

const DISGUISED = "\u202Egro.knaB-laeR";
const ZALGO = `Z${"\u0300\u0316\u0348".repeat(60)}algo`;

describe("names from outside", () => {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    dashboard = await startDashboard();
    const names = {
      "name-bidi": DISGUISED,
      "name-blank": "\u2800\u3164",
      "name-he": "בנק לאומי (ת״א)",
      "name-zalgo": ZALGO,
    };
    for (const [id, name] of Object.entries(names)) {
      clients.push(
        await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id, {
          name,
          location: `\u2067${id}\u2066`,
          hostname: "host\u200b-1",
        }),
      );
    }
  });
  afterAll(async () => {
    for (const client of clients) client.kill();
    await dashboard?.stop();
  });

  it.each([
    { width: 1280, height: 800 },
    { width: 360, height: 2400 },
  ])(
    "B14: cannot pose as another one, turn around what is beside them, or cover the next row (%o)",
    async (viewport) => {
      const { page, problems, close } = await openSignedIn(dashboard, "/organizations", { viewport });
      const nameOf = (id: string) => page.locator(`[data-id="${id}"] .name`).first();
      await nameOf("name-bidi").waitFor();
      expect(await nameOf("name-bidi").textContent()).toBe("\\u202egro.knaB-laeR");
      expect(await nameOf("name-blank").textContent()).toBe("name-blank");
      expect(await nameOf("name-he").textContent()).toBe("בנק לאומי (ת״א)");
      const shown = await page.locator("main").textContent();
      expect(shown).not.toMatch(/[\u200b\u202a-\u202e\u2800\u3164]/);
      expect(
        await page
          .locator("main [title], main [aria-label]")
          .evaluateAll((all) =>
            all.map((one) => `${one.getAttribute("title")} ${one.getAttribute("aria-label")}`).join(" "),
          ),
      ).not.toMatch(/[\u200b\u202a-\u202e\u2066\u2067\u2800\u3164]/);
      const height = async (id: string) => (await page.locator(`[data-id="${id}"]`).first().boundingBox())?.height;
      expect(await height("name-zalgo")).toBe(await height("name-bidi"));
      await expectNoSideScroll(page);
      await expectAccessible(page);

      await page.goto(new URL("/organizations/name-bidi", page.url()).href);
      await page.getByRole("heading", { level: 1, name: "\\u202egro.knaB-laeR" }).waitFor();
      expect(await page.title()).toContain("\\u202egro.knaB-laeR");
      await page.goto(new URL("/organizations/name-he", page.url()).href);
      await page.getByRole("heading", { level: 1, name: "בנק לאומי (ת״א)" }).waitFor();
      expect(await page.title()).toContain("\u2068בנק לאומי (ת״א)\u2069 – ");
      expect(problems).toEqual([]);
      await close();
    },
  );

  it("B21 sibling: the palette finds them by folded text", async () => {
    const { page, close } = await openSignedIn(dashboard, "/organizations");
    await page.keyboard.press("ControlOrMeta+k");
    // The page behind the palette has a combobox as well.
    await page.getByRole("dialog").getByRole("combobox").fill("ORGANIZÁTIONS");
    await page
      .getByRole("option", { name: /Organizations/ })
      .first()
      .waitFor();
    await close();
  });
});
