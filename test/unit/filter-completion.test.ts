import { describe, expect, it } from "vitest";
import { type FacetCounts, suggest } from "../../dashboard/src/features/organizations/filter/completion.ts";
import { parseFilter } from "../../dashboard/src/lib/filter.ts";

const COUNTS: FacetCounts = {
  status: [
    { value: "active", count: 1200 },
    { value: "independent", count: 3 },
  ],
  location: [
    { value: "New York", count: 7 },
    { value: "Frankfurt", count: 5 },
  ],
};
const at = (input: string) => {
  const caret = input.indexOf("|");
  return suggest(input.replace("|", ""), caret, COUNTS);
};
const labels = (input: string) => at(input).map(({ label }) => label);
const results = (input: string) => at(input).map(({ text, caret }) => `${text.slice(0, caret)}|${text.slice(caret)}`);

describe("suggestions for the filter", () => {
  it("offers every key at the beginning of a word, then those that begin like it", () => {
    expect(labels("|")).toEqual(["status:", "health:", "config:", "location:", "version:", "seen:"]);
    expect(labels("acme s|")).toEqual(["status:", "seen:"]);
    expect(labels("acme|")).toEqual([]);
    expect(results("acme he| org")).toEqual(["acme health:|org"]);
  });

  it("offers the values of a key with their counts, nearest first by the list's own order", () => {
    expect(at("status:|").map(({ label, detail }) => [label, detail])).toEqual([
      ["active", "1,200"],
      ["inactive", "0"],
      ["independent", "3"],
    ]);
    expect(labels("status:in|")).toEqual(["inactive", "independent"]);
    expect(labels("STATUS:indpendent|")).toEqual(["independent"]);
    expect(labels("nonsense:|")).toEqual([]);
  });

  it("completes the last of several values and does not offer what stands there already", () => {
    expect(labels("status:active,|")).toEqual(["inactive", "independent"]);
    expect(results("status:active,indep| acme")).toEqual(["status:active,independent |acme"]);
    expect(labels("status:active|")).toEqual([]);
  });

  it("quotes what has blanks, also when the quote is typed already", () => {
    expect(results("location:new|")).toEqual(['location:"New York" |']);
    expect(results('location:"New Y|')).toEqual(['location:"New York" |']);
  });

  it("suggests only text that the filter reads without a problem", () => {
    for (const input of ["status:|", "health:|", "config:|", "location:|", "version:|", "seen:|"]) {
      for (const { text } of at(`acme ${input}`)) expect(parseFilter(text).problems).toEqual([]);
    }
  });
});
