import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { levelOf } from "../../common/fair-share.ts";
import type { LogLine } from "../../worker/contract/presence.ts";
import { ringOf } from "../../worker/fleet/controller-log.ts";

const kept = (counts: number[], level: number) => counts.reduce((sum, count) => sum + Math.min(count, level), 0);

describe("a store that is full", () => {
  it("B26 sibling: is cut so that everything fits and hardly a place stays empty", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 40, max: 5_000 }),
        (counts, capacity) => {
          const level = levelOf(counts, capacity);
          expect(kept(counts, level)).toBeLessThanOrEqual(capacity);
          const total = counts.reduce((sum, count) => sum + count, 0);
          expect(kept(counts, level)).toBeGreaterThan(Math.min(total, capacity) - counts.length);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it("B26 sibling: keeps a quiet orchestrator's lines whole, and gives the rest of the room to the loud one", () => {
    const line = (orchestratorId: string, at: number): LogLine => ({
      at,
      level: "INFO",
      message: `${orchestratorId} ${at}`,
      orchestratorId,
      count: 1,
    });
    const quiet = ["a", "b", "c", "d"].flatMap((id) => Array.from({ length: 13 }, (_, at) => line(id, at)));
    const loud = Array.from({ length: 150 }, (_, at) => line("loud", 100 + at));
    const ring = ringOf([...quiet, ...loud], 200);
    expect(ring).toHaveLength(200);
    expect(ring.filter(({ orchestratorId }) => orchestratorId !== "loud")).toHaveLength(52);
    expect(ring.at(-1)).toEqual(loud.at(-1));
  });
});
