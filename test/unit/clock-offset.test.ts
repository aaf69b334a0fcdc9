import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClockOffset,
  describeClock,
  NOTABLE_OFFSET_MS,
  nextOffset,
  offsetOf,
} from "../../dashboard/src/lib/clock-offset.ts";

const NOW = 1_800_000_000_000;
const sample = (offsetMs: number, thereMs = 20, backMs = 20, sentAt = NOW) => ({
  sentAt,
  receivedAt: sentAt + thereMs + backMs,
  serverAt: sentAt + thereMs + offsetMs,
});

describe("the offset of the controller's clock", () => {
  it("B15: is known to half the round trip of the quickest answer, however the network behaves", () => {
    const trip = fc.record({ there: fc.nat(4000), back: fc.nat(4000) });
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.array(trip, { minLength: 1 }), (offsetMs, trips) => {
        let known: ClockOffset | null = null;
        for (const { there, back } of trips) known = nextOffset(known, sample(offsetMs, there, back));
        const quickest = Math.min(...trips.map(({ there, back }) => there + back));
        expect(Math.abs(offsetOf(known) - offsetMs)).toBeLessThanOrEqual(quickest / 2 + 1);
      }),
      { numRuns: 10_000 },
    );
  });

  it("does not jump with a slower answer, and follows when a clock is set", () => {
    const first = nextOffset(null, sample(-600_000));
    expect(nextOffset(first, sample(-600_000, 900, 20))).toBe(first);
    expect(offsetOf(nextOffset(first, sample(0, 500, 500)))).toBe(0);
  });

  it("learns nothing from an answer without a time, one that took too long, or a clock that was set meanwhile", () => {
    const known = nextOffset(null, sample(5000));
    for (const useless of [
      { ...sample(0), serverAt: Number.NaN },
      sample(0, 60_000, 0),
      { ...sample(0), receivedAt: NOW - 1 },
    ]) {
      expect(nextOffset(known, useless)).toBe(known);
      expect(nextOffset(null, useless)).toBeNull();
    }
  });

  it("is said in words only when somebody should set the clock", () => {
    const words = (offsetMs: number) => describeClock({ leastMs: offsetMs, mostMs: offsetMs });
    expect([words(0), words(NOTABLE_OFFSET_MS), words(-NOTABLE_OFFSET_MS)]).toEqual([null, null, null]);
    expect([words(-600_000), words(600_000), words(-7_200_000), words(3 * 86_400_000)]).toEqual([
      "10 min fast",
      "10 min slow",
      "2 h fast",
      "3 days slow",
    ]);
  });
});
