import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { projectPath } from "../../scripts/lib/project.ts";

const worldCase = z.object({
  id: z.string().regex(/^B\d{2}$/),
  kind: z.string(),
  /** The public reports that it comes from. */
  after: z.string(),
  /** The smallest input that once failed here. */
  input: z.string(),
  right: z.string(),
});

const cases = readFileSync(projectPath("test/data/world-cases.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => worldCase.parse(JSON.parse(line)));

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Whether a test with this source is named after the case: its title begins with the id. */
function names(source: string, id: string): boolean {
  return new RegExp(`["'\`]${id}(?:, B\\d{2})*(?: sibling)?:`).test(source);
}

const sources = testFiles(projectPath("test")).map((file) => readFileSync(file, "utf8"));

/** What users of comparable systems reported in public: each report has a test that is named after it. */
describe("faults that were reported of comparable systems", () => {
  it.each(cases.map((each) => [each.id, each]))("%s is tried by a test of that name", (id, { input, right }) => {
    expect(
      sources.filter((source) => names(source, id)).length,
      `Write a test whose title begins with "${id}:". Input: ${input} Right: ${right}`,
    ).toBeGreaterThan(0);
  });

  it("are looked for by the beginning of a title alone", () => {
    expect(names('it("B01: a beat counts"', "B01")).toBe(true);
    expect(names('it("see B01: a beat counts"', "B01")).toBe(false);
    expect(names("// B01: a beat counts", "B01")).toBe(false);
  });
});
