import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failures, judgeLogin, listThrottles, THROTTLE_WINDOW_MS } from "../../worker/auth/throttle.ts";
import { waitInWords } from "../../worker/contract/words.ts";

const NOW = 1_800_000_000_000;
const none: Failures = { byAddress: [], byNameAndAddress: [], byName: 0, isKnown: false };
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

  it("B32: only spaces the attempts of an address after 20 failures, further and further", () => {
    const at = (count: number, lastAt: number) => times(count, lastAt - (count - 1) * 1000);
    expect(judgeLogin({ ...none, byAddress: at(19, NOW) }, NOW)).toEqual({ ok: true, delayMs: 0 });
    expect(judgeLogin({ ...none, byAddress: at(20, NOW) }, NOW)).toEqual({ ok: true, delayMs: 1000 });
    expect(judgeLogin({ ...none, byAddress: at(20, NOW - 1000) }, NOW)).toEqual({ ok: true, delayMs: 0 });
    expect(judgeLogin({ ...none, byAddress: at(24, NOW) }, NOW)).toEqual({ ok: true, delayMs: 5000 });
    expect(judgeLogin({ ...none, byAddress: at(25, NOW) }, NOW)).toEqual({ ok: false, retryAfterMs: 1000 });
    expect(judgeLogin({ ...none, byAddress: at(500, NOW) }, NOW)).toEqual({ ok: false, retryAfterMs: 25_000 });
    expect(judgeLogin({ ...none, byAddress: at(500, NOW - 25_000) }, NOW)).toEqual({ ok: true, delayMs: 5000 });
  });

  it("B32: does not let others stand in the way of who has logged in from there before", () => {
    const known = { ...none, isKnown: true };
    expect(judgeLogin({ ...known, byAddress: times(500) }, NOW)).toEqual({ ok: true, delayMs: 0 });
    const own = (count: number) => ({ byNameAndAddress: times(count), byAddress: times(count), byName: count });
    expect(judgeLogin({ ...known, ...own(29) }, NOW)).toEqual({ ok: true, delayMs: 2_000 });
    expect(judgeLogin({ ...known, ...own(30) }, NOW).ok).toBe(false);
  });

  it("B32: admits few guesses of one address, at however many names, and an honest login among them soon", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 400 }), (pauses) => {
        const byAddress: number[] = [];
        let now = NOW;
        for (const pause of pauses) {
          now += pause;
          const inWindow = byAddress.filter((at) => at > now - THROTTLE_WINDOW_MS);
          const verdict = judgeLogin({ ...none, byAddress: inWindow }, now);
          if (verdict.ok) byAddress.push(now + verdict.delayMs);
          else expect(verdict.retryAfterMs).toBeLessThanOrEqual(30_000);
        }
        const most = Math.max(
          0,
          ...byAddress.map((at) => byAddress.filter((o) => o > at - THROTTLE_WINDOW_MS && o <= at).length),
        );
        expect(most).toBeLessThanOrEqual(70);
      }),
      { numRuns: 300 },
    );
  });

  it("only delays a name that is attacked from many addresses", () => {
    expect(judgeLogin({ ...none, byName: 4 }, NOW)).toEqual({ ok: true, delayMs: 0 });
    expect(judgeLogin({ ...none, byName: 5 }, NOW)).toEqual({ ok: true, delayMs: 250 });
    expect(judgeLogin({ ...none, byName: 5_000 }, NOW)).toEqual({ ok: true, delayMs: 2_000 });
  });
});

describe("what an admin sees", () => {
  const attempt = (name: string, address: string, at: number, isKnown = false) => ({ name, address, at, isKnown });

  it("B32: is who is locked out from where until when, and which addresses are slowed down", () => {
    const attempts = [
      ...times(5).map((at) => attempt("ada", "203.0.113.7", at)),
      ...times(5).map((at) => attempt("bob", "203.0.113.7", at, true)),
      ...times(4).map((at) => attempt("eve", "203.0.113.7", at)),
    ];
    const ada = { username: "ada", address: "203.0.113.7", failures: 5, until: NOW - 60_000 + THROTTLE_WINDOW_MS };
    expect(listThrottles(attempts, NOW)).toEqual([ada]);
    const more = times(6, NOW - 1000).map((at, index) => attempt(`name-${index}`, "203.0.113.7", at));
    const slowed = { username: null, address: "203.0.113.7", failures: 20, until: NOW - 60_000 + THROTTLE_WINDOW_MS };
    expect(listThrottles([...attempts, ...more], NOW)).toEqual([ada, slowed]);
    expect(listThrottles(attempts, NOW + THROTTLE_WINDOW_MS)).toEqual([]);
  });

  it("is told in words that do not promise too much", () => {
    expect([0, 1, 1000, 1001, 89_000, 90_000, 91_000, 660_001].map(waitInWords)).toEqual([
      "1 second",
      "1 second",
      "1 second",
      "2 seconds",
      "89 seconds",
      "2 minutes",
      "2 minutes",
      "12 minutes",
    ]);
  });
});
