import { z } from "zod";
import { decoration, decorativeMoment, itemByItem } from "./decoration.ts";
import { shortText } from "./json.ts";

const MAX_LABEL_CHARS = 255;
/** A larger number is a mistake, whatever it counts. */
const MAX_COUNT = 1e12;
const MAX_DOLLARS = 1e9;

const EMPTY = "has neither a cost nor a count";

/** Older clients send null or an empty text for unknown values: both mean absent. */
function readNumber(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (text === "") return undefined;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : value;
}

function amount(max: number) {
  return z.number("must be a number").min(0, "must not be negative").max(max, `must not be more than ${max}`);
}

/** Tokens that were estimated come as fractions. */
const count = z.preprocess(readNumber, amount(MAX_COUNT).transform(Math.round).optional()).optional();
const dollars = z.preprocess(readNumber, amount(MAX_DOLLARS).optional()).optional();

/** The name of a model or provider. It only separates sums and must never lose money. Absent: not reported. */
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
    EMPTY,
  );

export type ReportedItem = z.infer<typeof usageItem>;

/** An item that cannot be counted: the field that is the reason, if it is one, and why. */
export interface UnusableItem {
  field: string | null;
  problem: string;
}

const judgedItem = usageItem
  .transform((item): ReportedItem | UnusableItem => item)
  // The JSON Schema generator asks for a value without a context.
  .catch((context) => whyNot(context?.error?.issues[0]));

function whyNot(issue: { path: PropertyKey[]; message: string } | undefined): UnusableItem {
  const [field] = issue?.path ?? [];
  if (field !== undefined) return { field: String(field), problem: issue?.message ?? "is not usable" };
  // All of its fields may be absent.
  const isNoObject = issue?.message !== EMPTY;
  return { field: null, problem: isNoObject ? "is not an object" : EMPTY };
}

/** A large number would lose digits, and two reports would become one. */
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
