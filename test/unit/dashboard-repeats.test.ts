import { describe, expect, it } from "vitest";
import { fromEvent, mergeEntries } from "../../dashboard/src/features/activity/entries.ts";
import { detailOf, matches } from "../../dashboard/src/features/activity/filter.ts";
import { withoutRepeated } from "../../dashboard/src/live/repeats.ts";
import type { FeedEvent } from "../../worker/contract/stream.ts";

const event = (index: number, at: number, rest: Partial<FeedEvent> = {}): FeedEvent => ({
  ...{ index, at, type: "connected", orchestrator_id: "flap-1", organization_id: "acme", detail: null },
  ...rest,
});
const folded = (index: number, at: number, count: number) =>
  event(index, at, {
    type: "disconnected",
    repeats: { count, since: 4, types: { connected: count / 2, disconnected: count / 2 } },
  });

describe("an event that stands for many", () => {
  it("B26: takes the place of those it stands for, on the page as in the controller", () => {
    const before = [event(3, 3), event(4, 4), event(9, 4, { orchestrator_id: "quiet" })];
    const once = withoutRepeated([folded(12, 12, 4), ...before.toReversed()]);
    expect(once.map(({ index }) => index)).toEqual([12, 9, 3]);
    const again = withoutRepeated([folded(20, 20, 8), ...once]);
    expect(again.map(({ index }) => index)).toEqual([20, 9, 3]);
  });

  it("B26: is one entry of the activity, as it is now, found under each of its types", () => {
    const known = [fromEvent(folded(12, 12, 4)), fromEvent(event(4, 4)), fromEvent(event(3, 3))];
    const merged = mergeEntries(known, [fromEvent(folded(20, 20, 1224))]);
    expect(merged.map(({ at }) => at)).toEqual([20, 3]);
    const [entry] = merged;
    if (!entry) throw new Error("no entry");
    expect(detailOf(entry, (at) => `clock ${at}`)).toBe("Connected 612 times, disconnected 612 times since clock 4");
    expect(matches(entry, { types: ["connected"], text: "" })).toBe(true);
    expect(matches(entry, { types: ["lost"], text: "" })).toBe(false);
  });

  it("says how often what is always the same", () => {
    const repeats = { count: 24, since: 4, types: { health: 24 } };
    expect(detailOf({ detail: "healthy → degraded", repeats }, String)).toBe("Healthy → degraded, 24 times since 4");
    expect(detailOf({ detail: "off" }, String)).toBe("off");
  });
});
