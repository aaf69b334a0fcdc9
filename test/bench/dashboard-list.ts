import type { CDPSession, Page } from "playwright-core";
import { build } from "../../scripts/lib/build-assets.ts";
import { type Dashboard, startDashboard } from "../browser/dashboard.ts";
import { openSignedIn } from "../browser/records-support.ts";
import { eventually } from "../support/eventually.ts";
import { seed } from "../support/seed.ts";

const ORGANIZATIONS = 10_000;
const ROUNDS = 7;
const THROTTLING = 4;
const SCROLL_FRAMES = 90;

/** Notes when the first window of the list has arrived, and when its rows are on the screen. */
const WATCH = `
  globalThis.listTimes = {};
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name.includes("/controller/organizations?")) globalThis.listTimes.dataAt ??= entry.responseEnd;
    }
  }).observe({ type: "resource", buffered: true });
  new MutationObserver(() => {
    if (globalThis.listTimes.seen || !document.querySelector("tbody tr .badge")) return;
    globalThis.listTimes.seen = true;
    // After the frame that shows them.
    requestAnimationFrame(() => setTimeout(() => { globalThis.listTimes.paintedAt = performance.now(); }));
  }).observe(document, { childList: true, subtree: true });
`;

/** Flies through the list, and notes how long each frame took and how many rows were drawn at most. */
const SCROLL = `(async () => {
  const table = document.querySelector(".org-table");
  const step = (table.scrollHeight - table.clientHeight) / ${SCROLL_FRAMES};
  const frames = [];
  let rows = 0;
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < ${SCROLL_FRAMES}; frame += 1) {
    table.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
    rows = Math.max(rows, document.querySelectorAll("tbody tr").length);
  }
  return { frames, rows };
})()`;

interface Flight {
  frames: number[];
  rows: number;
}

/** What a browser needs for a list of ten thousand, with its processor slowed down. */
await build("silent");
const dashboard = await startDashboard({ standalone: true });
try {
  await seed(dashboard.stack.database.query, { organizations: ORGANIZATIONS });
  await measure(dashboard);
} finally {
  await dashboard.stop();
}

async function measure(running: Dashboard): Promise<void> {
  const { page, close } = await openSignedIn(running, "/organizations");
  await page.addInitScript(WATCH);
  const cdp = await page.context().newCDPSession(page);
  const paints: number[] = [];
  const flights: Flight[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    paints.push(await firstPaint(page, cdp));
    flights.push(await page.evaluate<Flight>(SCROLL));
    await slowDown(cdp, 1);
  }
  const frames = flights.flatMap((flight) => flight.frames);
  console.log(`${ORGANIZATIONS} organizations, processor ${THROTTLING} times slower, ${ROUNDS} rounds`);
  console.log(`  first paint after data: ${summary(paints)} ms`);
  console.log(`  frames of a fast scroll: ${summary(frames)} ms`);
  console.log(`  rows in the document: at most ${Math.max(...flights.map((flight) => flight.rows))}`);
  await close();
}

/** From the end of the answer to the frame with its rows. The page itself is loaded at full speed. */
async function firstPaint(page: Page, cdp: CDPSession): Promise<number> {
  await page.route("**/controller/organizations?*", async (route) => {
    await slowDown(cdp, THROTTLING);
    await route.continue();
  });
  await page.goto("/organizations");
  const read = () => page.evaluate<{ dataAt?: number; paintedAt?: number }>("globalThis.listTimes");
  const times = await eventually(async () => {
    const { dataAt, paintedAt } = await read();
    if (dataAt === undefined || paintedAt === undefined) throw new Error("the rows are not on the screen");
    return paintedAt - dataAt;
  });
  await page.unroute("**/controller/organizations?*");
  return times;
}

async function slowDown(cdp: CDPSession, rate: number): Promise<void> {
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
}

function summary(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `median ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)}`;
}
