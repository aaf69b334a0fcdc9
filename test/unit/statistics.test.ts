import { describe, expect, it } from "vitest";
import { forecastMonth, periodOf, pointsOf } from "../../worker/routes/periods.ts";

const at = (text: string) => new Date(text);
const iso = (points: number[]) => points.map((point) => new Date(point).toISOString().slice(0, 13));

describe("a period", () => {
  it("is the last 30 days unless it is given", () => {
    const { start, end } = periodOf({}, at("2025-03-31T10:20:30Z"));
    expect([start.toISOString(), end.toISOString()]).toEqual(["2025-03-01T00:00:00.000Z", "2025-03-31T10:20:30.000Z"]);
    const reversed = { start_date: at("2025-04-01"), end_date: at("2025-04-01") };
    expect(() => periodOf(reversed, at("2025-05-01"))).toThrow("not valid");
  });

  it("has points without gaps, also where it begins within one", () => {
    const period = { start: at("2024-02-28T22:30:00Z"), end: at("2024-03-01T00:00:00Z") };
    expect(iso(pointsOf(period, "day", 10))).toEqual(["2024-02-28T00", "2024-02-29T00"]);
    expect(pointsOf(period, "hour", 100)).toHaveLength(26);
    expect(() => pointsOf(period, "hour", 25)).toThrow("not valid");
    const year = { start: at("2024-12-31T00:00:00Z"), end: at("2025-02-01T00:00:00Z") };
    expect(iso(pointsOf(year, "month", 10))).toEqual(["2024-12-01T00", "2025-01-01T00"]);
    expect(iso(pointsOf(year, "week", 10)).slice(0, 2)).toEqual(["2024-12-30T00", "2025-01-06T00"]);
  });

  it("is forecast by what the month has cost so far", () => {
    expect(forecastMonth(100, at("2025-04-16T00:00:00Z"))).toBe(200);
    expect(forecastMonth(1, at("2025-04-01T00:00:00Z"))).toBe(720);
    expect(forecastMonth(0, at("2024-02-29T12:00:00Z"))).toBe(0);
  });
});
