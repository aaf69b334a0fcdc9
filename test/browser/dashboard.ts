import { existsSync } from "node:fs";
import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from "playwright-core";
import { assetsDir } from "../../scripts/lib/project.ts";
import { launchChromium, sharedChromium } from "../support/chromium.ts";
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
    error: { code: "database_unavailable", accepted: false, request_id: "x", details: [] },
  },
};

export interface Screen {
  page: Page;
  /** What the browser complained about; expected to be empty at the end of a test. */
  problems: string[];
  /** Throws when an answer to the page was not as described, or had a secret in it. */
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

const openScreens = new Set<BrowserContext>();

/** Those of a test that failed would go on asking, and slow down the tests after it. */
export async function closeScreens(): Promise<void> {
  await Promise.all([...openScreens].map((context) => context.close()));
}

export interface DashboardOptions extends Pick<StackOptions, "vars" | "secrets"> {
  /** Where no test runs: on an embedded database, with a browser that ends by `stop`. */
  standalone?: boolean;
}

export async function startDashboard({ standalone = false, ...options }: DashboardOptions = {}): Promise<Dashboard> {
  const assets = assetsDir();
  if (!existsSync(`${assets}/index.html`)) throw new Error("the dashboard is not built: npm run build");
  const launching = standalone ? launchChromium() : sharedChromium();
  const starting = startStack({ ...options, assetsDir: assets, ...(standalone && { databaseKind: "pglite" }) });
  // If either fails, the other one is ended: no test would get it to end it.
  const [stack, browser] = await Promise.all([starting, launching]).catch(async (error: unknown) => {
    const [started, launched] = await Promise.allSettled([starting, launching]);
    if (standalone && launched.status === "fulfilled") await launched.value.close();
    if (started.status === "fulfilled") await started.value.stop();
    throw error;
  });
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
      await closeScreens();
      if (standalone) await browser.close();
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
  openScreens.add(context);
  context.on("close", () => openScreens.delete(context));
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  // A body comes after its response: what is wrong with the last ones is known only after the test has looked.
  const checks: Promise<string[]>[] = [];
  page.on("response", (response) => {
    const found = check(response);
    checks.push(found);
    void found.then((wrong) => problems.push(...wrong));
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      if (SECRET.test(payload.toString())) problems.push(`a secret in a frame of ${socket.url()}`);
    });
  });
  await page.goto(path);
  const close = async () => {
    const wrong = (await Promise.all(checks)).flat();
    await context.close();
    if (wrong.length > 0) throw new Error(`Answers to the page:\n${wrong.join("\n")}`);
  };
  return { page, problems, close };
}

export async function logIn(page: Page, username = NAME, password = PASSWORD): Promise<void> {
  await page.getByLabel("Name").fill(username);
  await page.getByLabel("Password").fill(password);
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
