import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonProblem, jsonObject } from "../../worker/contract/json.ts";
import { answerableCloseCode, parseFrame } from "../../worker/contract/parse-frame.ts";
import { ID_PATTERN } from "../../worker/contract/values/ids.ts";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("findJsonProblem", () => {
  it("lets ordinary JSON pass", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, noUnicodeString: true }), (value) => {
        const keys = JSON.stringify(value).match(/"(__proto__|constructor|prototype)"/);
        if (!keys) expect(findJsonProblem(value)).toBeNull();
      }),
    );
  });

  it.each([
    ["nesting beyond 16", nested(17), "nested"],
    ["nesting without end", nested(200_000), "nested"],
    ["257 keys in one object", Object.fromEntries(Array.from({ length: 257 }, (_, key) => [`k${key}`, 1])), "256 keys"],
    [
      "1,025 keys in all",
      Array.from({ length: 5 }, (_, row) =>
        Object.fromEntries(Array.from({ length: 205 }, (_, key) => [`${row}-${key}`, 1])),
      ),
      "1024 keys",
    ],
    ["a prototype key", JSON.parse('{"a":{"__proto__":1}}'), "__proto__"],
    ["U+0000", { a: "x\u0000" }, "U+0000"],
    ["a lone surrogate", { a: "\ud800" }, "surrogate"],
    ["a lone surrogate in a key", { "\ud800": 1 }, "surrogate"],
    ["a long string", { a: "x".repeat(16_385) }, "bytes"],
  ])("finds %s", (_name, value, message) => {
    expect(findJsonProblem(value)?.message).toContain(message);
  });

  it("counts bytes, not characters", () => {
    expect(findJsonProblem("é".repeat(8_192))).toBeNull();
    expect(findJsonProblem("é".repeat(8_193))).not.toBeNull();
  });

  it("holds free JSON to 8 KiB a string", () => {
    expect(jsonObject.safeParse({ a: "x".repeat(8_192) }).success).toBe(true);
    expect(jsonObject.safeParse({ a: "x".repeat(8_193) }).success).toBe(false);
  });
});

describe("parseFrame", () => {
  it("drops unknown fields of a known frame", () => {
    const parsed = parseFrame('{"type":"i_am_alive","surprise":1}');
    expect(parsed).toEqual({ ok: true, frame: { type: "i_am_alive" }, dropped: [] });
  });

  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (raw) => {
        expect(parseFrame(raw)).toHaveProperty("ok");
      }),
    );
  });

  it.each(["42", "null", '"text"', "[]", "{}", '{"type":5}', '{"type":"handshake","data":{"orchestrator_id":{}}}'])(
    "refuses %s as invalid_frame",
    (raw) => {
      expect(parseFrame(raw)).toMatchObject({ ok: false, error: { code: "invalid_frame", strike: true, close: null } });
    },
  );
});

describe("ids", () => {
  it.each(["a", "org-002", "A.b_c-9", "x".repeat(64)])("accepts %s", (id) => expect(ID_PATTERN.test(id)).toBe(true));
  it.each(["", "-a", "a-", "a b", "a/b", "ä", "x".repeat(65), "a\n", "..", "_"])("refuses %j", (id) => {
    expect(ID_PATTERN.test(id)).toBe(false);
  });
});

describe("answerableCloseCode", () => {
  it("never answers with a code that throws, and echoes the others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (code) => {
        const answer = answerableCloseCode(code);
        expect([1004, 1005, 1006, 1015]).not.toContain(answer);
        expect(answer >= 1000 && answer <= 4999).toBe(true);
        if (code >= 3000 && code <= 4999) expect(answer).toBe(code);
      }),
    );
  });
});
