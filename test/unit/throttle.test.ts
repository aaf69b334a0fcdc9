import { describe, expect, it } from "vitest";
import { type Failures, judgeLogin, THROTTLE_WINDOW_MS } from "../../worker/auth/throttle.ts";

const NOW = 1_800_000_000_000;
const none: Failures = { byAddress: [], byNameAndAddress: [], byName: 0 };
const times = (count: number, first = NOW - 60_000) =>
  Array.from({ length: count }, (_, index) => first + index * 1000);

describe("judgeLogin", () => {
  it("admits a first attempt without delay", () => {
    expect(judgeLogin(none, NOW)).toEqual({ ok: true, delayMs: 0 });
  });

  it("admits the fifth failure of a name and address and refuses what follows", () => {
    expect(judgeLogin({ ...none, byNameAndAddress: times(4), byAddress: times(4) }, NOW).ok).toBe(true);
    const failures = times(5);
    expect(judgeLogin({ ...none, byNameAndAddress: failures, byAddress: failures }, NOW)).toEqual({
      ok: false,
      retryAfterMs: NOW - 60_000 + THROTTLE_WINDOW_MS - NOW,
    });
  });

  it("waits for the failure that makes room, not for the last one", () => {
    const failures = times(7);
    const verdict = judgeLogin({ ...none, byNameAndAddress: failures }, NOW);
    expect(verdict).toEqual({ ok: false, retryAfterMs: (failures[2] ?? 0) + THROTTLE_WINDOW_MS - NOW });
  });

  it("refuses an address after 20 failures under whatever names", () => {
    expect(judgeLogin({ ...none, byAddress: times(19) }, NOW).ok).toBe(true);
    expect(judgeLogin({ ...none, byAddress: times(20) }, NOW).ok).toBe(false);
  });

  it("only delays a name that is attacked from many addresses", () => {
    expect(judgeLogin({ ...none, byName: 4 }, NOW)).toEqual({ ok: true, delayMs: 0 });
    expect(judgeLogin({ ...none, byName: 5 }, NOW)).toEqual({ ok: true, delayMs: 250 });
    expect(judgeLogin({ ...none, byName: 5_000 }, NOW)).toEqual({ ok: true, delayMs: 2_000 });
  });
});
