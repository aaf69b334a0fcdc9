import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dashboard, startDashboard } from "./dashboard.ts";

describe("what is served beside the dashboard", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });

  afterAll(() => dashboard?.stop());

  it("shows the API documentation under the same content policy", async () => {
    const { page, problems, close } = await dashboard.open("/docs");
    await page.getByRole("heading", { name: /Moolai Controller/ }).waitFor();
    await page.locator(".opblock").first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("sends the headers of the Worker with every asset", async () => {
    const { controller } = dashboard.stack;
    for (const path of ["/", "/login", "/organizations", "/theme.js", "/docs"]) {
      const response = await controller.fetch(path, { bearer: null });
      expect(response.status, path).toBe(200);
      expect(response.headers.get("Content-Security-Policy"), path).toContain("script-src 'self';");
      expect(response.headers.get("X-Content-Type-Options"), path).toBe("nosniff");
    }
  });
});
