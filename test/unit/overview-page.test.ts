import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attention,
  type AttentionItem,
  canBeAdmitted,
  describeItem,
  KIND_WORDS,
  placeToAct,
  readAttentionView,
  totalOf,
} from "../../dashboard/src/features/overview/attention.ts";
import { addSample, describeLine, type Sample, toLine } from "../../dashboard/src/features/overview/history.ts";
import { fleetNumbers, type LiveCounts, listHref } from "../../dashboard/src/features/overview/numbers.ts";
import { readUsersView } from "../../dashboard/src/features/users/users.ts";
import { parseFilter, toQuery } from "../../dashboard/src/lib/filter.ts";
import { organizationFilters } from "../../worker/contract/rest/organizations.ts";
import { REFUSAL_REASONS } from "../../worker/contract/values/codes.ts";
import { ATTENTION_KINDS } from "../../worker/contract/values/lists.ts";

const STORED = {
  total_organizations: 10,
  active_organizations: 5,
  inactive_organizations: 4,
  independent_organizations: 1,
  total_orchestrators: 20,
};
const LIVE: LiveCounts = { total: 20, connected: 9, organizations: { active: 6, inactive: 1, independent: 2 } };

describe("the numbers of the overview", () => {
  it("are those of the stream; who has no orchestrator is in the database alone, and inactive", () => {
    expect(fleetNumbers(LIVE, STORED)).toEqual({
      organizations: { total: 10, active: 6, inactive: 2, independent: 2 },
      orchestrators: 20,
      connected: 9,
    });
  });

  it("count who has just registered before the database was asked again", () => {
    const more: LiveCounts = { total: 22, connected: 11, organizations: { active: 9, inactive: 1, independent: 2 } };
    expect(fleetNumbers(more, STORED)?.organizations).toEqual({ total: 12, active: 9, inactive: 1, independent: 2 });
  });

  it("are those of the database while there is no stream, or it knows of fewer orchestrators", () => {
    const stored = { total: 10, active: 5, inactive: 4, independent: 1 };
    expect(fleetNumbers(null, STORED)).toEqual({ organizations: stored, orchestrators: 20, connected: null });
    expect(fleetNumbers({ ...LIVE, total: 3 }, STORED)).toEqual({
      organizations: stored,
      orchestrators: 20,
      connected: 9,
    });
    expect(fleetNumbers(null, undefined)).toBeNull();
  });

  it("always add up to their total", () => {
    const count = fc.nat(1000);
    const counts = fc.record({ active: count, inactive: count, independent: count });
    fc.assert(
      fc.property(counts, count, fc.option(count, { nil: undefined }), (organizations, total, stored) => {
        const numbers = fleetNumbers(
          { total, connected: 0, organizations },
          stored === undefined ? undefined : { ...STORED, total_organizations: 1000 + stored, total_orchestrators: 0 },
        );
        const { active = 0, inactive = 0, independent = 0, total: all } = numbers?.organizations ?? {};
        expect(active + inactive + independent).toBe(all);
        expect(Math.min(active, inactive, independent)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("lead to the list, filtered so that it has as many", () => {
    expect(listHref()).toBe("/organizations");
    expect(asked(listHref(["status", "inactive"]))).toEqual({ status: ["inactive"] });
  });
});

describe("what needs attention", () => {
  const item = (over: Partial<AttentionItem>): AttentionItem => ({
    kind: "lost",
    severity: "high",
    organization_id: "acme",
    organization_name: "Acme",
    orchestrator_id: "acme-2",
    name: "Acme 2",
    since: null,
    detail: null,
    message_id: null,
    count: 1,
    refusal: null,
    ...over,
  });

  it("has words for every kind of the API, and a place to act", () => {
    for (const kind of ATTENTION_KINDS) {
      expect(KIND_WORDS[kind]).toBeTruthy();
      expect(describeItem(item({ kind }))).toBeTruthy();
      expect(placeToAct(item({ kind })).href).toMatch(/acme/);
    }
    expect(placeToAct(item({ kind: "lost", orchestrator_id: "acme" })).href).toBe("/organizations/acme");
    expect(placeToAct(item({ kind: "lost", orchestrator_id: "acme-7" })).href).toBe(
      "/organizations/acme?orchestrator=acme-7",
    );
    expect(placeToAct(item({ kind: "config_failed" })).href).toBe("/organizations/acme/config");
    expect(placeToAct(item({ kind: "messages", message_id: "msg_1" })).href).toBe(
      "/messages?organization=acme&message=msg_1",
    );
    expect(describeItem(item({ kind: "config_failed", detail: "rule 12" }))).toBe("rule 12");
  });

  it("B23: says of a refused connection why, from where, since when and how often, and what to do", () => {
    const refused = (reason: NonNullable<AttentionItem["refusal"]>["reason"], over: Partial<AttentionItem> = {}) =>
      item({
        kind: "refused",
        since: "2026-05-01T12:00:00.000Z",
        count: 41,
        refusal: { reason, address: "203.0.113.7", last_at: "2026-05-01T12:05:00.000Z" },
        ...over,
      });
    expect(describeItem(refused("deregistered"))).toMatch(
      /^Deregistered, but keeps connecting – from 203\.0\.113\.7 since .+, 41 times$/,
    );
    expect(canBeAdmitted(refused("deregistered"))).toBe(true);
    expect(canBeAdmitted(refused("wrong_token"))).toBe(false);
    expect(placeToAct(refused("wrong_token"))).toEqual({ href: "/organizations/acme/access", label: "Create token" });
    expect(placeToAct(refused("wrong_token", { organization_id: null })).href).toBe("/audit?q=acme-2");
    for (const reason of REFUSAL_REASONS) expect(describeItem(refused(reason))).not.toContain("undefined");
    expect(describeItem(item({ kind: "duplicate_identity", count: 1 }))).toContain("Two machines use this ID");
  });

  it("is all of them or one kind, as the address says", () => {
    expect(readAttentionView({ attention: "lost", page: "3" })).toEqual({ kind: "lost", page: 3 });
    expect(readAttentionView({ attention: "tired", page: "-1" })).toEqual({ kind: null, page: 1 });
    for (const page of ["1e9", "Infinity", "x", "", undefined, ["2", "3"], "0.5"])
      expect(readAttentionView({ page })).toEqual({ kind: null, page: 1 });
    expect(totalOf({ counts: { lost: 2, messages: 40 } as Attention["counts"] })).toBe(42);
  });
});

describe("the line of the connected", () => {
  const add = (...samples: [at: number, value: number | null][]) =>
    samples.reduce<readonly Sample[]>((history, [at, value]) => addSample(history, { at, value }), []);

  it("starts with the first known number, and keeps changes only", () => {
    expect(add([0, null], [1000, 5], [2000, 5], [9000, 6])).toEqual([
      { at: 1000, value: 5 },
      { at: 9000, value: 6 },
    ]);
  });

  it("takes what changes within a second as one step", () => {
    expect(add([0, 5], [5000, 6], [5200, 7], [5900, 8], [7000, 9])).toEqual([
      { at: 0, value: 5 },
      { at: 5000, value: 8 },
      { at: 7000, value: 9 },
    ]);
    expect(add([0, 5], [5000, 6], [5200, 5])).toEqual([{ at: 0, value: 5 }]);
  });

  it("keeps the gap where nothing was known, however short", () => {
    expect(add([0, 5], [5000, null], [5200, 6]).map(({ value }) => value)).toEqual([5, null, 6]);
  });

  it("forgets the oldest, stays in order, and ends with the newest", () => {
    const moves = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.option(fc.nat(50))), { maxLength: 3000 });
    fc.assert(
      fc.property(moves, (steps) => {
        let at = 0;
        const samples = steps.map(([wait, value]): [number, number | null] => {
          at += wait;
          return [at, value];
        });
        const history = add(...samples);
        const last = samples.at(-1)?.[1];
        if (history.length > 0) expect(history.at(-1)?.value).toBe(last);
        expect(history.length).toBeLessThanOrEqual(2000);
        history.slice(1).forEach((sample, index) => {
          expect(sample.at).toBeGreaterThan(history[index]?.at ?? 0);
          expect(sample.value).not.toBe(history[index]?.value);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("goes on until now", () => {
    expect(toLine([{ at: 10, value: 4 }], 30)).toEqual({ moments: [10, 30], values: [4, 4] });
    expect(toLine([{ at: 30, value: 4 }], 30)).toEqual({ moments: [30, 31], values: [4, 4] });
    expect(toLine([], 30)).toEqual({ moments: [], values: [] });
  });

  it("can be told in words", () => {
    expect(describeLine(add([0, 40], [2000, 38], [4000, 41]))).toBe("now 41, between 38 and 41");
    expect(describeLine(add([0, 40]))).toBe("now 40, unchanged");
    expect(describeLine(add([0, 40], [2000, null]))).toBe("currently unknown, unchanged");
    expect(describeLine([])).toBe("no data yet");
  });
});

describe("the address of the users page", () => {
  it("is read whatever stands in it", () => {
    expect(readUsersView({ q: "  ada ", role: "viewer", page: "2" })).toEqual({ q: "ada", role: "viewer", page: 2 });
    expect(readUsersView({ q: ["a", "b"], role: "root", page: "-1" })).toEqual({ q: "", role: null, page: 1 });
  });
});

/** What the list asks the API for, and the API takes. */
function asked(href: string) {
  const text = new URL(href, "http://localhost").searchParams.get("q") ?? "";
  const { filter, problems } = parseFilter(text);
  expect(problems).toEqual([]);
  return organizationFilters.parse(toQuery(filter, Date.now()));
}
