import type { BeatMinute, MinuteKind } from "./minutes.ts";

const WORST_FIRST: readonly MinuteKind[] = ["missed", "late", "on-time", "not-recorded", "none"];

/** Combines several orchestrators by the worst of each minute, oldest first. undefined: none is loaded yet. */
export function mergeMinutes(lists: readonly (readonly BeatMinute[] | undefined)[]): BeatMinute[] | undefined {
  const all = lists.flatMap((minutes) => minutes ?? []);
  if (all.length === 0) return undefined;
  const byMinute = [...Map.groupBy(all, (minute) => minute.at)].sort(([one], [other]) => one - other);
  return byMinute.map(([at, minutes]) => ({
    at,
    kind: WORST_FIRST.find((kind) => minutes.some((minute) => minute.kind === kind)) ?? "none",
    beats: minutes.reduce((sum, minute) => sum + minute.beats, 0),
  }));
}
