import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { strideOf } from "../../dashboard/src/features/charts/scale.ts";
import type { Costs } from "../../dashboard/src/features/costs/api.ts";
import { sumUnits, toDecimal, toDollars, toUnits } from "../../dashboard/src/features/costs/money.ts";
import {
  boundsOf,
  fits,
  hasNext,
  type Period,
  periodName,
  pointName,
  previousOf,
  readPeriod,
  shift,
} from "../../dashboard/src/features/costs/period.ts";
import { changeOf, MOST_SERIES, OTHERS, seriesOf, toSeries } from "../../dashboard/src/features/costs/series.ts";
import { byGroup, byTime, sortRows, toCsv } from "../../dashboard/src/features/costs/table-rows.ts";
import { type CostView, type Params, readCostView, writeCostView } from "../../dashboard/src/features/costs/view.ts";
import { MAX_POINTS } from "../../worker/contract/values/limits.ts";
import { GRANULARITIES } from "../../worker/contract/values/lists.ts";
import { pointsOf } from "../../worker/routes/periods.ts";

const NOW = Date.UTC(2026, 10, 21, 5, 30);
const iso = (at: number) => new Date(at).toISOString();
const day = fc
  .integer({ min: Date.UTC(2015, 0, 1) / 86_400_000, max: Date.UTC(2040, 0, 1) / 86_400_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const period: fc.Arbitrary<Period> = fc.oneof(
  day.map((date): Period => ({ kind: "month", month: date.slice(0, 7) })),
  fc.tuple(day, day).map(([one, other]): Period => {
    const [from = one, to = other] = [one, other].sort();
    return { kind: "range", from, to };
  }),
);

describe("the period of the costs page", () => {
  it("is the running month, in UTC, unless the address says otherwise", () => {
    expect(readPeriod({}, NOW)).toEqual({ kind: "month", month: "2026-11" });
    expect(readPeriod({ month: "2026-02" }, NOW)).toEqual({ kind: "month", month: "2026-02" });
    expect(readPeriod({ from: "2026-10-05", to: "2026-10-11" }, NOW)).toMatchObject({ kind: "range" });
    for (const broken of [
      { month: "2026-13" },
      { month: "x" },
      { from: "2026-10-05" },
      { from: "2026-02-30", to: "2026-03-01" },
      { from: "2026-10-02", to: "2026-10-01" },
    ]) {
      expect(readPeriod(broken, NOW), JSON.stringify(broken)).toEqual({ kind: "month", month: "2026-11" });
    }
  });

  it("steps from month to month over the year, and by its own length", () => {
    expect(shift({ kind: "month", month: "2026-01" }, -1)).toEqual({ kind: "month", month: "2025-12" });
    expect(shift({ kind: "month", month: "2025-12" }, 1)).toEqual({ kind: "month", month: "2026-01" });
    const week: Period = { kind: "range", from: "2026-02-26", to: "2026-03-04" };
    expect(shift(week, -1)).toEqual({ kind: "range", from: "2026-02-19", to: "2026-02-25" });
    expect(shift(week, 1)).toEqual({ kind: "range", from: "2026-03-05", to: "2026-03-11" });
  });

  it("follows on the one before without gap or overlap, and comes back", () => {
    fc.assert(
      fc.property(period, (any) => {
        expect(boundsOf(shift(any, 1)).startAt).toBe(boundsOf(any).endAt);
        expect(shift(shift(any, 1), -1)).toEqual(any);
      }),
    );
  });

  it("does not step into the future", () => {
    expect(hasNext({ kind: "month", month: "2026-10" }, NOW)).toBe(true);
    expect(hasNext({ kind: "month", month: "2026-11" }, NOW)).toBe(false);
    expect(hasNext({ kind: "range", from: "2026-11-15", to: "2026-11-21" }, NOW)).toBe(false);
  });

  it("is measured against as much of the month before as has passed of this one", () => {
    const running = previousOf({ kind: "month", month: "2026-11" }, NOW);
    expect([iso(running.startAt), iso(running.endAt)]).toEqual([
      "2026-10-01T00:00:00.000Z",
      "2026-10-21T06:00:00.000Z",
    ]);
    expect(running.isPart).toBe(true);
    const over = previousOf({ kind: "month", month: "2026-10" }, NOW);
    expect([iso(over.startAt), iso(over.endAt), over.isPart]).toEqual([
      "2026-09-01T00:00:00.000Z",
      "2026-10-01T00:00:00.000Z",
      false,
    ]);
    // March 31st has no counterpart in February.
    const late = previousOf({ kind: "month", month: "2026-03" }, Date.UTC(2026, 2, 31, 12));
    expect(iso(late.endAt)).toBe("2026-03-01T00:00:00.000Z");
  });

  it("offers no granularity that the controller would refuse", () => {
    fc.assert(
      fc.property(period, fc.constantFrom(...GRANULARITIES), (any, granularity) => {
        const { startAt, endAt } = boundsOf(any);
        const ask = () => pointsOf({ start: new Date(startAt), end: new Date(endAt) }, granularity, MAX_POINTS);
        if (fits(any, granularity)) expect(ask().length).toBeLessThanOrEqual(MAX_POINTS);
      }),
    );
    expect(fits({ kind: "month", month: "2026-10" }, "hour")).toBe(true);
    expect(fits({ kind: "range", from: "2024-01-01", to: "2026-10-01" }, "hour")).toBe(false);
  });

  it("has a name, and so have its points", () => {
    expect(periodName({ kind: "month", month: "2026-11" })).toBe("November 2026");
    expect(periodName({ kind: "range", from: "2026-10-05", to: "2026-10-11" })).toMatch(/^Oct 5\s–\s11, 2026$/);
    expect(pointName("2026-11-03T14:00:00.000Z", "hour")).toBe("Nov 3, 14:00");
    expect(pointName("2026-11-03", "day")).toBe("Tue, Nov 3");
    expect(pointName("2026-11-02", "week")).toBe("Week of Nov 2");
    expect(pointName("2026-11-01", "month")).toBe("November 2026");
  });
});

describe("the address of the costs page", () => {
  const view: fc.Arbitrary<Params> = fc.record(
    {
      month: fc.constantFrom("2026-10", "nonsense"),
      from: day,
      to: day,
      by: fc.constantFrom("organization", "model", "provider", "department"),
      per: fc.constantFrom("hour", "day", "week", "month", "year"),
      organization: fc.oneof(fc.constant("org-1"), fc.array(fc.string({ minLength: 1 }), { maxLength: 3 })),
      hide: fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 })),
      table: fc.constantFrom("time", "group", ""),
    },
    { requiredKeys: [] },
  );

  it("reads back as what was written, whatever stood in it before", () => {
    fc.assert(
      fc.property(view, (params) => {
        const read = readCostView(params, NOW);
        const written = Object.entries(writeCostView(read, NOW)).filter(([, value]) => value !== undefined);
        expect(readCostView(Object.fromEntries(written) as Params, NOW)).toEqual(read);
      }),
    );
  });

  it("says nothing of what is as usual", () => {
    const usual: CostView = readCostView({}, NOW);
    expect(Object.values(writeCostView(usual, NOW)).every((value) => value === undefined)).toBe(true);
  });

  it("falls back to points that there can be", () => {
    expect(readCostView({ from: "2024-01-01", to: "2026-10-01", per: "hour" }, NOW).granularity).toBe("month");
    expect(readCostView({ per: "hour" }, NOW).granularity).toBe("hour");
  });
});

describe("money", () => {
  const units = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });

  it("is read and written without losing a digit", () => {
    fc.assert(
      fc.property(units, (any) => {
        expect(toUnits(toDecimal(any))).toBe(any);
      }),
    );
    expect(toUnits("12.34500000")).toBe(1_234_500_000n);
    expect(toDecimal(toUnits("0.00000001"))).toBe("0.00000001");
    expect(toDecimal(toUnits("-0.5"))).toBe("-0.50000000");
    expect(toUnits("7")).toBe(700_000_000n);
  });

  it("adds up where numbers would not", () => {
    expect(toDecimal(sumUnits(["0.10000000", "0.20000000"].map(toUnits)))).toBe("0.30000000");
    expect(toDollars(toUnits("0.30000000"))).toBe(0.3);
  });

  it("tells by how much it changed, and of nothing nothing", () => {
    expect(changeOf(150n, 100n)).toBe(0.5);
    expect(changeOf(50n, 100n)).toBe(-0.5);
    expect(changeOf(50n, 0n)).toBeNull();
  });
});

describe("the series of the chart", () => {
  const names = ["org-a", "org-b", "org-c", "org-d", "org-e", "org-f", "org-g", ""];
  /** As the controller answers: sums of the same cells, by point and by group. */
  const answer = fc
    .record({
      keys: fc.subarray(names, { minLength: 1 }),
      cells: fc.array(fc.array(fc.nat(10 ** 9), { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
    })
    .map(({ keys, cells }) => toAnswer(keys, cells));

  it("adds up to every point and to the total, however many groups there are", () => {
    fc.assert(
      fc.property(answer, (costs) => {
        const series = toSeries(costs);
        expect(series.length).toBeLessThanOrEqual(MOST_SERIES);
        costs.history.forEach((point, index) => {
          expect(sumUnits(series.map((one) => one.costs[index] ?? 0n))).toBe(toUnits(point.cost_usd));
        });
        expect(sumUnits(series.map((one) => one.total))).toBe(toUnits(costs.total_cost_usd));
        expect(series.reduce((count, one) => count + one.groups, 0)).toBe(costs.groups.length);
      }),
    );
  });

  it("keeps six apart, and draws a seventh with the rest", () => {
    const six = toSeries(toAnswer(names.slice(0, 6), [[6, 5, 4, 3, 2, 1, 0, 0]]));
    expect(six.map((one) => one.key)).toEqual(names.slice(0, 6));
    const seven = toSeries(toAnswer(names.slice(0, 7), [[7, 6, 5, 4, 3, 2, 1, 0]]));
    expect(seven.map((one) => one.label)).toEqual(["org-a", "org-b", "org-c", "org-d", "org-e", "2 others"]);
    expect(seven.at(-1)?.total).toBe(3n);
    expect([seriesOf("org-b", seven), seriesOf("org-g", seven)]).toEqual(["org-b", OTHERS]);
  });

  it("has a word for what was not reported", () => {
    expect(toSeries(toAnswer([""], [[1]])).map((one) => one.label)).toEqual(["Not reported"]);
  });
});

describe("the table of the costs page", () => {
  const costs = toAnswer(
    ["org-b", "org-a", "org-10", "org-9"],
    [
      [4, 3, 2, 1],
      [0, 9, 0, 1],
    ],
  );
  const series = toSeries(costs);
  const names = (rows: { cells: unknown[] }[]) => rows.map(({ cells }) => cells[0]);

  it("has the same sums by group and by time, whatever is hidden", () => {
    for (const hidden of [[], ["org-a"], ["org-a", "org-9"], ["org-b", "org-a", "org-10", "org-9"]]) {
      const left = sumUnits(series.filter(({ key }) => !hidden.includes(key)).map(({ total }) => total));
      const groups = byGroup(costs, series, hidden, "Organization");
      const times = byTime(costs, series, hidden, NOW);
      expect(groups.total[1]).toBe(left);
      expect(times.total.at(-1)).toBe(left);
      for (const { columns, rows, total } of [groups, times]) {
        for (const { cells } of rows) expect(cells.length).toBe(columns.length);
        expect(total.length).toBe(columns.length);
      }
    }
  });

  it("keeps the groups that are drawn as one apart, and hides them together", () => {
    const many = toAnswer(["a", "b", "c", "d", "e", "f", "g"], [[7, 6, 5, 4, 3, 2, 1]]);
    const drawn = toSeries(many);
    expect(names(byGroup(many, drawn, [], "Model").rows)).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
    expect(names(byGroup(many, drawn, [OTHERS], "Model").rows)).toEqual(["a", "b", "c", "d", "e"]);
    expect(
      byTime(many, drawn, [], NOW)
        .columns.map(({ title }) => title)
        .slice(-2),
    ).toEqual(["2 others", "Cost"]);
  });

  it("is by cost or by time, and sorts by any column, names as people count", () => {
    const groups = byGroup(costs, series, [], "Organization");
    expect(names(sortRows(groups, null))).toEqual(["org-a", "org-b", "org-10", "org-9"]);
    expect(names(sortRows(groups, { column: "name", isDescending: false }))).toEqual([
      "org-9",
      "org-10",
      "org-a",
      "org-b",
    ]);
    expect(names(sortRows(groups, { column: "cost", isDescending: false }))).toEqual([
      "org-10",
      "org-9",
      "org-b",
      "org-a",
    ]);
    const times = byTime(costs, series, [], NOW);
    expect(names(sortRows(times, { column: "name", isDescending: true }))).toEqual(["Mon, Nov 2", "Sun, Nov 1"]);
    expect(names(sortRows(times, { column: "series:org-b", isDescending: true }))).toEqual([
      "Sun, Nov 1",
      "Mon, Nov 2",
    ]);
  });

  it("has no rows for days to come", () => {
    const soon = Date.UTC(2026, 10, 1, 12);
    expect(names(byTime(costs, series, [], soon).rows)).toEqual(["Sun, Nov 1"]);
  });

  it("becomes a file with every digit and its sum", () => {
    const hidden = ["org-b", "org-a", "org-9"];
    const lines = toCsv(byGroup(costs, series, hidden, "Organization")).split("\r\n");
    expect(lines).toEqual([
      "\ufeffOrganization,Cost (USD),Requests,Input tokens,Output tokens",
      "org-10,0.00000002,1,0,0",
      "Total,0.00000002,1,0,0",
      "# cut: 1 of 4 rows,,,,",
      "",
    ]);
    expect(toCsv(byGroup(costs, series, [], "Organization"))).toContain("# complete: 4 of 4 rows,,,,\r\n");
    expect(toCsv(byTime(costs, series, ["org-b"], NOW))).toContain(
      `# cut: ${series.length - 1} of ${series.length} columns`,
    );
  });
});

describe("labels under a chart", () => {
  it("have room, at steps that look natural", () => {
    expect(strideOf(30, 720, 72, [1, 2, 5, 7])).toBe(5);
    expect(strideOf(30, 3000, 72, [1, 2, 5, 7])).toBe(1);
    expect(strideOf(720, 300, 72, [1, 24, 48])).toBe(180);
    expect(strideOf(5, 10, 72, [1])).toBe(5);
  });
});

function toAnswer(keys: string[], cells: number[][]): Costs {
  const cost = (units: number) => ({ cost: units / 1e8, cost_usd: toDecimal(BigInt(units)), requests: 1 });
  const tokens = { input_tokens: 0, output_tokens: 0 };
  const sum = (list: number[]) => list.reduce((all, one) => all + one, 0);
  const rows = cells.map((row) => row.slice(0, keys.length));
  const groups = keys
    .map((key, place) => ({ key, ...cost(sum(rows.map((row) => row[place] ?? 0))), ...tokens }))
    .sort((left, right) => right.cost - left.cost);
  const total = cost(sum(rows.flat()));
  const [start, end] = ["2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"];
  return {
    period: { start, end },
    start_date: start,
    end_date: end,
    granularity: "day",
    group_by: "organization",
    total_cost: total.cost,
    total_cost_usd: total.cost_usd,
    total_requests: 1,
    total_input_tokens: 0,
    total_output_tokens: 0,
    history: rows.map((row, index) => ({
      date: `2026-11-0${index + 1}`,
      ...cost(sum(row)),
      ...tokens,
      groups: keys.map((key, place) => ({ key, ...cost(row[place] ?? 0) })),
    })),
    groups,
    previous: { start_date: start, end_date: start, total_cost: 0, total_cost_usd: "0.00000000", total_requests: 0 },
    forecast: null,
  };
}
