import type { CDPSession, Page } from "playwright-core";
import type { FeedEvent, ServerStreamFrame, StreamRow } from "../../worker/contract/stream.ts";
import { openPage, percentiles, withDashboard } from "../support/bench-dashboard.ts";
import { seed } from "../support/seed.ts";

const ORGANIZATIONS = 10_000;
const CHANGED = 1000;
/** As the controller sends them. */
const CHUNK = 250;
const ROUNDS = 30;
const THROTTLES = [1, 4];

/** Lets the frames of a controller with a large fleet be said to the page by its own socket. */
const KEEP_SOCKETS = `(() => {
  window.streams = [];
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      window.streams.push(this);
    }
  };
})()`;

/** What the store and the page of a large fleet take for a snapshot, and for a delta that changes much at once. */
await withDashboard({}, async (dashboard) => {
  const { query } = dashboard.stack.database;
  await seed(query, { organizations: ORGANIZATIONS, maxOrchestrators: 1, messages: 100, auditEntries: 100 });
  const ids = (await query(
    "SELECT orchestrator_id AS id, organization_id AS organization FROM orchestrator_instances ORDER BY 1",
  )) as {
    id: string;
    organization: string;
  }[];
  const page = await openPage(dashboard, "/organizations", KEEP_SOCKETS);
  await page.locator("tbody tr .mark[data-health]").first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });

  const rows = ids.map(({ id, organization }) => rowOf(id, organization, "healthy"));
  for (const rate of THROTTLES) {
    await session.send("Emulation.setCPUThrottlingRate", { rate });
    const index = rate * 1_000_000;
    const times = await say(page, snapshotOf(rows, index));
    console.log(
      `${ORGANIZATIONS} rows in the store, ${await page.locator("tbody tr").count()} in the page, CPU / ${rate}`,
    );
    const total = times.reduce((sum, time) => sum + time, 0);
    console.log(`  snapshot in ${times.length - 1} frames: ${Math.round(total)} ms in all; each ${percentiles(times)}`);
    const deltas: number[] = [];
    const before = await drawing(session);
    for (let round = 0; round < ROUNDS; round += 1) {
      deltas.push(...(await say(page, [deltaOf(rows, index + round * CHANGED, round)])));
    }
    // The first ones make up for what is compiled once.
    console.log(`  delta of ${CHANGED} rows and events, store and layout: ${percentiles(deltas.slice(3))}`);
    const drawn = ((await drawing(session)) - before) / ROUNDS;
    console.log(`    of it and of what it moves later, styles and layout: ${drawn.toFixed(1)} ms of processor time`);
    const shown = await page.locator("tbody tr .mark[data-health=degraded]").count();
    if (shown === 0) throw new Error("the rows in sight did not change");
  }
});

/** Milliseconds of processor time so far, which other processes do not lengthen. */
async function drawing(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  const wanted = metrics.filter(({ name }) => name === "RecalcStyleDuration" || name === "LayoutDuration");
  return wanted.reduce((sum, { value }) => sum + value * 1000, 0);
}

/** How long the page is busy with each frame, layout included. */
async function say(page: Page, frames: readonly ServerStreamFrame[]): Promise<number[]> {
  const run = `(async (texts) => {
    const socket = window.streams.findLast((each) => each.readyState === WebSocket.OPEN);
    const times = [];
    for (const data of texts) {
      // Each in a frame of its own, as they come.
      await new Promise(requestAnimationFrame);
      await new Promise((resolve) => setTimeout(resolve));
      const start = performance.now();
      socket.onmessage({ data });
      document.body.getBoundingClientRect();
      times.push(performance.now() - start);
    }
    return times;
  })(${JSON.stringify(frames.map((frame) => JSON.stringify(frame)))})`;
  return (await page.evaluate(run)) as number[];
}

function rowOf(id: string, organization: string, health: StreamRow["health_status"]): StreamRow {
  return {
    orchestrator_id: id,
    organization_id: organization,
    status: "active",
    connected: true,
    connected_at: Date.now() - 60_000,
    health_status: health,
    is_independent: false,
    privacy_mode: false,
    last_seen: Date.now(),
    config_revision: 1,
    config_state: "applied",
    config_error: null,
    silent: false,
    contested: false,
    config_since: null,
    config_running_revision: null,
    presence_version: null,
  };
}

function organizationOf({ organization_id, last_seen }: StreamRow) {
  return { organization_id, status: "active" as const, orchestrators: 1, connected: 1, last_seen };
}

function snapshotOf(rows: readonly StreamRow[], index: number): ServerStreamFrame[] {
  const frames: ServerStreamFrame[] = [{ type: "hello", epoch: "bench", index, shard: 0, shards: 1, resumed: false }];
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const more = start + CHUNK < rows.length;
    frames.push({ type: "snapshot", index, rows: chunk, organizations: chunk.map(organizationOf), more });
  }
  return frames;
}

/** The first rows, those in sight among them, change their health, each with an event. */
function deltaOf(rows: readonly StreamRow[], from: number, round: number): ServerStreamFrame {
  const health = round % 2 === 0 ? "healthy" : "degraded";
  const changed = rows.slice(0, CHANGED).map((row) => rowOf(row.orchestrator_id, row.organization_id, health));
  const events = changed.map(
    ({ orchestrator_id, organization_id }, place): FeedEvent => ({
      index: from + place + 1,
      at: Date.now(),
      type: "health",
      orchestrator_id,
      organization_id,
      detail: `→ ${health}`,
    }),
  );
  return {
    type: "delta",
    from,
    to: from + CHANGED,
    rows: changed,
    removed: [],
    organizations: changed.map(organizationOf),
    removed_organizations: [],
    events,
  };
}
