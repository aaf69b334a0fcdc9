import { describe, expect, it } from "vitest";
import { createWalk } from "../../dashboard/src/features/organizations/jobs/list-walk.ts";

/** A list of names, read two at a time by the name after which it goes on. */
function listOf(names: string[]) {
  return async (cursor: string | null) => {
    await Promise.resolve();
    const rest = names.filter((name) => cursor === null || name > cursor);
    const items = rest.slice(0, 2);
    return { items, next_cursor: rest.length > 2 ? (items.at(-1) ?? null) : null };
  };
}

describe("the walk of an export", () => {
  it("B25: brings each once although names come and go, however many steps are asked for at once", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const seen: string[] = [];
    const read = listOf(names);
    const walk = createWalk(
      async (cursor) => {
        const answer = await read(cursor);
        // What was given goes, and more comes behind.
        if (cursor === null) names.splice(0, 2);
        if (cursor === "b") names.push("h", "i");
        return answer;
      },
      (items) => {
        seen.push(...items);
        return false;
      },
    );
    await Promise.all([walk.step(), walk.step(), walk.step(), walk.step()]);
    expect(walk.isOver()).toBe(false);
    while (!walk.isOver()) await walk.step();
    expect(seen).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    await walk.step();
    expect(seen).toHaveLength(9);
  });

  it("does a step again that failed, and ends when it has what it wants", async () => {
    const seen: string[] = [];
    const read = listOf(["a", "b", "c", "d", "e"]);
    let isBroken = true;
    const walk = createWalk(
      async (cursor) => {
        if (cursor !== null && isBroken) throw new Error("429");
        return await read(cursor);
      },
      (items) => {
        seen.push(...items);
        return seen.includes("d");
      },
    );
    const steps = await Promise.allSettled([walk.step(), walk.step(), walk.step()]);
    expect(steps.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    isBroken = false;
    await walk.step();
    expect([seen, walk.isOver()]).toEqual([["a", "b", "c", "d"], true]);
  });
});
