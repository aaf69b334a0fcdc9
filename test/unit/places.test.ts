import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";
import { QUOTA_KINDS, QUOTAS, type QuotaLimits, quotaMessage } from "../../worker/contract/quotas.ts";
import { type Place, seatFor } from "../../worker/fleet/places.ts";

const LIMITS = {
  ...(Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, QUOTAS[kind].limit])) as QuotaLimits),
  live_views_per_account: 5,
  live_views_per_organization: 9,
};
const CAPACITY = 12;

const arrivals = fc.array(
  fc.record({
    account: fc.nat({ max: 8 }).map((n) => `user:${n}`),
    organizations: fc.option(fc.subarray(["a", "b", "c"], { minLength: 1 }), { freq: 3 }),
  }),
  { maxLength: 60 },
);

function arrive(places: Place[], who: Place): Place[] {
  const seating = seatFor(who, places, LIMITS, CAPACITY);
  if (seating.outcome === "free") return [...places, who];
  return seating.outcome === "taken" ? [...places.toSpliced(seating.index, 1), who] : places;
}

const tenant = ({ organizations }: Place) => organizations?.toSorted()[0] ?? "all";

describe("the places of viewers", () => {
  it("go by what is fair: no quota is passed, and who has less than the largest is let in", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        let places: Place[] = [];
        for (const who of all) {
          const before = places;
          places = arrive(places, who);
          expect(places.length).toBeLessThanOrEqual(CAPACITY);
          const own = before.filter(({ account }) => account === who.account).length;
          const sizes = Map.groupBy(before, tenant);
          const share = CAPACITY / new Set([...sizes.keys(), tenant(who)]).size;
          const isWithin =
            own < LIMITS.live_views_per_account &&
            (who.organizations ?? []).every(
              (id) => before.filter(({ organizations }) => organizations?.includes(id)).length < 9,
            );
          if (isWithin && (sizes.get(tenant(who))?.length ?? 0) < Math.floor(share)) expect(places).toContain(who);
          const gone = before.filter((place) => !places.includes(place));
          expect(gone.length).toBeLessThanOrEqual(1);
          // Nobody who is within the share gives up a place for another organization.
          for (const place of gone) {
            if (tenant(place) !== tenant(who))
              expect(sizes.get(tenant(place))?.length).toBeGreaterThan(Math.floor(share));
          }
        }
        for (const group of Map.groupBy(places, ({ account }) => account).values())
          expect(group.length).toBeLessThanOrEqual(5);
        for (const id of ["a", "b", "c"]) {
          expect(places.filter(({ organizations }) => organizations?.includes(id)).length).toBeLessThanOrEqual(9);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("are full when all accounts have as many", () => {
    const places = Array.from({ length: CAPACITY }, (_, index) => ({ account: `user:${index}`, organizations: null }));
    expect(seatFor({ account: "user:late", organizations: null }, places, LIMITS, CAPACITY)).toEqual({
      outcome: "full",
    });
  });
});

describe("the sentence about a quota", () => {
  it("is about a setting that docs/settings.md names with its default", () => {
    const text = readFileSync(projectPath("docs/settings.md"), "utf8");
    for (const kind of QUOTA_KINDS) expect(text).toContain(`| \`${QUOTAS[kind].setting}\` | ${QUOTAS[kind].limit} |`);
  });

  it("names what there is too much of, the limit and what to do, and fits into the reason of a close", () => {
    for (const kind of QUOTA_KINDS) {
      const sentence = quotaMessage(kind, 123_456);
      expect(sentence).toContain("123456");
      expect(sentence).toMatch(/^(This organization|Your account) has .*, which is the limit\. [A-Z].*\.$/);
    }
    expect(new TextEncoder().encode(quotaMessage("live_views_per_organization", 1_000_000_000)).length).toBeLessThan(
      124,
    );
  });
});
