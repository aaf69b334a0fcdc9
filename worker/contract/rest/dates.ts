import { z } from "zod";
import { intoCalendar, isInCalendar } from "../moments.ts";

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

const text = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .refine((value) => isInCalendar(Date.parse(value)), "must lie in the years 1 to 9999, UTC");

/** A date means its first moment (UTC). */
export const fromDate = text.transform((value) => new Date(value)).meta({ example: "2025-10-01" });

/** The end, not included; a date includes its whole day (UTC). */
export const toDate = text
  .transform((value) => new Date(DATE.test(value) ? intoCalendar(Date.parse(value) + DAY_MS) : value))
  .meta({ example: "2025-10-31" });
