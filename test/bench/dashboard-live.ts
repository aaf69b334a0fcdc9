import { ChangingFleet, openPage, percentiles, watchFrames, withDashboard } from "../support/bench-dashboard.ts";
import { eventually, sleep } from "../support/eventually.ts";

const ORCHESTRATORS = 20;
const CHANGES = 150;
const TOGGLES = 40;
const LOAD_SEC = 20;
const LOAD_PER_SEC = 100;

/** Notes in the page when a row shows another health or status. */
const OBSERVE = `(() => {
  const known = new Map();
  const seen = (window.seen = []);
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll("tbody tr[data-id]")) {
      for (const mark of row.querySelectorAll(".mark[data-health], .badge[data-status]")) {
        const value = mark.dataset.health ?? mark.dataset.status;
        const key = row.dataset.id + (mark.dataset.health ? " health" : " status");
        if (known.get(key) === value) continue;
        known.set(key, value);
        seen.push({ id: row.dataset.id, value, at });
      }
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
})()`;

interface Seen {
  id: string;
  value: string;
  at: number;
}

/** From a change to the page that shows it, and what a page is sent while much changes. */
await withDashboard({}, async (dashboard) => {
  const { controller } = dashboard.stack;
  const fleet = await ChangingFleet.connect(controller, ORCHESTRATORS);
  try {
    const page = await openPage(dashboard, "about:blank");
    const frames = watchFrames(page);
    await page.goto("/organizations");
    await eventually(async () => {
      const shown = await page.locator("tbody tr .mark[data-health=healthy]").count();
      if (shown < ORCHESTRATORS) throw new Error(`${shown} of ${ORCHESTRATORS} are shown`);
    });
    await page.evaluate(OBSERVE);

    const changes: Seen[] = [];
    for (let number = 0; number < CHANGES; number += 1) {
      const { id, health, at } = fleet.change(number);
      changes.push({ id, value: health, at });
      // Not in step with the frames of the stream.
      await sleep(100 + Math.random() * 300);
    }
    const answered: Seen[] = [];
    const asked: Seen[] = [];
    for (let number = 0; number < TOGGLES; number += 1) {
      const id = fleet.ids[number % ORCHESTRATORS] ?? "";
      const isIndependent = Math.floor(number / ORCHESTRATORS) % 2 === 0;
      const value = isIndependent ? "independent" : "active";
      asked.push({ id, value, at: Date.now() });
      const path = `/api/v1/internal/orchestrators/${id}/independence`;
      const { status, text } = await controller.call("PUT", path, { is_independent: isIndependent });
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      answered.push({ id, value, at: Date.now() });
      await sleep(100 + Math.random() * 300);
    }
    await sleep(2000);
    const seen = (await page.evaluate("window.seen")) as Seen[];
    console.log("from a change to the open page /organizations");
    console.log(`  ${CHANGES} frames of orchestrators, from sending  ${percentiles(delays(changes, seen))}`);
    console.log(`  ${TOGGLES} REST changes, from sending            ${percentiles(delays(asked, seen))}`);
    const fromAnswer = delays(asked, seen).map((delay, place) => {
      return Math.max(0, delay - ((answered[place]?.at ?? 0) - (asked[place]?.at ?? 0)));
    });
    console.log(`  ${TOGGLES} REST changes, from the answer         ${percentiles(fromAnswer)}`);

    const load = fleet.keepChanging(LOAD_PER_SEC);
    await sleep(2000);
    const from = Date.now();
    await sleep(LOAD_SEC * 1000);
    const told = frames.since(from);
    load.stop();
    console.log(`sent to one page during ${LOAD_SEC} s of ${LOAD_PER_SEC} changes a second`);
    console.log(`  ${told.changesPerSec.toFixed(1)} changes/s in ${told.framesPerSec.toFixed(2)} frames/s`);
    console.log(`  at most ${told.mostInASec} frames in any second, ${told.kbPerSec.toFixed(1)} KB/s`);
  } finally {
    fleet.stop();
  }
});

/** How long each change took to be seen. */
function delays(changes: readonly Seen[], seen: readonly Seen[]): number[] {
  return changes.map((change) => {
    const found = seen.find(({ id, value, at }) => id === change.id && value === change.value && at >= change.at - 1);
    if (!found) throw new Error(`${change.id} was never seen as ${change.value}`);
    return found.at - change.at;
  });
}
