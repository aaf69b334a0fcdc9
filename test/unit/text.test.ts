import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayName, fold, isBlank, nameInText, visibleText } from "../../common/text.ts";

const RUNS = { numRuns: 10_000 };
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom(..."aÄßẞςΣİıIé\u0301\u0345ᾳ\u200b\u202e\u200dﬁ👩می"), { maxLength: 10 })
    .map((parts) => parts.join("")),
);

describe("fold", () => {
  it("B21: is idempotent, and blind to case and normal form (10,000 runs)", () => {
    fc.assert(
      fc.property(text, (given) => {
        const folded = fold(given);
        expect(fold(folded)).toBe(folded);
        for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) expect(fold(given.normalize(form))).toBe(folded);
      }),
      RUNS,
    );
  });

  it("B21: is blind to case and idempotent for every letter that there is", () => {
    const differing: string[] = [];
    for (let code = 0; code < 0x110000; code += 1) {
      const letter = String.fromCodePoint(code);
      const folded = fold(letter);
      const forms = [
        folded,
        letter.toUpperCase(),
        letter.toLowerCase(),
        letter.normalize("NFC"),
        letter.normalize("NFD"),
      ];
      if (forms.some((form) => fold(form) !== folded)) differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
  });

  it.each([
    ["café", "cafe\u0301"],
    ["Straße", "STRASSE"],
    ["ΣΊΣΥΦΟΣ", "σίσυφος"],
    ["İstanbul", "ıstanbul"],
    ["Ｆｕｌｌ", "full"],
    ["Łódź", "lodz"],
    ["a\u00adb\u200bc", "abc"],
  ])("%s and %s are the same", (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });
});

describe("a text that is shown", () => {
  it("B14: shows what would turn it around or hide in it (10,000 runs)", () => {
    fc.assert(
      fc.property(text, (given) => {
        const shown = visibleText(given);
        expect(shown).not.toMatch(/[\p{Bidi_Control}\p{Cc}\u2028\u2029\u200b\u2060\ufeff\u3164\u2800]/u);
        // What cannot be seen stays only between what needs it.
        expect(shown).not.toMatch(/(^|[a-zA-Z])(\u200c|\u200d|\ufe0f)/u);
      }),
      RUNS,
    );
  });

  it.each([
    ["\u202Egro.knaB-laeR", "\\u202egro.knaB-laeR"],
    ["a\u2066b\u2069", "a\\u2066b\\u2069"],
    ["a\u{e0041}b", "a\\u{e0041}b"],
    ["pay\u200dpal", "pay\\u200dpal"],
    ["\u05d0\u200f", "\u05d0\\u200f"],
    ["x\ufe0f", "x\\ufe0f"],
  ])("B14: %j is shown as %s", (given, shown) => {
    expect(visibleText(given)).toBe(shown);
  });

  it.each(["شركة الأمل", "בנק לאומי", "می‌خواهم", "क्‍ष", "👨‍👩‍👧", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍🚀", "Ünïcödé", "日本語　店"])(
    "B14: %s reads as it is",
    (name) => {
      expect(displayName(name)).toBe(name.normalize("NFC"));
    },
  );

  it.each([
    "",
    " ",
    "\u200b",
    "\u2800\u2800",
    "\u3164",
    "\u00a0\u2003",
    "\u202e\u202c",
    "\ufe0f",
    "\u{e0020}",
    "\u00ad",
  ])("B14: %j looks empty, and the id stands for it", (name) => {
    expect(isBlank(name)).toBe(true);
    expect(displayName(name, "org-1")).toBe("org-1");
  });

  it("B14: covers no other line with marks piled on one letter", () => {
    expect(displayName(`Z${"\u0300".repeat(50)}a`)).toBe("Z\u0300\u0300\u0300\u0300…a");
    expect(displayName("Việt Nam".normalize("NFD"))).toBe("Việt Nam");
  });

  it("B14: is kept apart from the sentence around it where it is written from right to left", () => {
    expect(nameInText("שלום")).toBe("\u2068שלום\u2069");
    expect(nameInText("Acme")).toBe("Acme");
    expect(nameInText(null, "org-1")).toBe("org-1");
  });
});
