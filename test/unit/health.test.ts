import { afterEach, describe, expect, it, vi } from "vitest";
import { isDatabaseUp } from "../../worker/db/health.ts";
import { eventually } from "../support/eventually.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the health of the database", () => {
  it("is asked for once at a time, however many come while it does not answer", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const env = { DATABASE_URL: "postgresql://u:p@db.example/x" } as unknown as Parameters<typeof isDatabaseUp>[0];
    const answer = { command: "SELECT", rowCount: 1, fields: [{ name: "one", dataTypeID: 23 }], rows: [["1"]] };
    const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json(answer));
    vi.stubGlobal("fetch", fetch);
    expect(await isDatabaseUp(env)).toBe(true);
    vi.setSystemTime(Date.now() + 6_000);
    let refuse = (_error: Error): void => {};
    fetch.mockClear();
    fetch.mockImplementation(
      () =>
        new Promise((_resolve, reject) => {
          refuse = reject;
        }),
    );
    const asking = isDatabaseUp(env);
    expect(await Promise.all([isDatabaseUp(env), isDatabaseUp(env)])).toEqual([true, true]);
    await eventually(() => expect(fetch).toHaveBeenCalledTimes(1));
    refuse(new TypeError("fetch failed"));
    expect(await asking).toBe(false);
    expect(await isDatabaseUp(env)).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
