import type { CDPSession } from "playwright-core";
import { ChangingFleet, openPage, watchFrames, withDashboard } from "../support/bench-dashboard.ts";
import { sleep } from "../support/eventually.ts";

const ORCHESTRATORS = 50;
const PER_SEC = 100;
const SOAK_SEC = Number(process.env.SOAK_SEC ?? 600);
/** Until what is kept (a thousand events, the last beats, compiled code) is there. */
const WARM_UP_SEC = Math.min(60, SOAK_SEC);
const STEP_SEC = Math.min(60, SOAK_SEC);

/** How long single tasks are looked at more closely, in the end. */
const TRACE_SEC = 30;

const OBSERVE = `(() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
})()`;

/** A page that is left open while much changes: what it keeps, and whether it ever stutters. `SOAK_SEC` makes it shorter. */
await withDashboard({}, async (dashboard) => {
  const fleet = await ChangingFleet.connect(dashboard.stack.controller, ORCHESTRATORS);
  let load: ReturnType<ChangingFleet["keepChanging"]> | undefined;
  try {
    const page = await openPage(dashboard, "about:blank");
    const frames = watchFrames(page);
    await page.goto("/organizations");
    await page.locator("tbody tr .mark[data-health]").first().waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.enable");
    load = fleet.keepChanging(PER_SEC);

    await sleep(WARM_UP_SEC * 1000);
    const first = await heapMb(session);
    await page.evaluate(OBSERVE);
    await page.evaluate("window.longTasks.splice(0)");
    console.log(`${PER_SEC} changes a second for ${SOAK_SEC} s, ${ORCHESTRATORS} orchestrators, /organizations open`);
    console.log(`  after a warm-up of ${WARM_UP_SEC} s: heap ${first.toFixed(2)} MB`);
    const tasks: number[] = [];
    let last = first;
    for (let elapsed = 0; elapsed < SOAK_SEC; elapsed += STEP_SEC) {
      const from = Date.now();
      await sleep(STEP_SEC * 1000);
      const told = frames.since(from);
      const long = (await page.evaluate("window.longTasks.splice(0)")) as number[];
      tasks.push(...long);
      last = await heapMb(session);
      // Collecting all garbage at once is none of the page's doing.
      await page.evaluate("window.longTasks.splice(0)");
      console.log(
        `  ${String(elapsed + STEP_SEC).padStart(4)} s: heap ${last.toFixed(2)} MB, ${told.changesPerSec.toFixed(1)} changes/s in ` +
          `${told.framesPerSec.toFixed(2)} frames/s, ${told.kbPerSec.toFixed(1)} KB/s, long tasks ${long.map(Math.round).join(" ") || "none"}`,
      );
    }
    console.log(`  heap growth ${(last - first).toFixed(2)} MB, longest task ${Math.round(Math.max(0, ...tasks))} ms`);
    const { tookMs, busyMs } = await longestTasks(session, TRACE_SEC);
    console.log(
      `  ${TRACE_SEC} s more, traced: longest task ${Math.round(tookMs)} ms by the clock, ${Math.round(busyMs)} ms of processor time`,
    );
  } finally {
    load?.stop();
    fleet.stop();
  }
});

/** What is in use after everything that could be collected was. */
async function heapMb(session: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1024 / 1024;
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds by the clock, and of processor time, which a busy machine does not lengthen. */
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** The longest tasks of the page's main thread. */
async function longestTasks(session: CDPSession, seconds: number): Promise<{ tookMs: number; busyMs: number }> {
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const done = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
  const traceConfig = { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata"] };
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await sleep(seconds * 1000);
  await session.send("Tracing.end");
  await done;
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const mains = events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const isMain = new Set(mains.map(threadOf));
  const tasks = events.filter((event) => event.name === "RunTask" && isMain.has(threadOf(event)));
  if (tasks.length === 0) throw new Error("the trace has no task of the page");
  const longest = (pick: (event: TraceEvent) => number | undefined) =>
    tasks.reduce((most, event) => Math.max(most, pick(event) ?? 0), 0) / 1000;
  return { tookMs: longest(({ dur }) => dur), busyMs: longest(({ tdur }) => tdur) };
}
