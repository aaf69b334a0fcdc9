import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvEnd, csvHead, csvName, csvRecord, readCsvEnd } from "../../common/csv.ts";
import { visibleText } from "../../common/text.ts";

const RUNS = { numRuns: 10_000 };

/** What RFC 4180 says, and nothing of ours. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1) {
          if (at >= text.length) throw new Error("a quoted cell has no end");
          cell += text[at];
        }
        at += 1;
      } else {
        const from = at;
        while (at < text.length && text[at] !== "," && text[at] !== "\r") at += 1;
        cell = text.slice(from, at);
        if (/["\n]/.test(cell)) throw new Error(`unquoted: ${cell}`);
      }
      record.push(cell);
      if (text[at] !== ",") break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== "\r\n") throw new Error("a record must end in CRLF");
    at += 2;
    records.push(record);
  }
  return records;
}

/** Also behind what a spreadsheet passes over. */
const BEGINS_FORMULA = /^[\s"]*[=+\-@＝＋－＠﹦﹢﹣﹫]/;

/** As spreadsheets read a file that was written with another separator: quotes count at the begin of a cell alone. */
function cellsOf(file: string, separator: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= file.length; at += 1) {
    let cell = "";
    if (file[at] === '"') {
      for (at += 1; at < file.length && (file[at] !== '"' || file[at + 1] === '"'); at += 1) {
        if (file[at] === '"') at += 1;
        cell += file[at];
      }
      at += 1;
    }
    for (; at < file.length && file[at] !== separator && file[at] !== "\r" && file[at] !== "\n"; at += 1)
      cell += file[at];
    cells.push(cell);
  }
  return cells;
}

/** As one reads it that knows no quotes. Between our commas they stand, so for those it reads what we write. */
function pieces(file: string, separator: string): string[] {
  return separator === "," ? [] : file.split(new RegExp(`[\r\n${separator}]`));
}

/** Texts made of what is special to spreadsheets. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom(..."=+-@＝＋－＠;,\"'\t\r\n #ab1", "\u202e", "\u200b", "ü"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);
const cell = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));

/** The documented apostrophes taken out again. */
function withoutApostrophes(shown: string): string {
  return shown.replace(/^'(?=[ '"]*[\t\n])|(?<=^|[;\t\n])'(?=[\s'"]*[=+\-@＝＋－＠﹦﹢﹣﹫])/g, "");
}

describe("a CSV record", () => {
  it("B22: every cell reads back as what it was, but for the documented apostrophe and escapes (10,000 runs)", () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const record = csvRecord(cells);
        const [read = [], ...more] = parseCsv(record);
        expect(more).toEqual([]);
        expect(read.map(withoutApostrophes)).toEqual(
          cells.map((given) => (given === null ? "" : visibleText(String(given), { keepsLines: true }))),
        );
      }),
      RUNS,
    );
  });

  it.each([",", ";", "\t"])(
    "B22: no text can become a formula for a spreadsheet that splits at %j (3,000 runs)",
    (separator) => {
      const columns = fc.tuple(fc.oneof(text, fc.nat()), fc.array(cell, { maxLength: 4 }));
      fc.assert(
        fc.property(fc.array(columns, { minLength: 1, maxLength: 4 }), (rows) => {
          const file = rows.map(([first, rest]) => csvRecord([first, ...rest])).join("");
          const numbers = new Set(
            rows.flatMap(([, rest]) => rest.filter((one) => typeof one === "number").map(String)),
          );
          for (const shown of [...cellsOf(file, separator), ...pieces(file, separator)]) {
            if (separator === "," && numbers.has(shown)) continue;
            expect(shown).not.toMatch(BEGINS_FORMULA);
          }
        }),
        { numRuns: 3_000 },
      );
    },
  );

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t'=1"],
    ["\r=1", "\\u000d=1"],
    ["＝1", "'＝1"],
    ["  =1", "'  =1"],
    ['"=1', `'"=1`],
    ["a;=1", "a;'=1"],
    ["a=1", "a=1"],
    ["'=1", "''=1"],
  ])("makes text of %j", (given, shown) => {
    expect(parseCsv(csvRecord([given]))).toEqual([[shown]]);
  });

  it("leaves numbers, also exact ones, and names as they are", () => {
    expect(csvRecord(["Müller & Söhne", 5, -0.5, 12n, "12.34500000", true, null, "a,b", 'say "x"'])).toBe(
      'Müller & Söhne,5,-0.5,12,12.34500000,true,,"a,b","say ""x"""\r\n',
    );
  });

  it("shows what would turn the direction of the line", () => {
    expect(csvRecord(["\u202Egro.knaB-laeR"])).toBe("\\u202egro.knaB-laeR\r\n");
  });
});

describe("a CSV file", () => {
  const file = (extent: { given: number; total: number }) =>
    csvHead(["a", "b"]) + csvRecord([1, 2]) + csvEnd(2, extent);

  it("B22: begins with a byte order mark, so that a spreadsheet reads its names right", () => {
    expect(file({ given: 1, total: 1 })).toMatch(/^\ufeffa,b\r\n/);
  });

  it("B35: says in its last line whether it has everything", () => {
    expect(file({ given: 1, total: 1 })).toMatch(/# complete: 1 of 1 rows,\r\n$/);
    expect(file({ given: 10_000, total: 10_001 })).toMatch(/# cut: 10000 of 10001 rows,\r\n$/);
    expect(readCsvEnd(file({ given: 1, total: 3 }))).toEqual({ given: 1, total: 3, what: "rows" });
    expect(csvName("audit", { given: 1, total: 3 })).toBe("audit-partial.csv");
    expect(csvName("audit", { given: 3, total: 3 })).toBe("audit.csv");
  });

  it("B35: is known as broken off wherever it breaks off", () => {
    const whole =
      csvHead(["a", "b"]) +
      csvRecord(["# complete: 1 of 1 rows", "\n# complete: 9 of 9 rows"]) +
      csvEnd(2, { given: 1, total: 1 });
    for (let length = 0; length < whole.length; length += 1) expect(readCsvEnd(whole.slice(0, length))).toBeNull();
    expect(readCsvEnd(whole)).toEqual({ given: 1, total: 1, what: "rows" });
  });
});
