import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { severityOf } from "../../dashboard/src/features/messages/severity.ts";
import { advance, between, compareView } from "../../dashboard/src/features/messages/view.ts";

const entry = (number: number) => ({ id: `m${number}`, created_at: new Date(number * 1000).toISOString() });
const entries = (...numbers: number[]) => numbers.map(entry);
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

describe("the queue on the screen", () => {
  it("counts new messages and moves nothing", () => {
    const view = compareView(entries(3, 2, 1), entries(5, 4, 3, 2, 1), true);
    expect(ids(view.items)).toEqual(["m3", "m2", "m1"]);
    expect(ids(view.fresh)).toEqual(["m5", "m4"]);
    expect(view.missing).toEqual([]);
  });

  it("misses what is not listed any more", () => {
    expect(compareView(entries(3, 2, 1), entries(4, 3, 1), true).missing).toEqual(["m2"]);
    expect(compareView(entries(3, 2, 1), [], true).missing).toEqual(["m3", "m2", "m1"]);
  });

  it("does not miss what may only be too old for the answer", () => {
    expect(compareView(entries(3, 2, 1), entries(5, 4, 3), false).missing).toEqual([]);
    expect(compareView(entries(3, 2, 1), entries(5, 4, 1), false).missing).toEqual(["m3", "m2"]);
  });

  it("shows at once what comes at its end, and everything when it was empty", () => {
    const view = compareView(entries(4, 3), entries(5, 4, 3, 2, 1), true);
    expect(ids(view.items)).toEqual(["m4", "m3", "m2", "m1"]);
    expect(ids(view.fresh)).toEqual(["m5"]);
    expect(ids(compareView([], entries(2, 1), true).items)).toEqual(["m2", "m1"]);
  });

  it("never shows a message twice and never loses one, whatever the answers are", () => {
    const some = fc.uniqueArray(fc.nat({ max: 20 })).map((list) => entries(...list.sort((a, b) => b - a)));
    fc.assert(
      fc.property(some, some, fc.boolean(), (shown, listed, isComplete) => {
        const view = compareView(shown, listed, isComplete);
        expect(ids(view.items).slice(0, shown.length)).toEqual(ids(shown));
        const all = [...ids(view.items), ...ids(view.fresh)];
        expect(new Set(all).size).toBe(all.length);
        for (const { id } of listed) expect(all).toContain(id);
        for (const id of view.missing) expect(ids(listed)).not.toContain(id);
        if (isComplete) expect(ids(shown).filter((id) => !ids(listed).includes(id))).toEqual(view.missing);
      }),
    );
  });

  it("goes on to the next open message, else back, else nowhere", () => {
    const list = ["a", "b", "c", "d"];
    expect(advance(list, "b", (id) => id !== "b")).toBe("c");
    expect(advance(list, "b", (id) => id === "a" || id === "d")).toBe("d");
    expect(advance(list, "d", (id) => id === "a" || id === "b")).toBe("b");
    expect(advance(list, "b", () => false)).toBeNull();
    expect(advance(list, null, () => true)).toBe("a");
    expect(advance(list, "gone", () => true)).toBe("a");
  });

  it("selects ranges in both directions", () => {
    expect(between(["a", "b", "c", "d"], "b", "d")).toEqual(["b", "c", "d"]);
    expect(between(["a", "b", "c", "d"], "d", "b")).toEqual(["b", "c", "d"]);
    expect(between(["a", "b"], "gone", "b")).toEqual(["b"]);
  });
});

describe("the severity of a message", () => {
  it.each([
    [{ severity: " High " }, "high"],
    [{ severity: "p1" }, "p1"],
    [{ severity: "" }, null],
    [{ severity: 3 }, null],
    [{ severity: null }, null],
    [{ severity: "x".repeat(33) }, null],
    [{}, null],
  ])("of %j is %s", (metadata, expected) => {
    expect(severityOf(metadata)).toBe(expected);
  });
});
