import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleText } from "../../common/text.ts";
import { type ActivityEntry, matches as matchesActivity } from "../../dashboard/src/features/activity/filter.ts";
import {
  fromInput,
  isFiltered,
  problemOf,
  type Range,
  readFilter,
  toInput,
  toQuery,
  writeFilter,
} from "../../dashboard/src/features/audit/filter.ts";
import {
  anchorOf,
  countNew,
  type LogLine,
  matches,
  mergeLines,
  refreshLines,
  toFile,
  toText,
} from "../../dashboard/src/features/logs/lines.ts";
import type { Zone } from "../../dashboard/src/lib/time.ts";

function logLine(fields: Partial<LogLine> = {}): LogLine {
  return { at: 0, level: "INFO", message: "x", orchestrator_id: null, count: 1, ...fields };
}

describe("lines of the controller log", () => {
  const lines = fc.array(
    fc
      .record({ at: fc.integer({ min: 0, max: 3 }), message: fc.constantFrom("a", "b") })
      .map((fields) => logLine(fields)),
    { maxLength: 12 },
  );
  const inOrder = (list: readonly LogLine[]) => list.map((line) => JSON.stringify(line)).sort();
  const byTime = (list: LogLine[]) => [...list].sort((one, other) => one.at - other.at);

  it("are each there once, however often the list is asked for beside the stream", () => {
    const moment = fc.integer({ min: -1, max: 4 });
    fc.assert(
      fc.property(lines, moment, moment, (all, one, other) => {
        const log = byTime(all);
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        // Two windows of one log that overlap or touch.
        const early = log.filter(({ at }) => at <= to);
        const late = log.filter(({ at }) => at > from);
        const merged = mergeLines(early, late);
        expect(inOrder(merged)).toEqual(inOrder(log));
        expect(merged.map(({ at }) => at)).toEqual(log.map(({ at }) => at));
        expect(mergeLines(merged, early)).toEqual(merged);
      }),
      { numRuns: 500 },
    );
  });

  it("B09 sibling: are as the list folds them, however many the stream told one by one", () => {
    const single = [1, 2, 3, 4, 5].map((at) => logLine({ at }));
    const other = logLine({ at: 2, message: "other" });
    const known = mergeLines(single, [other]);
    const folded = [other, logLine({ at: 5, count: 5 })].map((line) => ({ ...line }));
    const refreshed = refreshLines(known, folded, () => false);
    expect(refreshed).toEqual(folded);
    expect(refreshed[0]).toBe(other);
    const again = refreshLines(refreshed, folded, () => false);
    expect(countNew(refreshed, again)).toBe(0);
    // Folded into a newer one.
    const grown = [other, logLine({ at: 6, count: 6 })];
    expect(refreshLines(again, grown, () => false)).toEqual(grown);
  });

  it("stay when they came after the list was asked for, also when their moment is earlier", () => {
    const late = logLine({ at: 2, message: "late" });
    const both = logLine({ at: 3 });
    const known = [logLine({ at: 1 }), late, both];
    const list = [logLine({ at: 1 }), logLine({ at: 3, count: 4 })];
    const refreshed = refreshLines(known, list, (line) => line === late || line === both);
    expect(refreshed).toEqual([list[0], late, list[1]]);
  });

  it("are the newest ones when there is no room for all", () => {
    const log = [1, 2, 3, 4].map((at) => logLine({ at }));
    expect(mergeLines(log.slice(0, 2), log.slice(2), 3).map(({ at }) => at)).toEqual([2, 3, 4]);
  });

  it("keep the lines of a quiet orchestrator when there are too many of a chatty one", () => {
    const lineOf = (orchestrator_id: string, at: number): LogLine => {
      return { at, level: "INFO", message: `said ${at}`, orchestrator_id, count: 1 };
    };
    const quiet = [0, 1, 2].map((at) => lineOf("quiet", at));
    const chatty = Array.from({ length: 50 }, (_, index) => lineOf("chatty", 10 + index));
    const merged = mergeLines(quiet, chatty, 10);
    expect(merged).toEqual([...quiet, ...chatty.slice(-7)]);
  });

  it("count as new by themselves, not by their looks", () => {
    const seen = [logLine(), logLine()];
    expect(countNew(seen, [...seen.slice(1), logLine()])).toBe(1);
  });

  it("match by the controller's own rule", () => {
    const line = logLine({ level: "ERROR", message: "[C-OCS] Lost ORG-1" });
    expect(matches(line, { level: null, q: "" })).toBe(true);
    expect(matches(line, { level: "ERROR", q: "lost org" })).toBe(true);
    expect(matches(line, { level: "INFO", q: "" })).toBe(false);
    expect(matches(line, { level: null, q: "org-2" })).toBe(false);
  });

  it("are one line each in a file, whatever is in them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (messages) => {
        const text = toText(messages.map((message) => logLine({ message })));
        expect(text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)).toHaveLength(messages.length + 1);
      }),
    );
  });

  it("B35 sibling: a file of lines says in its last line what it has", () => {
    expect(toFile([logLine({ message: "a" })], 874)).toMatch(/ a\n# cut: 1 of 875 lines \(the newest\)\n$/);
    expect(toFile([logLine({ message: "a" })], 0)).toMatch(/ a\n# end: 1 matching lines of the newest 2000 .*\n$/);
  });

  it("show what has no shape or turns the direction of writing", () => {
    const text = "a\u001b[2Jb\u202ec\u0000\tü→\n";
    expect(visibleText(text)).toBe("a\\u001b[2Jb\\u202ec\\u0000\\u0009ü→\\u000a");
    expect(visibleText(text, { keepsLines: true })).toBe("a\\u001b[2Jb\\u202ec\\u0000\tü→\n");
  });

  it("have a name for an address that tells them apart", () => {
    expect(anchorOf(logLine({ at: 5 }))).toMatch(/^5-[0-9a-z]+$/);
    const names = [logLine(), logLine({ at: 1 }), logLine({ message: "y" }), logLine({ level: "ERROR" })].map(anchorOf);
    expect(new Set(names).size).toBe(4);
    expect(anchorOf(logLine())).toBe(anchorOf(logLine()));
  });
});

describe("the filter of the audit in the address", () => {
  const NOW = Date.parse("2026-03-29T12:00:00Z");

  it("comes back as it was written", () => {
    const word = fc.stringMatching(/^[a-z0-9.:_-]{0,20}$/);
    const filter = fc.record({
      q: word,
      actor: word,
      action: fc.stringMatching(/^[a-z_.]{0,20}$/),
      target: word,
      organization: word,
      range: fc.constantFrom<Range>("all", "1h", "24h", "7d", "30d", "custom"),
      from: fc.constantFrom("", "2026-03-01T10:00"),
      to: fc.constantFrom("", "2026-03-02T10:00"),
    });
    fc.assert(
      fc.property(filter, (wanted) => {
        const params = new URLSearchParams();
        for (const [key, value] of Object.entries(writeFilter(wanted))) if (value) params.set(key, value);
        const read = readFilter(Object.fromEntries(params));
        const isCustom = wanted.range === "custom";
        expect(read).toEqual({ ...wanted, from: isCustom ? wanted.from : "", to: isCustom ? wanted.to : "" });
        expect(isFiltered(read)).toBe(params.size > 0);
      }),
    );
  });

  it("asks for what any address says without a word that the controller would refuse", () => {
    const params = fc.dictionary(
      fc.constantFrom("q", "actor", "action", "target", "range", "from", "to"),
      fc.string({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(params, (raw) => {
        const query = toQuery(readFilter(raw), NOW);
        expect(query.action ?? "a").toMatch(/^[a-z_.]{1,64}$/);
        for (const text of [query.q, query.actor, query.target]) expect((text ?? "").length).toBeLessThanOrEqual(255);
        for (const at of [query.from, query.to]) if (at !== undefined) expect(new Date(at).toISOString()).toBe(at);
      }),
    );
  });

  it("ends its ranges at the moment it is asked", () => {
    expect(toQuery(readFilter({ range: "24h" }), NOW)).toEqual({ from: "2026-03-28T12:00:00.000Z" });
    expect(toQuery(readFilter({ range: "all" }), NOW)).toEqual({});
  });

  it("means the same moment wherever the address is opened, and shows it in the zone of the page", () => {
    const chosen = fromInput("2026-03-29T10:30", "utc");
    expect(chosen).toBe("2026-03-29T10:30:00.000Z");
    expect(toInput(chosen, "utc")).toBe("2026-03-29T10:30");
    expect(toQuery(readFilter({ range: "custom", from: chosen }), NOW)).toEqual({ from: chosen });
    expect(Date.parse(fromInput("2026-07-01T10:30", "local"))).toBe(new Date(2026, 6, 1, 10, 30).getTime());
    for (const text of ["", "soon", "0000-01-01T00:00", "+275760-09-13T00:00"]) expect(fromInput(text, "utc")).toBe("");
  });

  it("shows in its fields what was chosen there, or nothing", () => {
    const zones = fc.constantFrom<Zone>("local", "utc");
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date("9998-01-01"), noInvalidDate: true }),
        zones,
        (date, zone) => {
          const text = toInput(date.toISOString(), zone);
          expect(toInput(fromInput(text, zone), zone)).toBe(text);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(toInput(text, "local")).toMatch(/^$|^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
      }),
    );
  });

  it("says why it cannot be asked for", () => {
    expect(problemOf(readFilter({ organization: "org 1" }))).toContain("organization ID");
    const turned = { range: "custom", from: "2026-03-02T10:00", to: "2026-03-01T10:00" };
    expect(problemOf(readFilter(turned))).toBe("The end must be after the start.");
    expect(problemOf(readFilter({ ...turned, range: "7d" }))).toBeNull();
    expect(problemOf(readFilter({ organization: "org-1" }))).toBeNull();
  });
});

describe("the filter of the activity", () => {
  const entry: ActivityEntry = {
    id: "1",
    at: 0,
    type: "connected",
    orchestrator_id: "edge-1",
    organization_id: "Acme",
    detail: null,
  };

  it("takes what has one of the types and the text in one of the ids", () => {
    expect(matchesActivity(entry, { types: [], text: "" })).toBe(true);
    expect(matchesActivity(entry, { types: ["connected", "lost"], text: " acm" })).toBe(true);
    expect(matchesActivity(entry, { types: [], text: "EDGE" })).toBe(true);
    expect(matchesActivity(entry, { types: ["lost"], text: "" })).toBe(false);
    expect(matchesActivity(entry, { types: [], text: "other" })).toBe(false);
  });
});
