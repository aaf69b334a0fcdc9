import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportedOtherwise } from "../../dashboard/src/features/orchestrator/reported.ts";
import { changeOf, fieldsOf, rebase } from "../../dashboard/src/features/organization/edit.ts";
import { accessChange, describeAccess } from "../../dashboard/src/features/users/user-calls.ts";
import { planChange } from "../../worker/db/organization-change.ts";
import { differenceOf, joinChanges } from "../../worker/platform/json-difference.ts";

const base = { name: "Acme", location: "" };

describe("the dialog that edits an organization", () => {
  it("B11: sends what was changed, and nothing else", () => {
    expect(fieldsOf({ name: "Acme", location: null })).toEqual(base);
    expect(changeOf(base, { name: " Acme ", location: " " })).toBeNull();
    expect(changeOf(base, { name: "Acme GmbH", location: "" })).toEqual({ name: "Acme GmbH" });
    expect(changeOf({ name: "Acme", location: "Oslo" }, base)).toEqual({ location: null });
  });

  it("B11: takes over what only others changed, and keeps what both did with theirs beside it", () => {
    const draft = { name: "Mine", location: "" };
    expect(rebase(base, draft, { name: "Acme", location: "Oslo" })).toEqual({
      draft: { name: "Mine", location: "Oslo" },
      theirs: {},
    });
    expect(rebase(base, draft, { name: "Theirs", location: "" })).toEqual({ draft, theirs: { name: "Theirs" } });
    expect(rebase(base, draft, { name: "Mine", location: "" })).toEqual({ draft, theirs: {} });
  });

  it("B30: tells what the orchestrator reports only where that differs", () => {
    const own = { reported_name: "Default Orchestrator", reported_location: "localhost" };
    expect(reportedOtherwise({ name: "Demo", location: "live-demo", ...own })).toBe("Default Orchestrator, localhost");
    expect(reportedOtherwise({ name: "Default Orchestrator", location: null, ...own })).toBe("localhost");
    expect(
      reportedOtherwise({ name: "Demo", location: null, reported_name: null, reported_location: null }),
    ).toBeNull();
  });
});

describe("the dialog of a user's access", () => {
  it("B11 sibling: sends what was changed, and says what others made of it", () => {
    const seen = { role: "viewer", organizations: ["a"] } as const;
    expect(accessChange(seen, { role: "viewer", organizations: ["a"] })).toBeNull();
    expect(accessChange(seen, { role: "operator", organizations: ["a"] })).toEqual({ role: "operator" });
    expect(accessChange(seen, { role: "viewer", organizations: null })).toEqual({ organizations: null });
    expect(describeAccess({ ...seen, is_active: true })).toBe("viewer for a");
    expect(describeAccess({ role: "admin", organizations: null, is_active: false })).toBe(
      "admin for all organizations, deactivated",
    );
  });
});

describe("what an edit makes of an organization", () => {
  const known = {
    name: "Acme",
    location: null,
    nameSet: true,
    locationSet: false,
    metadata: { host: "h", plan: "gold" },
    setMetadata: { plan: "gold" },
  };

  it("B11: merges metadata per key, and null takes away what was set", () => {
    expect(planChange(known, {})).toBeNull();
    expect(planChange(known, { name: "Acme", metadata: { plan: "gold", none: null } })).toBeNull();
    expect(planChange(known, { metadata: { plan: null, tier: { a: 1 } } })).toMatchObject({
      metadata: { set: { tier: { a: 1 } }, removed: ["plan"] },
      audited: { before: { metadata: { plan: "gold" } }, after: { metadata: { tier: { a: 1 } } } },
    });
  });

  it("B30: makes a value that was only reported one that somebody has set", () => {
    expect(planChange(known, { metadata: { host: "h" } })).toMatchObject({ metadata: { set: { host: "h" } } });
    expect(planChange({ ...known, nameSet: false }, { name: "Acme" })).toMatchObject({
      next: { nameSet: true },
      audited: { before: { name_set: false }, after: { name_set: true } },
    });
  });
});

describe("the difference that an audit row tells", () => {
  it("of two changes in a row is that of the first state and the last", () => {
    const part = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom(1, 2, "x", { p: 1 }, [1]), {
      noNullPrototype: true,
    });
    const fields = { name: fc.constantFrom("A", "B", null), metadata: part, features: part };
    const state = fc.record(fields, { noNullPrototype: true });
    const none = { before: {}, after: {} };
    fc.assert(
      fc.property(state, state, state, (one, two, three) => {
        const joined = joinChanges(differenceOf(one, two) ?? none, differenceOf(two, three) ?? none);
        expect(joined).toEqual(differenceOf(one, three));
      }),
      { numRuns: 10_000 },
    );
  });

  it("is of the keys that differ, at two levels, whatever the order of keys", () => {
    expect(differenceOf({ a: 1, o: { x: { p: 1, q: 2 } } }, { o: { x: { q: 2, p: 1 } }, a: 1 })).toBeNull();
    expect(differenceOf({ a: 1, o: { x: 1, y: [1] } }, { b: null, o: { x: 2, y: [1] } })).toEqual({
      before: { a: 1, o: { x: 1 } },
      after: { b: null, o: { x: 2 } },
    });
  });
});
