import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BeatHistory,
  type BeatMinute,
  beatMinutes,
  describeMinute,
  dueEverySec,
  MINUTES_SHOWN,
  summarize,
  withIndependence,
  withSight,
} from "../../dashboard/src/features/orchestrator/heartbeat/minutes.ts";

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2025, 9, 28, 10, 0, 45);
const EMPTY: BeatHistory = { minutes: [], intervalSec: 30, isIndependent: false, lastSeenAt: null };

/** The history that the controller would have kept of beats at these moments. */
function historyOf(beatsAt: readonly number[], fields: Partial<BeatHistory> = {}): BeatHistory {
  return beatsAt.reduce(withSight, { ...EMPTY, ...fields });
}

function steady(fromAt: number, toAt: number, intervalSec: number): number[] {
  const beats: number[] = [];
  for (let at = fromAt; at <= toAt; at += intervalSec * 1000) beats.push(at);
  return beats;
}

const kinds = (minutes: readonly BeatMinute[]) => minutes.map((minute) => minute.kind);
const minutesAgo = (count: number) => NOW - count * MINUTE_MS;

describe("the minutes of the heartbeat bar", () => {
  it("are 60 in a row that end with the running one, and empty when nothing is known", () => {
    const minutes = beatMinutes(EMPTY, NOW);
    expect(minutes).toHaveLength(MINUTES_SHOWN);
    expect(new Set(kinds(minutes))).toEqual(new Set(["none"]));
    expect(minutes.at(-1)?.at).toBe(Date.UTC(2025, 9, 28, 10, 0));
    for (const [index, { at }] of minutes.entries()) expect(at).toBe((minutes[0]?.at ?? 0) + index * MINUTE_MS);
  });

  it("accuse nobody who beats steadily, at any interval, in any phase, with clocks that jitter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 600 }),
        fc.integer({ min: 0, max: 599_999 }),
        fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (intervalSec, phaseMs, jitter) => {
          const beats = steady(minutesAgo(90) + phaseMs, NOW, intervalSec).map(
            (at, index) => at + (jitter[index % jitter.length] ?? 0) * intervalSec * 1000,
          );
          const found = kinds(
            beatMinutes(
              historyOf(
                beats.filter((at) => at <= NOW),
                { intervalSec },
              ),
              NOW,
            ),
          );
          expect(found.filter((kind) => kind === "missed" || kind === "late")).toEqual([]);
        },
      ),
    );
  });

  it("show a silence as missed, its edge as late, and the way back", () => {
    const beats = [...steady(minutesAgo(59), minutesAgo(30), 10), ...steady(minutesAgo(20), NOW, 10)];
    const minutes = beatMinutes(historyOf(beats, { intervalSec: 10 }), NOW);
    expect(kinds(minutes).slice(31, 39)).toEqual(Array(8).fill("missed"));
    expect(summarize(minutes)).toBe("50 of 60 minutes on time, 1 late, 9 missed");
    expect(minutes.at(-1)?.kind).toBe("on-time");
  });

  it("call fewer beats than promised late", () => {
    const beats = [
      ...steady(minutesAgo(59), minutesAgo(11), 10),
      ...steady(minutesAgo(10), minutesAgo(6), 30),
      ...steady(minutesAgo(5), NOW, 10),
    ];
    const found = kinds(beatMinutes(historyOf(beats, { intervalSec: 10 }), NOW));
    expect(found.filter((kind) => kind === "late").length).toBeGreaterThanOrEqual(4);
    expect(found).not.toContain("missed");
  });

  it("judge the running minute by the last beat, not by what is still to come", () => {
    const early = Math.floor(NOW / MINUTE_MS) * MINUTE_MS + 500;
    const beats = steady(minutesAgo(30), early - 5000, 30);
    expect(beatMinutes(historyOf(beats), early).at(-1)?.kind).toBe("on-time");
    const gone = steady(minutesAgo(30), minutesAgo(2), 30);
    expect(beatMinutes(historyOf(gone), NOW).at(-1)?.kind).toBe("missed");
  });

  it("never accuse an independent orchestrator", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 60 }),
        fc.option(fc.integer({ min: 0, max: 1e9 })),
        (agos, seenAgo) => {
          const starts = [...new Set(agos)].sort((a, b) => b - a);
          const base = Math.floor(NOW / MINUTE_MS) * MINUTE_MS;
          const minutes = starts.map((ago) => ({ at: base - ago * MINUTE_MS, processed: 0, ignored: 2 }));
          const lastSeenAt = seenAgo === null ? null : NOW - 3_600_000 - seenAgo;
          const found = kinds(beatMinutes({ minutes, intervalSec: 30, isIndependent: true, lastSeenAt }, NOW));
          expect(found).not.toContain("missed");
          expect(found).not.toContain("late");
          expect(found.at(-1)).toBe("not-recorded");
        },
      ),
    );
  });

  it("keep what was recorded before independence, and do not take a silence then for a failure", () => {
    const recorded = historyOf(steady(minutesAgo(59), minutesAgo(30), 30));
    const found = kinds(beatMinutes({ ...recorded, isIndependent: true }, NOW));
    expect(found.slice(2, 29)).toEqual(Array(27).fill("on-time"));
    expect(found.slice(31)).toEqual(Array(29).fill("not-recorded"));
  });

  it("go on after independence as if nothing had happened", () => {
    const before = { ...historyOf(steady(minutesAgo(59), minutesAgo(30), 30)), isIndependent: true };
    const back = withIndependence(before, false, minutesAgo(10));
    expect(kinds(beatMinutes(back, minutesAgo(10))).at(-1)).toBe("not-recorded");
    const found = kinds(beatMinutes(steady(minutesAgo(10) + 5000, NOW, 30).reduce(withSight, back), NOW));
    expect(found.slice(2, 30)).toEqual(Array(28).fill("on-time"));
    expect(found.slice(30, 49)).toEqual(Array(19).fill("not-recorded"));
    expect(found.slice(49)).toEqual(Array(11).fill("on-time"));
    expect(withIndependence(back, false, NOW)).toBe(back);
    expect(withIndependence(back, true, NOW)).toEqual({ ...back, isIndependent: true });
  });

  it("show the whole hour as missed when the last beat was before it", () => {
    const found = kinds(beatMinutes({ ...EMPTY, lastSeenAt: minutesAgo(200) }, NOW));
    expect(found).toEqual(Array(MINUTES_SHOWN).fill("missed"));
  });

  it("expect beats as suggested, or as seldom as they have come", () => {
    expect(dueEverySec([], 30)).toBe(30);
    expect(dueEverySec([NOW], 30)).toBe(30);
    expect(dueEverySec(steady(NOW, NOW + 60_000, 10), 30)).toBe(30);
    expect(dueEverySec([...steady(NOW, NOW + 300_000, 60), NOW + 301_000], 30)).toBe(60);
  });

  it("take a sight once, and none that is known already or of an independent one", () => {
    const once = withSight(EMPTY, NOW);
    expect(withSight(once, NOW)).toBe(once);
    expect(withSight(once, NOW - 1)).toBe(once);
    expect(withSight(once, NOW + 1).minutes).toEqual([{ at: NOW - 45_000, processed: 2, ignored: 0 }]);
    const independent = { ...once, isIndependent: true };
    expect(withSight(independent, NOW + 5000)).toBe(independent);
  });

  it("forget what is older than the hour", () => {
    const history = historyOf([minutesAgo(300), minutesAgo(61), minutesAgo(1), NOW]);
    expect(history.minutes).toHaveLength(2);
  });

  it("are told in words", () => {
    expect(summarize(beatMinutes(EMPTY, NOW))).toBe("No heartbeats in the last hour");
    const steadily = beatMinutes(historyOf(steady(minutesAgo(61), NOW, 30)), NOW);
    expect(summarize(steadily)).toBe("60 of 60 minutes on time");
    const independent = beatMinutes({ ...EMPTY, isIndependent: true }, NOW);
    expect(summarize(independent)).toBe("60 minutes not recorded while independent");
    expect(steadily.map(describeMinute)[30]).toBe("on time, 2 heartbeats");
    expect(describeMinute({ at: 0, kind: "missed", beats: 0 })).toBe("missed");
    expect(describeMinute({ at: 0, kind: "late", beats: 1 })).toBe("late, 1 heartbeat");
  });
});
