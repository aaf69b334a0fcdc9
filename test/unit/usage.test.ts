import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMoment } from "../../worker/contract/moments.ts";
import { parseFrame } from "../../worker/contract/parse-frame.ts";
import { toDollars, toUnits } from "../../worker/db/dollars.ts";
import type { UsageItem } from "../../worker/db/usage-hours.ts";
import { spreadUsage } from "../../worker/db/usage-hours.ts";
import { newRecord } from "../../worker/orchestrator/state.ts";
import { placeWindow, readUsage } from "../../worker/orchestrator/usage.ts";

const RUNS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.parse("2026-11-29T15:00:00Z");

const dollars = fc.bigInt({ min: 0n, max: 10n ** 17n }).map(toDollars);
const count = fc.integer({ min: 0, max: 1e12 });
const usageItem: fc.Arbitrary<UsageItem> = fc.record({
  model: fc.constantFrom("a", "b", ""),
  provider: fc.constantFrom("x", ""),
  requests: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: dollars,
});

const totalOf = (items: readonly UsageItem[]) => ({
  requests: items.reduce((sum, { requests }) => sum + requests, 0),
  inputTokens: items.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
  outputTokens: items.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
  cost: items.reduce((sum, { costUsd }) => sum + toUnits(costUsd), 0n),
});

describe("usage spread over its window", () => {
  it("B27: the parts add up to the whole, exactly, for any window and numbers", () => {
    const windows = fc.record({
      windowStart: fc.integer({ min: NOW - 400 * DAY_MS, max: NOW }),
      lengthMs: fc.oneof(
        fc.constant(0),
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 5 * HOUR_MS }) },
        fc.integer({ min: 0, max: 40 * DAY_MS }),
      ),
    });
    fc.assert(
      fc.property(windows, usageItem, ({ windowStart, lengthMs }, item) => {
        const windowEnd = windowStart + lengthMs;
        const parts = spreadUsage({ windowStart, windowEnd }, [item]);
        expect(totalOf(parts)).toEqual(totalOf([item]));
        const isRight = ({ hour, requests, inputTokens, outputTokens, costUsd }: (typeof parts)[number]) =>
          hour % HOUR_MS === 0 &&
          hour > windowStart - HOUR_MS &&
          hour <= windowEnd &&
          Math.min(requests, inputTokens, outputTokens, Number(costUsd)) >= 0;
        expect(parts.filter((part) => !isRight(part))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it("B27: each hour gets its share by time", () => {
    const start = Date.parse("2026-11-18T00:30:00Z");
    const item = { model: "m", provider: "p", requests: 4, inputTokens: 8, outputTokens: 0, costUsd: "4.00000000" };
    const parts = spreadUsage({ windowStart: start, windowEnd: start + 2 * HOUR_MS }, [item]);
    expect(
      parts.map(({ hour, requests, costUsd }) => [new Date(hour).toISOString().slice(11, 16), requests, costUsd]),
    ).toEqual([
      ["00:00", 1, "1.00000000"],
      ["01:00", 2, "2.00000000"],
      ["02:00", 1, "1.00000000"],
    ]);
  });

  it("B27 sibling: a report is bounded, however long its window and however many its models are", () => {
    const items = Array.from({ length: 1_000 }, (_, index) => ({
      model: `m${index}`,
      provider: "",
      requests: 1_000_000,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: "1000000.00000000",
    }));
    for (const days of [0, 1, 7, 31, 400]) {
      const windowStart = NOW - days * DAY_MS;
      const parts = spreadUsage({ windowStart, windowEnd: NOW }, items);
      expect(parts.length).toBeLessThanOrEqual(15_000);
      expect(totalOf(parts)).toEqual(totalOf(items));
    }
    const [one] = items.slice(0, 1);
    expect(spreadUsage({ windowStart: NOW - 400 * DAY_MS, windowEnd: NOW }, one ? [one] : []).length).toBe(401);
  });

  it("dollars and units are the same money", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 19n }), (units) => {
        expect(toUnits(toDollars(units))).toBe(units);
      }),
      { numRuns: RUNS },
    );
    expect([1e-8, 4e-9, 0.1, 1e9, "2.5", "1e-3", 123456789.1].map((value) => toDollars(toUnits(value)))).toEqual([
      "0.00000001",
      "0.00000000",
      "0.10000000",
      "1000000000.00000000",
      "2.50000000",
      "0.00100000",
      "123456789.10000000",
    ]);
  });
});

describe("the window of a report", () => {
  const moment = fc.option(
    fc.oneof(fc.integer({ min: 0, max: 8.64e15 }), fc.integer({ min: NOW - 500 * DAY_MS, max: NOW + 10 * DAY_MS })),
  );

  it("B19: is counted neither in the future nor over 400 days back, whatever an agent's clock says", () => {
    fc.assert(
      fc.property(moment, moment, (start, end) => {
        const placed = placeWindow(start, end, NOW);
        expect(placed.start).toBeLessThanOrEqual(placed.end);
        expect(placed.end).toBeLessThanOrEqual(NOW);
        expect(placed.start).toBeGreaterThanOrEqual(NOW - 400 * DAY_MS);
      }),
      { numRuns: RUNS },
    );
  });

  it("B19: stays as it was sent when it can be true, and says so when not", () => {
    const at = (hours: number) => NOW + hours * HOUR_MS;
    expect(placeWindow(at(-2), at(-1), NOW)).toEqual({ start: at(-2), end: at(-1), note: null });
    expect(placeWindow(at(1.1), at(1.2), NOW)).toMatchObject({ start: NOW, end: NOW, note: /future/ });
    expect(placeWindow(at(-1), at(1), NOW)).toMatchObject({ start: at(-1), end: NOW, note: /future/ });
    expect(placeWindow(NOW + 5_000, NOW + 6_000, NOW)).toEqual({ start: NOW, end: NOW, note: null });
    expect(placeWindow(0, at(-1), NOW)).toMatchObject({ start: at(-1), end: at(-1), note: /400 days/ });
    expect(placeWindow(0, 60_000, NOW)).toMatchObject({ start: NOW, end: NOW, note: /400 days/ });
    expect(placeWindow(null, at(-1), NOW)).toMatchObject({ start: at(-1), end: at(-1), note: /read/ });
    expect(placeWindow(at(-1), null, NOW)).toMatchObject({ start: at(-1), end: NOW, note: /read/ });
  });

  it.each([
    ["2026-11-29T15:00:00Z", NOW],
    ["2026-11-29T15:00:00.000000+00:00", NOW],
    ["2026-11-29 15:00:00", NOW],
    ["2026-11-29T16:00:00+0100", NOW],
    ["2026-11-29T16:00+01", NOW],
    [NOW, NOW],
    [NOW / 1000, NOW],
    [String(NOW / 1000), NOW],
    [8e15, null],
    ["yesterday", null],
    ["2026-13-40T00:00:00Z", null],
    [Number.NaN, null],
    [-1, null],
    [true, null],
    [null, null],
  ])("is read from %j", (value, expected) => {
    expect(readMoment(value)).toBe(expected);
  });
});

describe("a usage report from outside", () => {
  const record = newRecord("o", "o", NOW);

  function read(data: unknown) {
    const parsed = parseFrame(JSON.stringify({ type: "usage_report", data }));
    if (!parsed.ok) return parsed.error;
    if (parsed.frame.type !== "usage_report") throw new Error("another type");
    return readUsage(record, parsed.frame, NOW);
  }

  it("names models without their secrets, and counts those as one that are alike then", () => {
    const item = (model: string) => ({ model, provider: "https://api.example/?api_key=Aa1Bb2Cc3Dd4", requests: 1 });
    const items = [item("https://ada:first@x/gpt"), item("https://ada:second@x/gpt"), item("gpt-4")];
    const usage = read({ report_id: "1", items });
    expect(usage).toMatchObject({
      counted: 3,
      report: {
        items: [
          { model: "gpt-4", provider: "https://api.example/?api_key=…", requests: 1 },
          { model: "https://ada:…@x/gpt", provider: "https://api.example/?api_key=…", requests: 2 },
        ],
      },
    });
  });

  it("B05: whatever stands in its items, each is counted or refused by its index, and none closes or strikes", () => {
    const number = fc.oneof(
      fc.nat(),
      fc.double(),
      fc.constantFrom("10", "2.5", "", null, "x", -1, 1e300, true, {}, []),
    );
    const label = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue());
    const item = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          model: label,
          provider: label,
          requests: number,
          input_tokens: number,
          output_tokens: number,
          cost_usd: number,
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (items) => {
        const found = read({ report_id: "r", items });
        if ("code" in found) throw new Error(found.message);
        expect(found.counted + found.refused.length).toBe(items.length);
        for (const { index } of found.refused) expect(index).toBeLessThan(items.length);
        for (const { model, provider } of found.report.items) {
          for (const label of [model, provider]) {
            expect([...label].length).toBeLessThanOrEqual(255);
            expect(label.isWellFormed() && !label.includes("\u0000")).toBe(true);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("B06: the digest is that of what is counted, however it is written", () => {
    const window = { window_start: "2026-11-29T10:00:00Z", window_end: "2026-11-29T11:00:00Z" };
    const digest = (data: object) => {
      const found = read({ report_id: "r", ...window, ...data });
      if ("code" in found) throw new Error(found.message);
      return found.report.digest;
    };
    const a = { model: "a", requests: 1, cost_usd: 2.5 };
    const b = { model: "b", requests: 1, cost_usd: 1 };
    expect(digest({ items: [{ cost_usd: "2.50", requests: "1", model: " a ", provider: null, more: 1 }, b] })).toBe(
      digest({ items: [b, a] }),
    );
    expect(digest({ items: [a], window_start: "2026-11-29T11:00:00+01:00" })).toBe(digest({ items: [a] }));
    expect(digest({ items: [a], window_end: "2026-11-29T11:00:01Z" })).not.toBe(digest({ items: [a] }));
    expect(digest({ items: [{ ...a, cost_usd: 2.6 }] })).not.toBe(digest({ items: [a] }));
  });

  it("B05 sibling: is refused without a strike, by its type, when a number in it is no JSON", () => {
    const raw = '{"type": "usage_report", "data": {"report_id": "r", "items": [{"cost_usd": NaN}]}}';
    expect(parseFrame(raw)).toMatchObject({ error: { code: "invalid_json", ref: "usage_report", strike: false } });
  });

  it.each([
    ["no items", { report_id: "r", items: [] }],
    ["no id", { items: [{ cost_usd: 1 }] }],
    ["an id that is a number too large to be exact", { report_id: 2 ** 53, items: [{ cost_usd: 1 }] }],
    [
      "a reversed window",
      { report_id: "r", window_start: "2026-11-29", window_end: "2026-11-28", items: [{ cost_usd: 1 }] },
    ],
    ["nothing at all", null],
  ])("is refused without a strike when it has %s", (_, data) => {
    expect(read(data)).toMatchObject({ code: "invalid_frame", strike: false, close: null });
  });
});
