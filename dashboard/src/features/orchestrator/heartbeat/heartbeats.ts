import { type Accessor, createEffect, createMemo, createSignal, mapArray, on, onCleanup } from "solid-js";
import { MAX_HEARTBEAT_IDS } from "../../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../../lib/api.ts";
import type { components } from "../../../lib/api-schema.d.ts";
import { momentOf } from "../../../lib/time.ts";
import { useFleet } from "../../../live/context.ts";
import { useList } from "../../../live/query.ts";
import { followBeats } from "./follow.ts";
import { type BeatHistory, type BeatMinute, dueEverySec } from "./minutes.ts";

/** The stream keeps the data current; reloading fills gaps of the stream. */
const REFRESH_MS = 300_000;

/** Debounces scrolling, so that passing rows are not loaded. */
const SCROLL_PAUSE_MS = 200;

type Answer = components["schemas"]["Heartbeats"];
type Entry = Pick<Answer["orchestrators"][number], "minutes" | "recent" | "is_independent" | "last_seen">;

export interface Heartbeats {
  /** Reactive. undefined: not loaded yet, or not visible. */
  of(orchestratorId: string): readonly BeatMinute[] | undefined;
}

/** The last hour of the visible orchestrators, at most 200: loaded together, then updated from the stream. */
export function useHeartbeats(ids: Accessor<readonly string[]>): Heartbeats {
  useFleet().watch(ids);
  const asked = settled(ids, SCROLL_PAUSE_MS);
  const query = useList(
    () => ["heartbeats", ...asked()],
    (signal) => fetchHeartbeats(asked(), signal),
    { isEnabled: () => asked().length > 0, everyMs: REFRESH_MS, idField: "orchestrator_id" },
  );
  const loaded = createMemo(
    () => new Map((query.data ?? []).map((entry) => [entry.orchestrator_id, historyOf(entry, entry.dueSec)])),
  );
  const followed = mapArray(ids, (id) => ({ id, minutes: followBeats(id, () => loaded().get(id)) }));
  const byId = createMemo(() => new Map(followed().map(({ id, minutes }) => [id, minutes])));
  return { of: (orchestratorId) => byId().get(orchestratorId)?.() };
}

/** Debounces a value; the first one is available at once. */
function settled<T>(value: Accessor<T>, pauseMs: number): Accessor<T> {
  const [last, setLast] = createSignal(value());
  createEffect(
    on(
      value,
      (next) => {
        const timer = setTimeout(() => setLast(() => next), pauseMs);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );
  return last;
}

/** Converts an entry of the API to the history of one orchestrator. */
export function historyOf(entry: Entry, suggestedSec: number): BeatHistory {
  return {
    minutes: entry.minutes.map(({ minute, processed, ignored }) => ({ at: Date.parse(minute), processed, ignored })),
    intervalSec: dueEverySec(
      entry.recent.map(({ timestamp }) => Date.parse(timestamp)),
      suggestedSec,
    ),
    isIndependent: entry.is_independent,
    lastSeenAt: momentOf(entry.last_seen),
  };
}

async function fetchHeartbeats(ids: readonly string[], signal: AbortSignal) {
  const chunks = Array.from({ length: Math.ceil(ids.length / MAX_HEARTBEAT_IDS) }, (_, index) =>
    ids.slice(index * MAX_HEARTBEAT_IDS, (index + 1) * MAX_HEARTBEAT_IDS),
  );
  const answers = await Promise.all(
    chunks.map(async (chunk) => {
      const query = { ids: chunk.join(",") };
      return (await ask(api.GET("/api/v1/controller/orchestrators/heartbeats", { params: { query }, signal }))).data;
    }),
  );
  return answers.flatMap((answer) =>
    answer.orchestrators.map((entry) => ({ ...entry, dueSec: answer.heartbeat_interval_sec })),
  );
}
