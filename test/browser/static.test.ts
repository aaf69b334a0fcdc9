import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { securityHeaders } from "../../worker/middleware/security-headers.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});

afterAll(() => dashboard?.stop());

const get = (path: string, init: RequestInit = {}) => dashboard.stack.controller.fetch(path, { bearer: null, ...init });

describe("what the asset server answers", () => {
  it.each([
    "/",
    "/index.html",
    "/organizations",
    "/theme.js",
    "/icon.svg",
    "/docs-ui/init.js",
    "/docs-ui/swagger-ui.css",
  ])("carries the headers of the Worker (%s)", async (path) => {
    const response = await get(path);
    const page = await get("/docs");
    const expected = Object.entries(securityHeaders("text/html"));
    expect(expected.length).toBeGreaterThan(5);
    for (const [name, value] of expected) {
      expect(response.headers.get(name), name).toBe(value);
      expect(page.headers.get(name), name).toBe(value);
    }
  });

  it("is never a page where a browser looks for an icon", async () => {
    const response = await get("/favicon.ico", { redirect: "follow" });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "image/svg+xml"]);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it.each(["/organizations", "/docs-ui/init.js", "/"])("refuses a write (%s)", async (path) => {
    const response = await get(path, { method: "POST" });
    expect(response.status).toBe(405);
    expect(response.headers.get("X-Frame-Options")).toBe("DENY");
  });
});

describe("/docs", () => {
  it("follows the theme of the system, without a complaint", async () => {
    const { page, problems, close } = await dashboard.open("/docs", { colorScheme: "dark" });
    const isDark = () => page.locator("html").evaluate((html) => html.classList.contains("dark-mode"));
    await page.locator(".swagger-ui .info .title").waitFor();
    await expect.poll(() => isDark()).toBe(true);
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(() => isDark()).toBe(false);
    expect(problems).toEqual([]);
    await close();
  });
});
