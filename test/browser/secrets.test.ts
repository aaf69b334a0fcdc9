import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CANARY, type Dashboard, expectBadge, logIn, startDashboard } from "./dashboard.ts";

const ID = "org-secretive";
const PAGES = [
  "/",
  "/organizations",
  `/organizations/${ID}`,
  `/organizations/${ID}/config`,
  `/organizations/${ID}/messages`,
  `/organizations/${ID}/activity`,
  `/organizations/${ID}/access`,
  "/messages",
  "/activity",
  "/logs",
  "/audit",
  "/costs",
  "/users",
  "/settings",
];

describe("secrets of orchestrators", () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await startDashboard({ secrets: { SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") } });
    const answer = await dashboard.stack.controller.call("POST", "/api/v1/internal/orchestrators/register", {
      orchestrator_id: ID,
      organization_id: ID,
      database_url: `postgresql://user:${CANARY}@db/orchestrator`,
      redis_url: `redis://:${CANARY}@redis:6379/0`,
      environment_variables: { API_KEY: CANARY },
    });
    expect(answer.status).toBe(200);
  });
  afterAll(() => dashboard?.stop());

  it("reach the browser in no answer and no frame, on no page", async () => {
    const { page, problems, close } = await dashboard.open("/login");
    const answers: string[] = [];
    let frames = 0;
    page.on("response", (response) => answers.push(new URL(response.url()).pathname));
    page.on("websocket", (socket) => socket.on("framereceived", () => (frames += 1)));
    await logIn(page);
    dashboard.connect(ID);
    for (const path of PAGES) {
      const before = frames;
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (path === "/organizations") await expectBadge(page, ID, "active");
      await expect.poll(() => frames).toBeGreaterThan(before);
      await page.waitForLoadState("networkidle");
      expect(await page.content(), path).not.toContain(CANARY);
    }
    expect(answers.filter((path) => path.startsWith("/api/")).length).toBeGreaterThan(PAGES.length);
    expect(problems).toEqual([]);
    await close();
  });

  it("would be noticed", async () => {
    const { page, problems, close } = await dashboard.open("/login");
    await logIn(page);
    await page.route("**/api/v1/controller/users**", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), leaked: `enc:v1:${CANARY}` } });
    });
    await page.goto("/users");
    await expect.poll(() => problems.join()).toContain("a secret in the answer of /api/v1/controller/users");
    await expect(close()).rejects.toThrow("a secret in the answer of /api/v1/controller/users");
  });
});
