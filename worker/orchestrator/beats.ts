import type { ActivityEntry, BeatHistory } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";

const MINUTES_KEPT = 60;
const RECENT_KEPT = 20;
const MINUTE_MS = 60_000;

export const NO_BEATS: BeatHistory = { minutes: [], recent: [] };

/** The history with one more beat; keeps 60 one-minute buckets and the last 20 beats. */
export function recordBeat(history: BeatHistory, now: Millis, ignored: boolean): BeatHistory {
  const minute = Math.floor(now / MINUTE_MS);
  const kept = history.minutes.filter((bucket) => bucket.minute > minute - MINUTES_KEPT);
  const last = kept.at(-1);
  const current = last?.minute === minute ? last : { minute, processed: 0, ignored: 0 };
  const next = {
    minute,
    processed: current.processed + (ignored ? 0 : 1),
    ignored: current.ignored + (ignored ? 1 : 0),
  };
  return {
    minutes: [...(current === last ? kept.slice(0, -1) : kept), next],
    recent: [...history.recent, { at: now, ignored }].slice(-RECENT_KEPT),
  };
}

/**
 * The last beats as activity, newest first. Within a millisecond they stand behind what is stored, whose `n` is above 0, and are
 * counted from the newest: the oldest may go any time.
 */
export function beatEntries({ recent }: BeatHistory): ActivityEntry[] {
  const newestFirst = recent.toReversed();
  return newestFirst.map(({ at, ignored }, index) => {
    const newer = newestFirst.slice(0, index).filter((beat) => beat.at === at).length;
    return { at, n: -1 - newer, type: "keepalive", data: { ignored } };
  });
}
