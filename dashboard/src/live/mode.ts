import type { ConnectionMode } from "./context.ts";
import type { ShardState } from "./shard.ts";

/** After so many failed attempts in a row the page asks by REST, and goes on trying. */
const FAILURES_UNTIL_POLLING = 2;

/** What the states of all shards together come to. */
export function modeOf(
  states: readonly ShardState[],
  isPaused: boolean,
): { mode: ConnectionMode; retryAt: number | null } {
  if (isPaused) return { mode: "paused", retryAt: null };
  const due = states.flatMap(({ retryAt }) => retryAt ?? []);
  const retryAt = due.length > 0 ? Math.min(...due) : null;
  if (states.length > 0 && states.every(({ isLive }) => isLive)) return { mode: "live", retryAt: null };
  if (states.some(({ failures }) => failures >= FAILURES_UNTIL_POLLING)) return { mode: "polling", retryAt };
  const wasLive = states.length > 0 && states.every((state) => state.wasLive);
  return { mode: wasLive ? "reconnecting" : "connecting", retryAt };
}
