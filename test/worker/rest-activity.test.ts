import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { sessionOf } from "./session.ts";

const ACTIVITY = `${CONTROLLER}/activity`;

interface Item {
  index: number;
  at: string;
  type: string;
  orchestrator_id: string;
  detail: string | null;
}

describe("the activity of the fleet", () => {
  it("is there for who comes later, newest first, of the organizations that the caller may see", async () => {
    await register("feed-a");
    await register("feed-b");
    for (const isOn of [true, false]) {
      const body = { is_independent: isOn };
      expect((await call("PUT", `${INTERNAL}/orchestrators/feed-a/independence`, { body })).status).toBe(200);
    }
    const ask = async (bearer: string, query = "") =>
      (await call("GET", `${ACTIVITY}${query}`, { bearer })).body.data.items as Item[];
    const bound = await sessionOf("viewer", ["feed-a"]);
    const items = await ask(bound);
    expect(items.map(({ type, orchestrator_id, detail }) => [type, orchestrator_id, detail])).toEqual([
      ["independence", "feed-a", "off"],
      ["independence", "feed-a", "on"],
      ["registered", "feed-a", null],
    ]);
    expect(items.map(({ index }) => index)).toEqual(items.map(({ index }) => index).toSorted((a, b) => b - a));
    expect(items.every(({ at }) => Date.now() - Date.parse(at) < 600_000)).toBe(true);
    expect(await ask(bound, "?limit=1")).toEqual(items.slice(0, 1));
    const all = await ask(await sessionOf("viewer", null), "?limit=1000");
    const ids = all.map(({ orchestrator_id: id }) => id);
    expect(ids).toContain("feed-a");
    expect(ids).toContain("feed-b");
    expect(await ask(await sessionOf("viewer", []))).toEqual([]);
    expect((await call("GET", ACTIVITY, { bearer: null })).status).toBe(401);
    expect((await call("GET", `${ACTIVITY}?limit=0`, { bearer: bound })).status).toBe(422);
  });
});
