import type { ConnectionState } from "./context.ts";
import type { ShardState } from "./shard.ts";

/** After this many failed attempts in a row the page polls by REST, and keeps trying to connect. */
const FAILURES_UNTIL_POLLING = 2;

/** Combines the states of all shards. A shard that refuses is retried only later, so the page polls at once. */
export function modeOf(states: readonly ShardState[], isPaused: boolean): Omit<ConnectionState, "sinceAt"> {
  if (isPaused) return { mode: "paused", retryAt: null, refusal: null };
  const due = states.flatMap(({ retryAt }) => retryAt ?? []);
  const retryAt = due.length > 0 ? Math.min(...due) : null;
  const refusal = states.find((state) => state.refusal !== null)?.refusal ?? null;
  if (states.length > 0 && states.every(({ isLive }) => isLive)) return { mode: "live", retryAt: null, refusal: null };
  if (refusal !== null || states.some(({ failures }) => failures >= FAILURES_UNTIL_POLLING)) {
    return { mode: "polling", retryAt, refusal };
  }
  const wasLive = states.length > 0 && states.every((state) => state.wasLive);
  return { mode: wasLive ? "reconnecting" : "connecting", retryAt, refusal };
}
