import crypto from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { hashNewPassword, weaknessOf } from "../../worker/platform/new-password.ts";
import { verifyPassword } from "../../worker/platform/passwords.ts";

const NAME = "ada.lovelace@example.com";

describe("a password is refused", () => {
  it.each([
    ["aaaaaaaaaaaaaaaa", "repeats"],
    ["passwordpassword", "repeats"],
    ["abcabcabcabcabcabc", "repeats"],
    ["aaaaabbbbbccccc", "few, common parts"],
    ["123456789012345", "everybody tries first"],
    ["password1234567", "everybody tries first"],
    ["P@ssw0rdP@ssw0rd", "repeats"],
    ["qwertyuiopasdfgh", "everybody tries first"],
    ["abcdefghijklmnopqrst", "follows the alphabet"],
    ["adalovelaceadalovelace", "your name"],
    ["Ada.Lovelace@Example.com", "your name"],
    ["ecalevol.ada1234", "your name"],
    ["ada lovelace 1815", "your name"],
    ["4d4.L0v3lac3!2026", "your name"],
    ["moolaimoolaimoolai", "name of this product"],
    ["moolai-controller", "name of this product"],
    ["M00lai-C0ntr0ller", "name of this product"],
    ["Moolai Controller!", "name of this product"],
    ["Moolai Controller 2026", "name of this product"],
    ["January February March", "months and days"],
    ["Summer2026Summer2026", "months and days"],
    ["x".repeat(256), "repeats"],
    ["abcdefg".repeat(36), "repeats"],
    ["Ａａａａａａａａａａａａａａａａａ", "repeats"],
    ["               ", "repeats"],
  ])("%j", async (password, reason) => {
    const problem = await weaknessOf(password, NAME);
    expect(problem).toContain(reason);
    expect(problem).toMatch(/^is too easy to guess\. .+ Use four or five words/);
  });

  it("before it is hashed", async () => {
    const scrypt = vi.spyOn(crypto, "scrypt").mockClear();
    expect((await hashNewPassword("moolaimoolaimoolai", NAME)).ok).toBe(false);
    expect(scrypt).not.toHaveBeenCalled();
  });
});

describe("a password is taken", () => {
  it.each([
    "correct horse battery",
    "ada keeps nine purple geese",
    "8fK!2mz0Lq9#xWt",
    "vier oder fünf Wörter",
    "密码管理器生成的长密码一二三",
  ])("%j", async (password) => {
    expect(await weaknessOf(password, NAME)).toBeNull();
  });

  it("by its hash", async () => {
    const made = await hashNewPassword("correct horse battery", NAME);
    expect(made.ok && (await verifyPassword("correct horse battery", made.hash))).toBe(true);
  });

  it("when it is random", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 12, maxLength: 24 }), async (seed) => {
        // What a password manager makes.
        const digest = crypto.createHash("sha256").update(seed).digest("base64url").slice(0, 20);
        expect(await weaknessOf(digest, NAME)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});

it("a password is judged, however odd it and the name are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", maxLength: 256 }),
      fc.string({ unit: "binary", maxLength: 250 }),
      async (password, name) => {
        expect(["string", "object"]).toContain(typeof (await weaknessOf(password, name)));
      },
    ),
    { numRuns: 50 },
  );
});
