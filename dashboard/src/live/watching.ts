import { type Accessor, createEffect, onCleanup } from "solid-js";
import type { ClientStreamFrame } from "../../../worker/contract/stream.ts";
import { MAX_WATCHED } from "../../../worker/contract/values/limits.ts";

/** Debounces scrolling, which changes the list many times a second. */
const PAUSE_MS = 250;

/** Combines the subscriptions of all parts of the page. */
export function createWatching(onChange: () => void, shardOf: (id: string) => number | undefined) {
  const lists = new Map<symbol, readonly string[]>();
  let followers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, PAUSE_MS);
  };

  return {
    /** For the life of the owner. */
    watch(ids: Accessor<readonly string[]>): void {
      const key = Symbol("watch");
      createEffect(() => {
        // Re-inserted, so that the newest list comes last.
        lists.delete(key);
        lists.set(key, ids());
        changed();
      });
      onCleanup(() => {
        lists.delete(key);
        changed();
      });
    },
    followLogs(): void {
      followers += 1;
      changed();
      onCleanup(() => {
        followers -= 1;
        changed();
      });
    },
    frameFor(shard: number): ClientStreamFrame {
      const ids = [...new Set([...lists.values()].flat())].filter((id) => shardOf(id) === shard);
      // Beyond the limit, the oldest requests are dropped.
      return { type: "watch", orchestrator_ids: ids.slice(-MAX_WATCHED), logs: followers > 0 };
    },
    stop: () => clearTimeout(timer),
  };
}
