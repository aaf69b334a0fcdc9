import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adopt,
  countChanges,
  EMPTY_LIST,
  idAt,
  idsBetween,
  indexOf,
  type ListModel,
  receive,
  WINDOW_SIZE,
} from "../../dashboard/src/features/organizations/list/list-model.ts";

const answer = (ids: string[], total = ids.length, number = 0, key = "a") => ({ key, number, ids, total });
const shown = (ids: string[], total?: number) => receive(EMPTY_LIST, answer(ids, total), false);
const idsOf = (model: ListModel) => Array.from({ length: model.total }, (_, index) => idAt(model, index));

describe("the list of organizations", () => {
  it("keeps every row where it stands until what waits is wanted", () => {
    const before = shown(["a", "b", "c"]);
    const after = receive(before, answer(["x", "b", "a", "c"]), false);
    expect(idsOf(after)).toEqual(["a", "b", "c"]);
    expect(countChanges(after)).toBe(2);
    expect(idsOf(adopt(after, [0]))).toEqual(["x", "b", "a", "c"]);
    expect(countChanges(adopt(after, [0]))).toBe(0);
  });

  it("moves rows at once when nobody minds", () => {
    expect(idsOf(receive(shown(["a"]), answer(["b", "a"]), true))).toEqual(["b", "a"]);
  });

  it("forgets what waited when a later answer agrees with what is shown", () => {
    const waiting = receive(shown(["a", "b"]), answer(["b", "a"]), false);
    expect(countChanges(receive(waiting, answer(["a", "b"]), false))).toBe(0);
  });

  it("starts anew with another filter or sorting", () => {
    const waiting = receive(shown(["a", "b"]), answer(["b", "a"]), false);
    const other = receive(waiting, answer(["c"], 1, 0, "b"), false);
    expect(idsOf(other)).toEqual(["c"]);
    expect(countChanges(other)).toBe(0);
  });

  it.each([
    ["one comes first", ["a", "b", "c"], ["x", "a", "b"], 1],
    ["one goes", ["a", "b", "c"], ["b", "c"], 1],
    ["one goes and the next window moves up", ["a", "b", "c"], ["b", "c", "d"], 1],
    ["one sinks", ["a", "b", "c", "d"], ["b", "c", "d", "a"], 1],
    ["two change places", ["a", "b", "c"], ["c", "b", "a"], 2],
    ["others", ["a", "b"], ["c", "d"], 2],
  ])("counts rows, not places: %s", (_, before, after, expected) => {
    expect(countChanges(receive(shown(before), answer(after), false))).toBe(expected);
  });

  it("counts a row that only went from one window into the next as moved nowhere", () => {
    const ids = Array.from({ length: 2 * WINDOW_SIZE }, (_, index) => `org-${index}`);
    const windows = (list: string[]) => [list.slice(0, WINDOW_SIZE), list.slice(WINDOW_SIZE, 2 * WINDOW_SIZE)];
    const read = (model: ListModel, list: string[]) =>
      windows(list).reduce((next, part, number) => receive(next, answer(part, 500, number), false), model);
    const model = read(read(EMPTY_LIST, ids), ["new", ...ids]);
    expect(countChanges(model)).toBe(1);
  });

  it("says so when only what is out of sight has changed", () => {
    expect(countChanges(receive(shown(["a"], 500), answer(["a"], 503), false))).toBe(3);
  });

  it("forgets windows out of sight when it adopts, because they would show rows twice", () => {
    const model = receive(shown(["a"], 400), answer(["z"], 400, 3), false);
    const adopted = adopt(receive(model, answer(["b"], 401), false), [0]);
    expect([idAt(adopted, 0), idAt(adopted, 3 * WINDOW_SIZE), adopted.total]).toEqual(["b", undefined, 401]);
  });

  it("finds places and ranges in either direction", () => {
    const model = receive(shown(["a", "b"], 400), answer(["y", "z"], 400, 2), false);
    expect([indexOf(model, "z"), indexOf(model, "b"), indexOf(model, "q")]).toEqual([201, 1, null]);
    expect(idsBetween(model, 200, 1)).toEqual(["b", "y"]);
  });

  it("counts nothing for an equal order and no more than there are rows", () => {
    const lists = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { maxLength: 8 });
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const changes = countChanges(receive(shown(before), answer(after), false));
        expect(changes === 0).toBe(before.join() === after.join());
        expect(changes).toBeLessThanOrEqual(Math.max(before.length, after.length));
      }),
    );
  });
});
