import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listFeatures } from "../../dashboard/src/features/orchestrator/features.ts";
import { mergeMinutes } from "../../dashboard/src/features/orchestrator/heartbeat/merge-minutes.ts";
import type { BeatMinute } from "../../dashboard/src/features/orchestrator/heartbeat/minutes.ts";
import {
  COLUMNS,
  nextSort,
  ORGANIZATION_COLUMN,
  sortDirection,
} from "../../dashboard/src/features/organizations/list/columns.ts";
import { createSelection } from "../../dashboard/src/features/organizations/list/selection.ts";
import { idProblem } from "../../dashboard/src/lib/organization-id.ts";
import { ID_PATTERN } from "../../worker/contract/values/ids.ts";

describe("a new id", () => {
  it("is refused exactly where the controller refuses it", () => {
    const ids = fc.oneof(
      fc.string({ maxLength: 70 }),
      fc.stringMatching(/^[A-Za-z0-9._-]{0,70}$/),
      fc.constantFrom("facets", "heartbeats", "ids", "live", "lives", "org-002", "a", "-a", "a-", "ä"),
    );
    fc.assert(fc.property(ids, (id) => (idProblem(id) === null) === ID_PATTERN.test(id)));
  });

  it.each([
    ["", "Enter an ID."],
    ["a b", "Use only letters, digits, dots, underscores and hyphens."],
    ["a-", "Start and end with a letter or a digit."],
    ["a".repeat(65), "Use at most 64 characters."],
    ["live", "“live” is a reserved word."],
  ])("says what is wrong with “%s”", (id, problem) => {
    expect(idProblem(id)).toBe(problem);
  });
});

describe("sorting by the head of a column", () => {
  it("begins with what is looked for, and turns round with the next press", () => {
    expect(nextSort(COLUMNS.health, "name")).toBe("-health");
    expect(nextSort(COLUMNS.health, "-health")).toBe("health");
    expect(nextSort(ORGANIZATION_COLUMN, "name")).toBe("-name");
    expect(nextSort(ORGANIZATION_COLUMN, "-name")).toBe("name");
    expect(nextSort(COLUMNS.version, "name")).toBeNull();
  });

  it("says where it stands", () => {
    expect(sortDirection(COLUMNS.health, "-health")).toBe("descending");
    expect(sortDirection(ORGANIZATION_COLUMN, "name")).toBe("ascending");
    expect(sortDirection(COLUMNS.status, "name")).toBeUndefined();
  });
});

describe("the last hour of several orchestrators", () => {
  const minute = (at: number, kind: BeatMinute["kind"], beats = 1): BeatMinute => ({ at, kind, beats });

  it("is the worst of each minute", () => {
    const merged = mergeMinutes([
      [minute(1, "on-time"), minute(2, "on-time"), minute(3, "not-recorded")],
      undefined,
      [minute(2, "missed", 0), minute(1, "late"), minute(3, "none", 0)],
    ]);
    expect(merged).toEqual([minute(1, "late", 2), minute(2, "missed", 1), minute(3, "not-recorded", 1)]);
  });

  it("is unknown while nothing is known", () => {
    expect(mergeMinutes([undefined, undefined])).toBeUndefined();
  });
});

describe("the selection", () => {
  const entry = (organizationId: string, orchestrators = 1) => ({ organizationId, orchestrators });

  it("adds, takes away and counts what it would act on", () => {
    const selection = createSelection();
    selection.add([entry("a", 2), entry("b", 3)]);
    selection.toggle(entry("c"));
    selection.toggle(entry("a"));
    expect([selection.size(), selection.orchestrators(), selection.has("a")]).toEqual([2, 4, false]);
    selection.remove(["b", "unknown"]);
    expect(selection.list()).toEqual([entry("c")]);
    selection.clear();
    expect(selection.size()).toBe(0);
  });
});

describe("the features of a card", () => {
  it("are shown whatever is in them", () => {
    const odd = { toString: 1, valueOf: null };
    expect(
      listFeatures({ a: [odd], b: [[odd]], c: odd, d: { enabled: [odd] }, e: ["x", 1], f: { enabled: true } }),
    ).toEqual([
      { name: "a", value: "set", isOn: null },
      { name: "b", value: "set", isOn: null },
      { name: "c", value: "set", isOn: null },
      { name: "d", value: "set", isOn: null },
      { name: "e", value: "x, 1", isOn: null },
      { name: "f", value: "on", isOn: true },
    ]);
  });
});
