import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { FeedEvent, StreamRow } from "../../worker/contract/stream.ts";
import { ChangingFleet, openPage, withDashboard } from "../support/bench-dashboard.ts";
import { cuttable } from "../support/cuttable.ts";
import { eventually, sleep } from "../support/eventually.ts";
import { asList, type Stack } from "../support/stack.ts";
import { StreamClient } from "../support/stream-client.ts";

const ORCHESTRATORS = 20;
const CUTS = 100;
/** So few that the page still holds all events of the run, of which it keeps a thousand. */
const PER_SEC = 5;
const MOST_EVENTS = 1000;
/** Whether the page is live when it is cut, under way or neither is left to chance. */
const MAX_PAUSE_MS = 900;

/** Forced disconnects of a browser's sockets while the fleet changes: what the page has lost or doubled after all of them. */
for (const shards of [1, 3]) {
  await withDashboard(
    { vars: { FLEET_SHARDS: String(shards) } },
    async (dashboard) => {
      const { stack } = dashboard;
      const { controller } = stack;
      const fleet = await ChangingFleet.connect(controller, ORCHESTRATORS);
      const wire = await cuttable(controller.url);
      try {
        const steady = await Promise.all(
          Array.from({ length: shards }, (_, shard) => StreamClient.open(controller.wsUrl, { shard })),
        );
        for (const viewer of steady) await viewer.ready();
        const page = await openPage(dashboard, "/live-page.html", undefined, wire.url);
        const isLive = async () => (await page.evaluate("fleet.connection().mode")) === "live";
        await eventually(async () => {
          if (!(await isLive())) throw new Error("the page is not live");
        });
        const from = steady.map(({ state }) => state.index ?? 0);

        const load = fleet.keepChanging(PER_SEC);
        let opened = 0;
        page.on("websocket", () => {
          opened += 1;
        });
        for (let cuts = 0; cuts < CUTS; ) {
          if (wire.cut()) cuts += 1;
          await sleep(Math.random() * MAX_PAUSE_MS);
        }
        load.stop();
        await sleep(2000);
        await eventually(async () => {
          if (!(await isLive())) throw new Error("the page did not come back");
        });
        await sleep(1000);

        const events = ((await page.evaluate("fleet.events()")) as FeedEvent[]).toReversed();
        const told = steady.flatMap(({ state }, shard) =>
          state.events.filter(({ index }) => index > (from[shard] ?? 0)),
        );
        if (told.length > MOST_EVENTS) throw new Error(`${told.length} events are more than a page keeps`);
        const lost = difference(told, events);
        const doubled = difference(events, told);
        const problems = steady.flatMap(({ state }) => state.problems);
        if (problems.length > 0) throw new Error(problems.join("; "));
        const { same, total } = await compareRows(stack, async (id) => {
          return (await page.evaluate(`fleet.row(${JSON.stringify(id)})`)) as StreamRow | undefined;
        });
        console.log(`${CUTS} forced disconnects with ${shards} shard(s), ${opened} connections again`);
        console.log(`  of ${told.length} events ${lost} lost, ${doubled} doubled or unknown`);
        console.log(`  ${same} of ${total} rows as in the list of the REST API`);
        for (const viewer of steady) await viewer.kill();
      } finally {
        await wire.stop();
        fleet.stop();
      }
    },
    buildLivePage,
  );
}

/** How many of the first are missing among the second, each counted as often as it is there. */
function difference(first: readonly FeedEvent[], second: readonly FeedEvent[]): number {
  const keyOf = (event: FeedEvent) => JSON.stringify([event.orchestrator_id, event.index, event.type, event.detail]);
  const counts = new Map<string, number>();
  for (const event of second) counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1);
  return first.filter((event) => {
    const left = counts.get(keyOf(event)) ?? 0;
    counts.set(keyOf(event), left - 1);
    return left <= 0;
  }).length;
}

async function compareRows(stack: Stack, rowOf: (id: string) => Promise<StreamRow | undefined>) {
  const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators?page=1&page_size=100");
  const items = asList(body.data?.items);
  let same = 0;
  for (const item of items) {
    const row = await rowOf(String(item.orchestrator_id));
    const fields = [
      "organization_id",
      "status",
      "connected",
      "health_status",
      "is_independent",
      "config_state",
    ] as const;
    if (row && fields.every((field) => row[field] === (item[field] as unknown))) same += 1;
  }
  return { same, total: items.length };
}

async function buildLivePage(assets: string): Promise<void> {
  const mode = process.env.NODE_ENV;
  await build({
    configFile: false,
    logLevel: "warn",
    // A library build leaves this in for its user, and a browser has no `process`.
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: assets,
      emptyOutDir: false,
      target: "es2024",
      lib: {
        entry: fileURLToPath(import.meta.resolve("../support/live-page.ts")),
        formats: ["es"],
        fileName: () => "live-page.js",
      },
    },
  });
  // As in scripts/lib/build-assets.ts: vite leaves "production" behind.
  if (mode === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = mode;
  await writeFile(
    join(assets, "live-page.html"),
    '<!doctype html><title>Live</title><script type="module" src="/live-page.js"></script>',
  );
}
