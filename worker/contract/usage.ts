import { z } from "zod";
import { decoration, decorativeMoment, itemByItem } from "./decoration.ts";
import { shortText } from "./json.ts";

const MAX_LABEL_CHARS = 255;
/** A larger number is a mistake, whatever it counts. */
const MAX_COUNT = 1e12;
const MAX_DOLLARS = 1e9;

/** Older clients send null or an empty text for what they do not know, and some send numbers as text. */
function readNumber(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (text === "") return undefined;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : value;
}

/** Tokens that were estimated come as fractions. */
const count = z.preprocess(readNumber, z.number().min(0).max(MAX_COUNT).transform(Math.round).optional()).optional();
const dollars = z.preprocess(readNumber, z.number().min(0).max(MAX_DOLLARS).optional()).optional();

/** The name of a model or provider: it tells money apart and must never cost any. Absent: not reported. */
function label() {
  return decoration(z.string(), {
    clean: (value, cleaner) => {
      // Invisible characters would make two names look the same.
      const visible = typeof value === "string" ? value.normalize("NFC").replace(/\p{Cf}/gu, "") : value;
      return cleaner.line(visible, MAX_LABEL_CHARS);
    },
    says: `Numbers and truth values become text; cut to ${MAX_LABEL_CHARS} characters; anything else, or nothing, counts as not reported`,
  });
}

const usageItem = z
  .object({
    model: label(),
    provider: label(),
    requests: count,
    input_tokens: count,
    output_tokens: count,
    cost_usd: dollars,
  })
  .refine(
    ({ requests, input_tokens, output_tokens, cost_usd }) =>
      [requests, input_tokens, output_tokens, cost_usd].some((number) => number !== undefined),
    "has neither a cost nor a count",
  );

export type ReportedItem = z.infer<typeof usageItem>;

/** An item that cannot be counted, and why. */
export interface UnusableItem {
  problem: string;
}

const judgedItem = usageItem
  .transform((item): ReportedItem | UnusableItem => item)
  // Whoever makes a JSON Schema of it asks for a value without a context.
  .catch((context) => ({ problem: problemOf(context?.error?.issues[0]) }));

function problemOf(issue: { path: PropertyKey[]; message: string } | undefined): string {
  const path = (issue?.path ?? []).map(String).join("/");
  return `${path ? `${path}: ` : ""}${issue?.message ?? "not usable"}`;
}

/** A number would lose digits when it is too large, and two reports would become one. */
const reportId = z
  .union([
    shortText,
    z
      .number()
      .refine((id) => !Number.isInteger(id) || Number.isSafeInteger(id), "is too large a number; send it as text"),
  ])
  .transform(String);

export const usageReport = z
  .object({
    report_id: reportId,
    window_start: decorativeMoment(),
    window_end: decorativeMoment(),
    items: itemByItem(usageItem, judgedItem),
  })
  .refine(
    ({ window_start: start, window_end: end }) => !start || !end || Date.parse(start) <= Date.parse(end),
    "The window ends before it begins.",
  );
