import { describe, expect, it } from "vitest";
import {
  type Change,
  exchange,
  findPresented,
  issue,
  isValid,
  newCredential,
} from "../../worker/orchestrator/credentials.ts";
import type { Credential } from "../../worker/orchestrator/state.ts";

const START = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const digest = (digit: string) => digit.repeat(64);

function made(keyId: string, rest: Partial<Credential> = {}): Credential {
  const fresh = newCredential(
    { keyId, digest: digest("a") },
    { label: "l", createdBy: "user:ada", lifetimeMs: null },
    START,
  );
  return { ...fresh, ...rest };
}

const request = (presented: string, keyId = "next") => ({
  presented,
  credential: { keyId, digest: digest("b") },
  label: undefined,
  createdBy: "agent:org-002",
  overlapMs: DAY_MS,
});

/** The credentials after the change. */
function stored(known: Credential[], change: Change): Credential[] {
  if (!change.ok) throw new Error(change.reason);
  const changed = new Map(change.changed.map((each) => [each.keyId, each]));
  const kept = known.map((each) => changed.get(each.keyId) ?? each);
  return [...kept, ...change.changed.filter(({ keyId }) => !known.some((each) => each.keyId === keyId))];
}

const valid = (known: Credential[], now: number) =>
  known.filter((each) => isValid(each, now)).map(({ keyId }) => keyId);

describe("a credential", () => {
  it("is valid until it expires or is revoked, to the millisecond", () => {
    const ending = made("k", { expiresAt: START + 10 });
    expect([9, 10].map((ms) => isValid(ending, START + ms))).toEqual([true, false]);
    expect(isValid(made("k", { revokedAt: START }), START)).toBe(false);
    expect(isValid(made("k"), START + 10_000 * DAY_MS)).toBe(true);
  });

  it("is found by key id and digest together", () => {
    const known = [made("k1"), made("k2", { digest: digest("c") })];
    expect(findPresented(known, { keyId: "k2", digest: digest("c") }, START)?.keyId).toBe("k2");
    for (const presented of [
      { keyId: "k2", digest: digest("a") },
      { keyId: "k3", digest: digest("a") },
      { keyId: "k1", digest: "" },
      { keyId: "k1", digest: "aa" },
    ]) {
      expect(findPresented(known, presented, START)).toBeNull();
    }
    expect(findPresented([made("k", { revokedAt: 1 })], { keyId: "k", digest: digest("a") }, START)).toBeNull();
  });
});

describe("issuing", () => {
  it("leaves two valid at a time, those that are over not counted", () => {
    const known = [made("k1", { revokedAt: 1 }), made("k2", { expiresAt: START }), made("k3")];
    const two = stored(known, issue(known, made("k4"), START));
    expect(valid(two, START)).toEqual(["k3", "k4"]);
    expect(issue(two, made("k5"), START)).toEqual({ ok: false, reason: "full" });
  });
});

describe("an exchange", () => {
  it("gives a successor of the same lifetime and label, and lets the old one overlap", () => {
    const known = [made("old", { lifetimeMs: 30 * DAY_MS, expiresAt: START + 30 * DAY_MS })];
    const now = START + DAY_MS;
    const next = stored(known, exchange(known, request("old"), now));
    expect(next).toMatchObject([
      { keyId: "old", expiresAt: now + DAY_MS },
      { keyId: "next", label: "l", expiresAt: now + 30 * DAY_MS, createdBy: "agent:org-002", digest: digest("b") },
    ]);
    expect(valid(next, now + DAY_MS)).toEqual(["next"]);
  });

  it("never makes the presented one last longer", () => {
    const known = [made("old", { expiresAt: START + 5 })];
    expect(stored(known, exchange(known, request("old"), START))[0]?.expiresAt).toBe(START + 5);
  });

  it("repeated because its answer was lost, replaces the successor that nobody used", () => {
    const known = [made("old")];
    const lost = stored(known, exchange(known, request("old", "lost"), START));
    const again = stored(lost, exchange(lost, request("old", "next"), START + 60_000));
    expect(valid(again, START + 60_000)).toEqual(["old", "next"]);
    expect(again[0]?.expiresAt).toBe(START + DAY_MS);
  });

  it("does not touch a successor in use, or one that a person made", () => {
    const inUse = [made("old"), made("new", { createdBy: "agent:org-002", firstUsedAt: START })];
    expect(exchange(inUse, request("old"), START)).toEqual({ ok: false, reason: "full" });
    const ofPerson = [made("old"), made("new")];
    expect(exchange(ofPerson, request("old"), START)).toEqual({ ok: false, reason: "full" });
  });

  it("is refused to one that is over", () => {
    expect(exchange([made("old", { revokedAt: 1 })], request("old"), START)).toEqual({ ok: false, reason: "unknown" });
    expect(exchange([], request("old"), START)).toEqual({ ok: false, reason: "unknown" });
  });
});
