import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGES } from "../../worker/routes/pages.ts";
import { Canaries } from "../support/canaries.ts";
import { doorsOf, frameOf, knownFields, SESSION_TYPES } from "../support/doors.ts";
import { RawClient } from "../support/raw-client.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";

const ID = "markup";
/** Short enough for every field. Each part would run by itself, in a text, an attribute or a template. */
const hostile = (word: string) => `"'><img src=x onerror=hit('${word}')><script>hit()</script>`;
const OWN: Record<string, Record<string, unknown>> = {
  "POST /api/v1/controller/organizations": { org_id: "markup-made", organization_id: "markup-made" },
  "POST /api/v1/controller/orchestrator-instances": {
    orchestrator_id: "markup-placed",
    org_id: "markup-placed",
    organization_id: undefined,
  },
  "POST /api/v1/controller/users": { username: `"'><img/src=x/onerror=hit('user')>` },
  "POST /api/v1/internal/orchestrators/{orchestrator_id}/send": { type: "custom_notice" },
};
/** With a credential of their own. */
const ENTERED_APART = /\/join$|internal\/orchestrators\/\{orchestrator_id\}\/tokens$/;

describe("markup in every text from outside", () => {
  const words = new Canaries({ plain: hostile });
  let dashboard: Dashboard;
  let client: RawClient;

  beforeAll(async () => {
    dashboard = await startDashboard();
    const { controller } = dashboard.stack;
    await controller.call("POST", "/api/v1/internal/orchestrators/register", { orchestrator_id: ID });
    client = await RawClient.open(`${controller.wsUrl}/ws/${ID}`);
    client.send(frameOf(words, "handshake"));
    await client.next("handshake_ack");
    const { all, schemas } = await doorsOf(controller);
    for (const { door, schema } of all.filter(({ door: name }) => !ENTERED_APART.test(name))) {
      const [method = "", path = ""] = door.split(" ");
      const body = words.fill(door, schema, { ...knownFields(ID), ...OWN[door] }, schemas);
      const answer = await controller.call(method, path.replaceAll(/\{\w+\}/g, ID), body);
      if (answer.status !== 200) throw new Error(`${door}: ${answer.status} ${answer.text}`);
    }
    const { data } = (await controller.call("GET", `/api/v1/controller/organizations/${ID}/config`)).body;
    for (const type of SESSION_TYPES) client.send(frameOf(words, type, { revision: Number(data?.revision) }));
    client.send({ type: `<img src=x onerror=hit("type")>` });
    client.send({ type: "request_status" });
    await client.next("status");
  });
  afterAll(async () => {
    client?.kill();
    await dashboard?.stop();
  });

  /** What ran, and what stands in the page that only markup from outside would have put there. */
  async function injected(page: Page): Promise<string[]> {
    const ran = await page.evaluate<string[]>("globalThis.hits ?? []");
    const elements = page.locator("img[src=x], script:not([src]), [onerror], a[href^='javascript:' i]");
    return [...ran, ...(await elements.evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 200))))];
  }

  async function open(path: string) {
    const screen = await dashboard.open("/login");
    const dialogs: string[] = [];
    screen.page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await screen.page.addInitScript(`
      globalThis.hits = [];
      globalThis.hit = (word = "script") => hits.push(word);
      document.addEventListener("securitypolicyviolation", (event) => hits.push("policy: " + event.violatedDirective));
    `);
    await logIn(screen.page);
    await screen.page.goto(path);
    return { ...screen, dialogs };
  }

  /** Lists come when the page has asked for them. */
  async function settle(page: Page): Promise<void> {
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.waitForLoadState("networkidle");
  }

  it("is text on every page", async () => {
    const { page, problems, dialogs, close } = await open("/");
    const shown = new Set<string>();
    for (const path of PAGES.filter((one) => one !== "/login").map((one) => one.replace(":id", ID))) {
      await page.goto(path);
      await settle(page);
      expect(await injected(page), path).toEqual([]);
      const text = await page.content();
      for (const word of words.words.keys()) if (text.includes(word)) shown.add(word);
    }
    // Otherwise nothing would have been tried.
    expect(shown.size).toBeGreaterThan(25);
    expect(dialogs).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it("is text in what opens on a page: the palette, and the details of entries", async () => {
    const { page, problems, dialogs, close } = await open(`/organizations/${ID}`);
    await settle(page);
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("dialog").getByRole("combobox").fill(hostile("palette"));
    await page.waitForLoadState("networkidle");
    expect(await injected(page)).toEqual([]);
    await page.keyboard.press("Escape");
    for (const path of ["/messages", "/audit", `/organizations/${ID}/messages`, `/organizations/${ID}/activity`]) {
      await page.goto(path);
      await settle(page);
      for (const row of (await page.locator("main tbody tr, main li button, main summary").all()).slice(0, 8)) {
        await row.click({ timeout: 3_000 }).catch(() => {});
        expect(await injected(page), path).toEqual([]);
        await page.keyboard.press("Escape");
      }
    }
    expect(dialogs).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it("is text where an address brings it, and leads nowhere", async () => {
    const { page, problems, dialogs, close } = await open("/");
    const text = encodeURIComponent(hostile("address"));
    const addresses = [
      ...PAGES.filter((path) => path !== "/login").map(
        (path) => `${path.replace(":id", ID)}?q=${text}&tab=${text}&organization=${text}&types=${text}`,
      ),
      `/messages?open=${text}`,
      `/audit?actor=${text}&action=${text}&from=${text}&range=custom`,
      `/costs?from=${text}&to=${text}&month=${text}&group=${text}`,
      `/welcome#${text}`,
      `/wall#${text}`,
      `/organizations/${text}`,
      `/login?next=javascript:hit(1)`,
      `/login?next=${encodeURIComponent("/..//evil.example/")}`,
    ];
    for (const address of addresses) {
      await page.goto(address);
      await page.waitForLoadState("networkidle");
      expect(await injected(page), address).toEqual([]);
      expect(new URL(page.url()).origin, address).toBe(new URL(dashboard.stack.controller.url).origin);
    }
    expect(dialogs).toEqual([]);
    // A page that is not there is the answer to an id that cannot be.
    expect(problems.filter((problem) => !/status of 4(?:04|22)/.test(problem))).toEqual([]);
    await close();
  });

  it("is text in an error of the controller", async () => {
    const { page, dialogs, close } = await open("/");
    const error = {
      code: hostile("code"),
      request_id: hostile("request"),
      details: [{ path: hostile("path"), code: "x", message: hostile("detail") }],
    };
    await page.route("**/api/v1/controller/**", (route) =>
      route.fulfill({ status: 400, json: { success: false, message: hostile("message"), error } }),
    );
    for (const path of ["/organizations", "/messages", "/costs", "/users", `/organizations/${ID}`]) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      expect(await injected(page), path).toEqual([]);
    }
    expect(dialogs).toEqual([]);
    await close().catch(() => {});
  });

  it("would be noticed", async () => {
    const { page, problems, close } = await open("/settings");
    await settle(page);
    await page
      .locator("body")
      .evaluate((body, markup) => body.insertAdjacentHTML("beforeend", markup), hostile("seen"));
    await expect.poll(async () => (await injected(page)).join()).toContain("policy: script-src");
    expect((await injected(page)).join()).toContain("<img src=");
    expect(problems.join()).toContain("Content Security Policy");
    await close();
  });
});
