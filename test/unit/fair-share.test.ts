import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogLine } from "../../worker/contract/presence.ts";
import { ringOf } from "../../worker/fleet/controller-log.ts";
import { Extras } from "../../worker/fleet/viewer-extras.ts";

const CAPACITY = 40;

/** Lines of organizations 0 to 4, each with orchestrators 0 to 3, in any order and number. */
const written = fc.array(
  fc.record({
    organization: fc.nat({ max: 4 }),
    orchestrator: fc.nat({ max: 3 }),
    times: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 30 },
);
type Written = (typeof written extends fc.Arbitrary<infer Value> ? Value : never)[number];

function linesOf(bursts: readonly Written[]): LogLine[] {
  return bursts.flatMap(({ organization, orchestrator, times }, burst) =>
    Array.from({ length: times }, (_, index): LogLine => {
      const [organizationId, orchestratorId] = [`org-${organization}`, `org-${organization}-${orchestrator}`];
      const message = `${burst} ${index}`;
      return { at: burst * 100 + index, level: "INFO", message, orchestratorId, organizationId, count: 1 };
    }),
  );
}

/** As the log does: lines come in, and now and then what is too much goes. */
function runThrough(lines: readonly LogLine[], every: number): LogLine[] {
  let ring: LogLine[] = [];
  for (let start = 0; start < lines.length; start += every) {
    ring = ringOf([...ring, ...lines.slice(start, start + every)], CAPACITY);
    expect(ring.length).toBeLessThanOrEqual(CAPACITY);
  }
  return ring;
}

const countBy = (lines: readonly LogLine[], of: "organizationId" | "orchestratorId") =>
  Map.groupBy(lines, (line) => line[of] ?? "");

describe("a ring that organizations share", () => {
  it("never takes a line from an organization or an orchestrator that is within its share, whatever the others write", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 1, max: 100 }), (bursts, every) => {
        const lines = linesOf(bursts);
        const ring = runThrough(lines, every);
        const organizations = countBy(lines, "organizationId");
        const share = Math.floor(CAPACITY / Math.max(1, organizations.size));
        for (const [id, own] of organizations) {
          const left = ring.filter(({ organizationId }) => organizationId === id);
          if (own.length <= share) expect(left).toEqual(own);
          // Whoever has more keeps at least its share, up to what its orchestrators do not divide evenly.
          const orchestrators = countBy(own, "orchestratorId");
          expect(left.length).toBeGreaterThan(Math.min(own.length, share) - orchestrators.size);
          const innerShare = Math.floor(share / orchestrators.size);
          for (const [orchestrator, said] of orchestrators) {
            const kept = left.filter(({ orchestratorId }) => orchestratorId === orchestrator);
            expect(kept).toEqual(said.slice(said.length - kept.length));
            expect(kept.length).toBeGreaterThanOrEqual(Math.min(said.length, innerShare));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("gives those who were heard last a place each when there are more of them than places", () => {
    const lines = linesOf([]).concat(
      ...Array.from({ length: CAPACITY + 10 }, (_, index): LogLine[] => {
        const [organizationId, orchestratorId] = [`many-${index}`, `many-${index}`];
        const line = { level: "INFO", orchestratorId, organizationId, count: 1 } as const;
        return [
          { ...line, at: index * 2, message: "first" },
          { ...line, at: index * 2 + 1, message: "second" },
        ];
      }),
    );
    const ring = ringOf(lines, CAPACITY);
    expect(ring).toHaveLength(CAPACITY);
    expect(new Set(ring.map(({ organizationId }) => organizationId)).size).toBe(CAPACITY);
    expect(ring.every(({ message }) => message === "second")).toBe(true);
  });
});

describe("the lines that wait for one viewer", () => {
  it("are of all organizations, however many one of them writes before the next frame", () => {
    const extras = new Extras([]);
    const [quiet, chatty] = [
      linesOf([{ organization: 0, orchestrator: 0, times: 3 }]),
      linesOf([{ organization: 1, orchestrator: 0, times: 2_000 }]),
    ];
    extras.addLines(quiet);
    for (let start = 0; start < chatty.length; start += 100) extras.addLines(chatty.slice(start, start + 100));
    const frame = extras.logsFrame();
    if (frame?.type !== "logs") throw new Error("no lines");
    expect(frame.lines.filter(({ orchestrator_id }) => orchestrator_id === "org-0-0")).toHaveLength(3);
    expect(frame.lines.length).toBeLessThanOrEqual(500);
    expect(frame.lines[0]).not.toHaveProperty("organizationId");
    extras.sent(frame);
    expect(extras.hasLines).toBe(frame.lines.length < 500);
  });
});
