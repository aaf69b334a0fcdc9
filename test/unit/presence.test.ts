import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PresenceFacts, presenceOf } from "../../worker/orchestrator/presence.ts";

const TTL_MS = 120_000;
const moment = fc.integer({ min: 0, max: 10_000_000 });
const facts: fc.Arbitrary<PresenceFacts> = fc.record({
  isIndependent: fc.boolean(),
  session: fc.constantFrom("open", "lost", "none"),
  lastSignalAt: fc.option(moment),
  lostAt: fc.option(moment),
});

const quiet: PresenceFacts = { isIndependent: false, session: "none", lastSignalAt: null, lostAt: null };

describe("presenceOf", () => {
  it("is inactive before any sign of life", () => {
    expect(presenceOf(quiet, 0, TTL_MS)).toEqual({ status: "inactive", connected: false, expiresAt: null });
  });

  it("is active for one TTL after a signal, to the millisecond", () => {
    const open: PresenceFacts = { ...quiet, session: "open", lastSignalAt: 1_000 };
    expect(presenceOf(open, 1_000 + TTL_MS - 1, TTL_MS).status).toBe("active");
    expect(presenceOf(open, 1_000 + TTL_MS, TTL_MS)).toEqual({ status: "inactive", connected: true, expiresAt: null });
  });

  it("counts a lost session as open until one TTL after the loss", () => {
    const lost: PresenceFacts = { ...quiet, session: "lost", lastSignalAt: 1_000, lostAt: 900_000 };
    expect(presenceOf(lost, 900_000 + TTL_MS - 1, TTL_MS)).toEqual({
      status: "active",
      connected: false,
      expiresAt: 900_000 + TTL_MS,
    });
    expect(presenceOf(lost, 900_000 + TTL_MS, TTL_MS).status).toBe("inactive");
  });

  it("says independent whenever the flag is set, and never otherwise", () => {
    fc.assert(
      fc.property(facts, moment, (given, now) => {
        expect(presenceOf(given, now, TTL_MS).status === "independent").toBe(given.isIndependent);
      }),
    );
  });

  it("is connected exactly while a socket is open", () => {
    fc.assert(
      fc.property(facts, moment, (given, now) => {
        expect(presenceOf(given, now, TTL_MS).connected).toBe(given.session === "open");
      }),
    );
  });

  it("changes by itself only at the moment it announced", () => {
    fc.assert(
      fc.property(facts, moment, moment, (given, now, wait) => {
        const before = presenceOf(given, now, TTL_MS);
        const after = presenceOf(given, now + wait, TTL_MS);
        const lapses = before.expiresAt !== null && now + wait >= before.expiresAt;
        expect(after.status).toBe(lapses && before.status === "active" ? "inactive" : before.status);
        expect(after.expiresAt).toBe(lapses ? null : before.expiresAt);
      }),
    );
  });
});
