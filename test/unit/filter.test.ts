import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FILTER_KEYS,
  FILTER_VALUES,
  type Filter,
  parseFilter,
  printFilter,
  printTerm,
  toggleValue,
  toQuery,
  valuesOf,
  withValues,
} from "../../dashboard/src/lib/filter.ts";
import { organizationFilters } from "../../worker/contract/rest/organizations.ts";

const NOW = Date.UTC(2026, 0, 10, 12);
const read = (text: string) => parseFilter(text).filter;
const query = (text: string) => toQuery(read(text), NOW);

describe("the filter language", () => {
  it("asks for words and terms at once", () => {
    const text =
      "acme status:independent,active health:degraded config:failed location:eu-* version:1.2* seen:>5m robotics";
    expect(parseFilter(text).problems).toEqual([]);
    expect(query(text)).toEqual({
      q: "acme robotics",
      status: "independent,active",
      health: "degraded",
      config: "failed",
      location: "eu-*",
      version: "1.2*",
      seen_before: "2026-01-10T11:55:00.000Z",
    });
  });

  it.each([
    ["seen:>5m", { seen_before: "2026-01-10T11:55:00.000Z" }],
    ["seen:<1h", { seen_after: "2026-01-10T11:00:00.000Z" }],
    ["seen:>30s,<2d", { seen_before: "2026-01-10T11:59:30.000Z", seen_after: "2026-01-08T12:00:00.000Z" }],
    ["seen:>5m seen:>1h", { seen_before: "2026-01-10T11:00:00.000Z" }],
    ["seen:never", { seen: "never" }],
    ["seen:>5m seen:never", { seen: "never" }],
    ["seen:never seen:<1h", { seen_after: "2026-01-10T11:00:00.000Z" }],
  ])("knows how long ago: %s", (text, expected) => {
    expect(query(text)).toEqual(expected);
  });

  it("joins what is said twice, in any case, and takes the last of what can be only one", () => {
    expect(printFilter(read("STATUS:Active x status:inactive location:a location:b"))).toBe(
      "x status:active,inactive location:b",
    );
  });

  it("keeps blanks, commas, colons and quotes between quotes, also where the last is missing", () => {
    expect(valuesOf(read('location:"São Paulo, BR"'), "location")).toEqual(["São Paulo, BR"]);
    expect(query('"host:80" "a  b"')).toEqual({ q: "host:80 a b" });
    expect(query('location:"New Yo')).toEqual({ location: "New Yo" });
    expect(query('"say \\"hi\\""')).toEqual({ q: 'say "hi"' });
    expect(query("10:30")).toEqual({ q: "10:30" });
    expect(query("a,b")).toEqual({ q: "a,b" });
  });

  it.each([
    ["helth:degraded acme", "health:degraded acme", "Unknown filter “helth”."],
    ["region:eu-*", "location:eu-*", "Unknown filter “region”."],
    ["last-seen:>5m", "seen:>5m", "Unknown filter “last-seen”."],
    ["is:independent", "status:independent", "Unknown filter “is”."],
    ["proxy:8080", '"proxy:8080"', "Unknown filter “proxy”."],
    [
      "status:activ",
      "status:active",
      "“activ” is not a valid value for “status:”. Use active, inactive or independent.",
    ],
    ["a seen:5m b", "a seen:<5m b", "“5m” is not a valid value for “seen:”. Use never, >5m or <1h (s, m, h, d)."],
  ])("leaves out what it does not know and says what may be meant: %s", (text, suggestion, message) => {
    const { filter, problems } = parseFilter(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ message, suggestion: { text: suggestion } });
    expect(parseFilter(suggestion).problems).toEqual([]);
    expect(filter.terms).toEqual([]);
  });

  it("says what a key without a value waits for, and suggests nothing far-fetched", () => {
    expect(parseFilter("status:").problems).toEqual([
      {
        message: "“status:” needs a value: active, inactive or independent.",
        isIncomplete: true,
        suggestion: null,
      },
    ]);
    expect(parseFilter("health:purple").problems[0]?.suggestion).toBeNull();
    expect(parseFilter("location:a,b").problems).toHaveLength(1);
  });

  it("takes a value away where it stands, and adds it where it does not", () => {
    const both = toggleValue(read("x status:active"), "status", "inactive");
    expect(printFilter(both)).toBe("x status:active,inactive");
    expect(printFilter(toggleValue(both, "status", "active"))).toBe("x status:inactive");
    expect(printFilter(toggleValue(read("location:a"), "location", "b c"))).toBe('location:"b c"');
    expect(printFilter(toggleValue(read("seen:>5m"), "seen", "never"))).toBe("seen:never");
    expect(printFilter(withValues(both, "status", []))).toBe("x");
  });
});

const words = fc
  .string({ unit: "binary", maxLength: 12 })
  .map((text) => text.replaceAll("\u0000", "").replaceAll(/\s+/g, ""));
const free = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => text.trim());
const age = fc.tuple(
  fc.constantFrom("<", ">"),
  fc.integer({ min: 0, max: 99_999 }),
  fc.constantFrom("s", "m", "h", "d"),
);
const filters: fc.Arbitrary<Filter> = fc.record({
  text: fc.array(words, { maxLength: 4 }).map((list) => list.filter(Boolean).join(" ").toWellFormed()),
  terms: fc
    .tuple(
      fc.subarray([...FILTER_VALUES.status]),
      fc.subarray([...FILTER_VALUES.health]),
      fc.subarray([...FILTER_VALUES.config]),
      fc.array(
        free.filter((value) => value !== "" && !value.includes("\u0000")),
        { maxLength: 1 },
      ),
      fc.array(
        free.filter((value) => value !== "" && !value.includes("\u0000")),
        { maxLength: 1 },
      ),
      fc.oneof(
        fc.constant(["never"]),
        fc.array(
          age.map((parts) => parts.join("")),
          { maxLength: 1 },
        ),
      ),
    )
    .map((lists) => lists.map((values, index) => ({ key: FILTER_KEYS[index] ?? "status", values: [...values] })))
    .map((terms) => terms.filter(({ values }) => values.length > 0)),
});

describe("any filter", () => {
  it("reads as it was printed", () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const printed = printFilter(filter);
        expect(parseFilter(printed)).toEqual({ filter, problems: [] });
        for (const term of filter.terms) expect(printed).toContain(printTerm(term));
      }),
    );
  });

  it("is one that the API accepts, whatever was typed", () => {
    const typed = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc
        .array(fc.constantFrom("status:", "seen:>", "active", '"', ",", " ", "location:", "\\", "5m", "x", ":"), {
          maxLength: 12,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const { filter } = parseFilter(text);
        expect(organizationFilters.safeParse(toQuery(filter, NOW)).success).toBe(true);
        expect(read(printFilter(filter))).toEqual(filter);
      }),
      { numRuns: 500 },
    );
  });
});
