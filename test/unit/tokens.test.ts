import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newToken, parseToken } from "../../worker/platform/tokens.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KINDS = ["api", "join", "link"] as const;
const ids = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/).filter((id) => id.length <= 64);

describe("tokens", () => {
  it.each(KINDS)("of kind %s are read back as what they are", (kind) => {
    const { text, keyId } = newToken(kind);
    expect(parseToken(text)).toEqual({ kind, keyId, orchestratorId: null });
  });

  it("of an agent carry its orchestrator, whatever its id looks like", () => {
    fc.assert(
      fc.property(ids, (id) => {
        const { text, keyId } = newToken("agent", id);
        expect(parseToken(text)).toEqual({ kind: "agent", keyId, orchestratorId: id });
      }),
    );
  });

  it("end in the CRC-32 of what stands before, in base62", () => {
    const { text } = newToken("api");
    let value = crc32(text.slice(0, -6));
    let digits = "";
    for (let place = 0; place < 6; place++) {
      digits = ALPHABET.charAt(value % 62) + digits;
      value = Math.floor(value / 62);
    }
    expect(text.slice(-6)).toBe(digits);
  });

  it("are refused when a single character differs, is missing or too many", () => {
    const { text } = newToken("agent", "org-002");
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...ALPHABET, ".", "_", "-", "é"), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        fc.pre(changed !== text);
        expect(parseToken(changed)).toBeNull();
        expect(parseToken(text.slice(0, at) + text.slice(at + 1))).toBeNull();
        expect(parseToken(text.slice(0, at) + character + text.slice(at))).toBeNull();
      }),
    );
  });

  it("of another kind do not take an orchestrator, and an agent's does not go without", () => {
    const api = newToken("api").text;
    expect(parseToken(api.replace("mct_", "mca_"))).toBeNull();
    expect(parseToken(newToken("agent", "org-002").text.replace("mca_", "mct_"))).toBeNull();
  });

  it("never come twice and use every character", () => {
    const texts = Array.from({ length: 500 }, () => newToken("api").text);
    expect(new Set(texts).size).toBe(500);
    expect(new Set(texts.map((text) => text.slice(4)).join("")).size).toBe(62);
  });
});
