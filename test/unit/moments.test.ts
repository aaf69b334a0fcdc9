import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMoment } from "../../worker/contract/moments.ts";
import { fromDate, toDate } from "../../worker/contract/rest/dates.ts";
import { GRANULARITIES } from "../../worker/contract/values/lists.ts";
import { periodBefore, periodFields, periodOf, pointsOf } from "../../worker/routes/periods.ts";

/** What PostgreSQL, JavaScript and our own answers take: four digits of a year that is not 0. */
const WRITABLE = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const digits = (max: number, length: number) =>
  fc.integer({ min: 0, max }).map((number) => String(number).padStart(length, "0"));
const year = fc.oneof(
  fc.constantFrom("0000", "0001", "0002", "0099", "0100", "1969", "1970", "2024", "9998", "9999"),
  fc.constantFrom("+010000", "-000001", "-271821", "+275760", "-004713", "+294276"),
  digits(9999, 4),
);
const date = fc
  .tuple(
    year,
    fc.oneof(fc.constantFrom("01", "12"), digits(13, 2)),
    fc.oneof(fc.constantFrom("01", "31"), digits(32, 2)),
  )
  .map((parts) => parts.join("-"));
const time = fc
  .tuple(digits(24, 2), digits(60, 2), fc.oneof(fc.constantFrom("00", "59", "60"), digits(61, 2)))
  .map((parts) => parts.join(":"));
const fraction = fc.oneof(fc.constant(""), fc.constantFrom(".999", ".9999999", ".0"));
const zone = fc.oneof(
  fc.constantFrom("Z", "z", "", "+14:00", "-12:00", "+23:59", "-23:59", "+00:00", "-0000", "+01"),
  digits(24, 2).map((hours) => `+${hours}:00`),
);
const text = fc.oneof(
  date,
  fc.tuple(date, time, fraction, zone).map(([day, clock, rest, offset]) => `${day}T${clock}${rest}${offset}`),
  fc.string(),
);

describe("a moment from outside", () => {
  it("can be written wherever it goes, or is refused (5,000 runs)", () => {
    fc.assert(
      fc.property(text, (given) => {
        for (const schema of [fromDate, toDate]) {
          const { data } = schema.safeParse(given);
          if (data) expect(data.toISOString()).toMatch(WRITABLE);
        }
        const at = readMoment(given);
        if (at !== null) expect(new Date(at).toISOString()).toMatch(WRITABLE);
      }),
      { numRuns: 5_000 },
    );
  });

  it("as a number is read within the years 1970 to 9999 alone", () => {
    fc.assert(
      fc.property(fc.double(), (given) => {
        const at = readMoment(given);
        if (at !== null) expect(new Date(at).toISOString()).toMatch(WRITABLE);
      }),
      { numRuns: 5_000 },
    );
  });

  it("makes a period whose every moment can be written, the one before included (5,000 runs)", () => {
    const some = fc.date({ min: fromDate.parse("0001-01-01"), max: toDate.parse("9999-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(some, fc.option(some), fc.constantFrom(...GRANULARITIES), (end_date, start, granularity) => {
        const asked = start && start < end_date ? { start_date: start, end_date } : { end_date };
        fc.pre(asked.start_date !== undefined || end_date > fromDate.parse("0001-01-01"));
        const period = periodOf(asked, new Date(0));
        const { start_date, end_date: end } = periodFields(period);
        const before = periodFields(periodBefore(period));
        for (const moment of [start_date, end, before.start_date, before.end_date]) expect(moment).toMatch(WRITABLE);
        expect(before.start_date <= before.end_date).toBe(true);
        if (period.end.getTime() - period.start.getTime() > 40 * 86_400_000) return;
        const points = pointsOf(period, granularity, 1_000);
        expect(points[0]).toBeLessThanOrEqual(period.start.getTime());
        expect(points.every((point, index) => index === 0 || point > (points[index - 1] ?? 0))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});
