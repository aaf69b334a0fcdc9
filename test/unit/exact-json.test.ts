import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findUnkept, isKeptExactly, toJsonPointer } from "../../common/exact-json.ts";
import { timeoutProblem } from "../../dashboard/src/features/config/form.ts";
import { parseConfig } from "../../dashboard/src/features/config/parse.ts";
import { pageQuery } from "../../worker/contract/rest/common.ts";

const RUNS = { numRuns: 10_000 };

/** Any number that the grammar of JSON allows, near the limits of a double more often than not. */
const numberToken = fc
  .record({
    sign: fc.constantFrom("", "-"),
    whole: fc.oneof(
      fc.constant("0"),
      fc.bigInt({ min: 1n, max: 10n ** 22n }).map(String),
      fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }).map(String),
    ),
    fraction: fc.oneof(
      fc.constant(""),
      fc.bigInt({ min: 0n, max: 10n ** 20n }).map((digits) => `.${digits}`),
      fc.integer({ min: 1, max: 9 }).map((digit) => `.000${digit}00`),
    ),
    exponent: fc.oneof(
      fc.constant(""),
      fc.integer({ min: -340, max: 340 }).map((power) => `e${power}`),
      fc.integer({ min: 0, max: 25 }).map((power) => `E+${power}`),
    ),
  })
  .map(({ sign, whole, fraction, exponent }) => sign + whole + fraction + exponent);

/** A decimal number as a fraction of whole numbers, so that two of them can be compared without any rounding. */
function exactly(token: string): string {
  const [, sign, whole = "", fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(token) ?? [];
  const scale = Number(power) - fraction.length;
  const digits = BigInt(whole + fraction);
  const [up, down] = [10n ** BigInt(Math.max(scale, 0)), 10n ** BigInt(Math.max(-scale, 0))];
  const common = gcd(digits * up, down);
  return digits === 0n ? "0" : `${sign}${(digits * up) / common}/${down / common}`;
}

function gcd(left: bigint, right: bigint): bigint {
  return right === 0n ? left : gcd(right, left % right);
}

describe("numbers in JSON", () => {
  it("B08: every number is kept digit for digit, or found with its key (10,000 runs)", () => {
    fc.assert(
      fc.property(numberToken, fc.string(), (token, key) => {
        const text = `{"deep":[null,{${JSON.stringify(key)}:${token}}],"other":"${token}"}`;
        const found = findUnkept(text);
        const kept = String(JSON.parse(token));
        const isSame = Number.isFinite(Number(token)) && exactly(kept) === exactly(token);
        expect(found.map(({ kind, path }) => ({ kind, path }))).toEqual(
          isSame ? [] : [{ kind: "number", path: ["deep", 1, key] }],
        );
        if (found[0]) expect(text.slice(found[0].offset, found[0].offset + token.length)).toBe(token);
      }),
      RUNS,
    );
  });

  it.each([
    ["1", true],
    ["1.0", true],
    ["1e2", true],
    ["-0", true],
    ["0.1", true],
    ["9007199254740991", true],
    ["123456789012345680000", true],
    ["5e-324", true],
    ["9007199254740993", false],
    ["1e400", false],
    ["-1e400", false],
    ["1e-400", false],
    ["0.1000000000000000055511151231257827", false],
    ["1.7976931348623159e308", false],
  ])("%s is kept: %s", (token, isKept) => {
    expect(isKeptExactly(token)).toBe(isKept);
  });

  it("B08: what one object says twice is found, also when it is written in another way, and what two objects say is not", () => {
    expect(findUnkept('{"a":{"x":1,"\\u0078":2},"b":[{"x":1},{"x":1}],"x":"x"}')).toEqual([
      { kind: "repeated-key", path: ["a", "x"], offset: 12 },
    ]);
  });

  it("a valid text without numbers and repetitions is never complained about (10,000 runs)", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const value: unknown = JSON.parse(text);
        // What the engine writes, it has read.
        expect(findUnkept(JSON.stringify(value))).toEqual([]);
      }),
      RUNS,
    );
  });

  it("takes no time worth mentioning for a hostile text of 256 KiB", () => {
    const size = 256 * 1024;
    const texts = [
      `${"[".repeat(size / 2)}${"]".repeat(size / 2)}`,
      `"${"\\\\".repeat(size / 2 - 1)}"`,
      `{${Array.from({ length: 30_000 }, (_, index) => `"k${index}":1`).join(",")}}`,
      `[${"1e400,".repeat(size / 6 - 1)}1]`,
      `${"[".repeat(size / 4)}${"1e400,".repeat(size / 12)}1${"]".repeat(size / 4)}`,
      `1${"0".repeat(size - 1)}`,
      `0.${"0".repeat(size - 3)}1`,
      `1e${"9".repeat(size - 2)}`,
    ];
    for (const text of texts) {
      expect(findUnkept(text).length).toBeLessThanOrEqual(20);
      expect(findUnkept(text, 50_000).length).toBeLessThanOrEqual(50_000);
    }
  });

  it("points to a key as RFC 6901 does", () => {
    expect(toJsonPointer(["settings", "a/b~c", 0])).toBe("/settings/a~1b~0c/0");
  });
});

describe("numbers in the JSON editor", () => {
  it.each([
    ['{\n"settings": {\n"x": 9007199254740993}}', 3, "The number of x cannot be stored exactly"],
    ['{\n"settings": {\n"x": 1e400}}', 3, "The number of x cannot be stored exactly"],
    ['{\n"settings": {"list": [\n1, 1e-400]}}', 3, "The number of list cannot be stored exactly"],
    ['{"settings": {"x": 1,\n"x": 2}}', 2, "Duplicate key x"],
  ])("B08 sibling: says the same before anything is sent: %j", (text, line, message) => {
    const parsed = parseConfig(text);
    expect(parsed.ok ? null : parsed.problem.line).toBe(line);
    expect(parsed.ok ? "" : parsed.problem.message).toContain(message);
  });
});

describe("numbers elsewhere", () => {
  it.each(["1e1", "0x10", "1.0", "+1", " 1", "१", ""])("B08 sibling: %j is no page of a list", (page) => {
    expect(pageQuery.page.safeParse(page).success).toBe(false);
  });

  it("digits are a page, and none given is the first", () => {
    expect([pageQuery.page.parse("12"), pageQuery.page.parse(undefined)]).toEqual([12, 1]);
  });

  it("B08 sibling: a session timeout is digits", () => {
    expect(timeoutProblem("1e2")).not.toBeNull();
    expect(timeoutProblem(" 30 ")).toBeNull();
  });
});
