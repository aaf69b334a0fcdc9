import { existsSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page, Response } from "playwright-core";
import { assetsDir } from "../../scripts/lib/project.ts";
import { launchChromium } from "../support/chromium.ts";
import { answerChecker } from "../support/openapi-validator.ts";
import { PythonClient } from "../support/python-client.ts";
import { type Stack, type StackOptions, startStack } from "../support/stack.ts";

const NAME = "superadmin";
const PASSWORD = "moolai-dev";

/** Stands in every secret that a browser test registers; sealed secrets must not reach a browser either. */
export const CANARY = "canary-of-the-browser";
const SECRET = new RegExp(`${CANARY}|enc:v1:`);

/** The answer of the API without its database; for so long that nothing but a button asks again. */
export const UNAVAILABLE = {
  status: 503,
  headers: { "Retry-After": "60" },
  json: {
    success: false,
    message: "The database is not available",
    error: { code: "database_unavailable", request_id: "x", details: [] },
  },
};

export interface Screen {
  page: Page;
  /** What the browser complained about; expected to be empty at the end of a test. */
  problems: string[];
  close(): Promise<void>;
}

/** The built Worker with the built dashboard, a database and a browser. */
export interface Dashboard {
  stack: Stack;
  open(path: string, options?: BrowserContextOptions): Promise<Screen>;
  /** A connected orchestrator, as the unmodified Python client behaves. */
  connect(id: string, profile?: { name: string; location: string }): PythonClient;
  stop(): Promise<void>;
}

export async function startDashboard(options: Pick<StackOptions, "vars" | "secrets"> = {}): Promise<Dashboard> {
  const assets = assetsDir();
  if (!existsSync(`${assets}/index.html`)) throw new Error("the dashboard is not built: npm run build");
  const [stack, browser] = await Promise.all([
    startStack({ ...options, assetsDir: assets, databaseKind: "pglite" }),
    launchChromium(),
  ]);
  const clients: PythonClient[] = [];
  const validate = answerChecker(await (await stack.controller.fetch("/openapi.json")).json());
  /** Answers to the page are held against the OpenAPI document too; one that a navigation cut off has no body. */
  const check = async (response: Response): Promise<string[]> => {
    if (!response.headers()["content-type"]?.startsWith("application/json")) return [];
    const { pathname } = new URL(response.url());
    const body = await response.json().catch(() => undefined);
    if (body === undefined) return [];
    const leak = SECRET.test(JSON.stringify(body)) ? [`a secret in the answer of ${pathname}`] : [];
    return [...leak, ...validate(response.request().method(), pathname, response.status(), body)];
  };
  return {
    stack,
    open: (path, options) => openScreen(browser, check, stack.controller.url, path, options),
    connect(id, profile = { name: `Name of ${id}`, location: "Frankfurt" }) {
      const client = new PythonClient({
        url: `${stack.controller.wsUrl}/ws`,
        orchestratorId: id,
        ...profile,
        intervalMs: 1000,
      }).start();
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.kill();
      await browser.close();
      await stack.stop();
    },
  };
}

async function openScreen(
  browser: Browser,
  check: (response: Response) => Promise<string[]>,
  baseURL: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Screen> {
  const context = await browser.newContext({ baseURL, locale: "en-US", ...options });
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("response", async (response) => problems.push(...(await check(response))));
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      if (SECRET.test(payload.toString())) problems.push(`a secret in a frame of ${socket.url()}`);
    });
  });
  await page.goto(path);
  return { page, problems, close: () => context.close() };
}

export async function logIn(page: Page): Promise<void> {
  await page.getByLabel("Name").fill(NAME);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  // Where the button was there may be a list now, which holds still under the pointer.
  await page.mouse.move(0, 0);
}

/** The badge of an organization, which the page has to change by itself. */
export async function expectBadge(page: Page, id: string, status: "active" | "inactive" | "independent") {
  await page
    .locator(`:is(tr, .org-card)[data-id="${id}"] .badge[data-status="${status}"]`)
    .first()
    .waitFor({ timeout: 20_000 });
}
