import { z } from "zod";
import { DEFAULT_PAGE_SIZE, MAX_NAME_CHARS, MAX_PAGE_SIZE } from "../values/limits.ts";

/** A number in an address, in digits: `1e1` and `0x10` are mistakes. */
export function inDigits<T extends z.ZodType>(number: T) {
  return z.preprocess((value) => (typeof value === "string" && !/^\d{1,20}$/.test(value) ? Number.NaN : value), number);
}

const numberInDigits = z.coerce.number({ error: "must be a whole number in digits" });

/** A whole number in a query string. */
export function wholeNumber(min: number, max: number, fallback: number, description: string) {
  return inDigits(numberInDigits.int().min(min).max(max)).default(fallback).meta({ description });
}

/** The effective `limit`: one above the maximum is cut to it, because a short list serves better than a refusal. */
export interface Limit {
  value: number;
  isCapped: boolean;
}

/** How many entries to return, at most `max`. The answer returns the effective limit: see {@link limitView}. */
export function cappedLimit(max: number, fallback: number, description: string) {
  return inDigits(numberInDigits.min(1))
    .default(fallback)
    .transform((asked): Limit => ({ value: Math.min(asked, max), isCapped: asked > max }))
    .meta({ description: `${description}. More than ${max} counts as ${max}, and \`limit_capped\` says so` });
}

/** The fields of an answer with a `limit`. */
export const limitView = {
  limit: z.int().meta({ description: "The effective limit" }),
  limit_capped: z.boolean().meta({ description: "Whether the requested limit was above the maximum" }),
};

export function toLimitView({ value, isCapped }: Limit) {
  return { limit: value, limit_capped: isCapped };
}

/** The position at which a list continues. */
export const cursorQuery = {
  cursor: z.string().min(1).max(2048).optional().meta({
    description:
      "The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored",
  }),
};

export const pageQuery = {
  page: wholeNumber(1, 1_000_000, 1, "Page number, from 1"),
  page_size: wholeNumber(1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE, "Entries on a page"),
  ...cursorQuery,
};

/** The position at which a list of events continues. It has no pages. */
export const timelineCursorQuery = {
  cursor: z.string().min(1).max(2048).optional().meta({
    description:
      "The `next_cursor` of the answer before, with the same filters. The walk goes from the newest to the oldest, and each entry that exists throughout is returned exactly once. What happens meanwhile is newer, and so not in it; nor is an entry not read yet whose repeat takes its place meanwhile",
  }),
};

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "The cursor of the next page; null: this is the last" });

/** The fields of every list. */
export const extentView = {
  returned: z.int().meta({ description: "Entries in this answer" }),
  truncated: z.boolean().meta({ description: "Whether more entries match" }),
};

/** The description of the CSV format for callers. */
export const CSV_FORM =
  "A CSV file is RFC 4180 in UTF-8 with a byte order mark and a header. Its last line says whether everything is in it: `# complete: 12 of 12 rows`, or `# cut: 10000 of 10001 rows`; a file without that line broke off. `X-Total-Count`, `X-Export-Complete` and the file name (`…-partial.csv`) say the same. An apostrophe stands before what a spreadsheet would take for a formula: `=`, `+`, `-`, `@` and their full-width forms, at the start of a text and after a semicolon, tab or line break in it. Invisible characters are written as `\\u200b`.";

/** A yes or no in a query string; absent is no. */
export function flag(description: string) {
  return z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true")
    .meta({ description });
}

/** Text to look for. */
export const searchText = z
  .string()
  .trim()
  .max(MAX_NAME_CHARS)
  .refine((text) => text.isWellFormed() && !text.includes("\u0000"), "must be text")
  .optional();

/** Several of these values, separated by commas. */
export function listOf<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  return z
    .string()
    .transform((list) => list.split(",").map((value) => value.trim()))
    .pipe(z.array(z.enum(values)))
    .optional()
    .meta({ description: `${description}; one or more of ${values.join(", ")}, separated by commas` });
}

export const moment = z.iso.datetime().meta({ description: "ISO 8601, UTC", example: "2025-10-28T19:00:24.185Z" });
export const maybeMoment = moment.nullable();

/** The keys of every success: `success` and a message for people. */
export const outcome = { success: z.literal(true), message: z.string() };

/** For the answer to a request with unusable decoration. */
export const droppedView = {
  dropped: z
    .array(z.object({ path: z.string().meta({ example: "metadata.version" }), reason: z.string() }))
    .optional()
    .meta({ description: "Values of the request that could not be used as received; absent: none" }),
};

/** `{success, message, data}`. */
export function envelope<T extends z.ZodType>(data: T) {
  return z.object({ ...outcome, data });
}

/** One page of a list; `total` repeats `total_items` because the documents disagree. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    page: z.int(),
    page_size: z.int(),
    total_items: z.int(),
    total: z.int(),
    total_pages: z.int(),
    has_next: z.boolean(),
    has_prev: z.boolean(),
    next_cursor: nextCursor,
    ...extentView,
  });
}

export interface Page<T> {
  items: T[];
  page: number;
  page_size: number;
  total_items: number;
  total: number;
  total_pages: number;
  has_next: boolean;
  has_prev: boolean;
  next_cursor: string | null;
  returned: number;
  truncated: boolean;
}

/** Wraps one page of rows with the figures that let a client walk the list. */
export function toPage<T>(
  items: T[],
  totalItems: number,
  { page, page_size, cursor }: { page: number; page_size: number; cursor?: string | undefined },
  next_cursor: string | null,
): Page<T> {
  const totalPages = Math.ceil(totalItems / page_size);
  return {
    items,
    page,
    page_size,
    total_items: totalItems,
    total: totalItems,
    total_pages: totalPages,
    has_next: cursor === undefined ? page < totalPages : next_cursor !== null,
    has_prev: cursor === undefined ? page > 1 : true,
    next_cursor,
    returned: items.length,
    truncated: items.length < totalItems,
  };
}

/** ISO 8601 with Z, or null. */
export function isoMoment(at: number | Date | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The version that an edit was made from; the `If-Match` header may send it instead. */
export const expectedVersion = z
  .int()
  .min(0)
  .optional()
  .meta({ description: "The version that the edit was made from: 409 if another one is stored. Absent: any" });
