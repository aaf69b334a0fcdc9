import { type Accessor, createComputed, createMemo, createSignal, on, untrack } from "solid-js";
import { now } from "../../../lib/clock.ts";
import { useFleet } from "../../../live/context.ts";
import { type BeatHistory, type BeatMinute, beatMinutes, withIndependence, withSight } from "./minutes.ts";

const STEP_MS = 5000;

/** The minutes of one orchestrator: the loaded history, updated from the stream. */
export function followBeats(
  orchestratorId: string,
  loaded: Accessor<BeatHistory | undefined>,
): Accessor<readonly BeatMinute[] | undefined> {
  const fleet = useFleet();
  const [history, setHistory] = createSignal<BeatHistory>();

  createComputed(on(loaded, (fresh) => setHistory(fresh)));
  createComputed(() => {
    const row = fleet.row(orchestratorId);
    const [isIndependent, seenAt] = [row?.is_independent, row?.last_seen];
    const known = untrack(history);
    if (!known || isIndependent === undefined) return;
    const switched = withIndependence(known, isIndependent, untrack(now));
    setHistory(seenAt ? withSight(switched, seenAt) : switched);
  });

  // Minutes need no update every second.
  const step = createMemo(() => Math.floor(now() / STEP_MS));
  return createMemo(
    () => {
      const known = history();
      step();
      return known && beatMinutes(known, untrack(now));
    },
    undefined,
    { equals: isSameDrawing },
  );
}

/** Avoids a redraw: recalculated minutes are usually the same. */
function isSameDrawing(before: readonly BeatMinute[] | undefined, after: readonly BeatMinute[] | undefined): boolean {
  if (!before || !after) return before === after;
  return before.every((minute, index) => {
    const other = after[index];
    return other?.at === minute.at && other.kind === minute.kind && other.beats === minute.beats;
  });
}
