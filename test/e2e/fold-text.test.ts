import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fold } from "../../common/text.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

describe("fold_text in the database", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database?.stop());

  /** Folded, and as the database decomposes them: it may know an older Unicode than this process. */
  async function inDatabase(texts: string[]) {
    const rows = await database.query(
      `SELECT fold_text(t) AS folded, normalize(t, NFKD) AS decomposed
       FROM jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS e(t, place) ORDER BY place`,
      [JSON.stringify(texts)],
    );
    return rows.map(({ folded, decomposed }) => ({ folded: String(folded), decomposed: String(decomposed) }));
  }

  it("B21: is the same as fold, for every letter, mark and sign that both know", async () => {
    const texts: string[] = [];
    for (let code = 1; code < 0x30000; code += 1) {
      const letter = String.fromCodePoint(code);
      if (/\p{L}|\p{M}|\p{N}|\p{Cf}|\p{P}|\p{S}/u.test(letter) && !/\p{sc=Han}|\p{sc=Tang}/u.test(letter)) {
        // Between letters, so that marks have something to stand on.
        texts.push(`a${letter}Z`);
      }
    }
    let newer = 0;
    for (let from = 0; from < texts.length; from += 4000) {
      const part = texts.slice(from, from + 4000);
      const answers = await inDatabase(part);
      const different = part.filter((text, index) => {
        const answer = answers[index];
        const isKnown = answer?.decomposed === text.normalize("NFKD");
        if (!isKnown) newer += 1;
        return isKnown && answer.folded !== fold(text);
      });
      expect(different.map((text) => text.codePointAt(1)?.toString(16))).toEqual([]);
    }
    expect(newer).toBeLessThan(200);
  });

  it("B21: is the same as fold for 10,000 random texts", async () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .array(fc.constantFrom(..."aAäÄßẞςΣσİıIé\u0301\u0345ᾳￆｶﾞ가\u200bﬁǅ"), { maxLength: 8 })
        .map((parts) => parts.join("")),
    );
    for (const texts of fc.sample(fc.array(text, { minLength: 1000, maxLength: 1000 }), 10)) {
      const answers = await inDatabase(texts);
      expect(answers.map(({ folded }) => folded)).toEqual(texts.map(fold));
    }
  });

  it("needs no search path, so that a dump can be restored", async () => {
    const [row] = await database.query(
      "SELECT public.fold_text('ÄÖ') AS folded FROM (SELECT set_config('search_path', '', true)) AS s",
    );
    expect(row).toEqual({ folded: "ao" });
  });
});
