import { z } from "zod";
import { isBlank } from "../../common/text.ts";
import { Unreadable } from "./tolerant-json.ts";
import { FORBIDDEN_KEYS } from "./values/config.ts";
import {
  MAX_FREE_STRING_BYTES,
  MAX_JSON_DEPTH,
  MAX_JSON_KEYS,
  MAX_JSON_KEYS_PER_OBJECT,
  MAX_NAME_CHARS,
  MAX_TEXT_BYTES,
} from "./values/limits.ts";

export interface JsonProblem {
  path: string;
  message: string;
}

const encoder = new TextEncoder();

/**
 * The first violation of the limits of free JSON, or null. It must run before any schema: validators recurse, and
 * `JSON.parse` accepts millions of nested arrays.
 */
export function findJsonProblem(root: unknown, maxStringBytes = MAX_TEXT_BYTES): JsonProblem | null {
  let keys = 0;
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: root, path: "", depth: 0 }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { value, path, depth } = item;
    if (typeof value === "string") {
      const message = stringProblem(value, maxStringBytes);
      if (message) return { path, message };
    }
    if (value instanceof Unreadable) return { path, message: `is ${value.reason}` };
    if (typeof value !== "object" || value === null) continue;
    if (depth >= MAX_JSON_DEPTH) return { path, message: `must not be nested deeper than ${MAX_JSON_DEPTH} levels` };
    if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) {
        stack.push({ value: entry, path: `${path}/${index}`, depth: depth + 1 });
      }
      continue;
    }
    const entries = Object.entries(value);
    keys += entries.length;
    if (entries.length > MAX_JSON_KEYS_PER_OBJECT) {
      return { path, message: `must not have more than ${MAX_JSON_KEYS_PER_OBJECT} keys` };
    }
    if (keys > MAX_JSON_KEYS) return { path: "", message: `must not have more than ${MAX_JSON_KEYS} keys in all` };
    for (const [key, entry] of entries) {
      if (FORBIDDEN_KEYS.includes(key)) return { path, message: `must not have a key named ${key}` };
      const message = stringProblem(key, 255);
      if (message) return { path, message: `has a key that ${message}` };
      stack.push({ value: entry, path: `${path}/${key}`, depth: depth + 1 });
    }
  }
  return null;
}

function stringProblem(text: string, maxBytes: number): string | null {
  if (text.length > maxBytes || (text.length * 3 > maxBytes && encoder.encode(text).byteLength > maxBytes)) {
    return `must not be longer than ${maxBytes} bytes`;
  }
  if (text.includes("\u0000")) return "must not contain U+0000";
  // Postgres text and jsonb refuse both.
  if (!text.isWellFormed()) return "must not contain a lone surrogate";
  return null;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** The same text for the same JSON value, in whatever order its keys were written. */
export function canonicalJson(root: unknown): string {
  return JSON.stringify(root, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** A free JSON object (metadata, features, settings): any keys, strings of at most 8 KiB. */
export const jsonObject = z
  // The input was parsed from JSON, so its values are JSON values.
  .record(z.string(), z.unknown() as z.ZodType<JsonValue>)
  .superRefine((value, context) => {
    const problem = findJsonProblem(value, MAX_FREE_STRING_BYTES);
    if (problem) {
      context.addIssue({ code: "custom", message: problem.message, path: problem.path.split("/").filter(Boolean) });
    }
  })
  .meta({ description: "Free JSON object" });

/** Older clients send null or an empty text for unknown values: both mean absent. */
export function textOrAbsent(schema: z.ZodType<string>): z.ZodType<string | undefined> {
  return z.preprocess(
    (value) => (value === null || (typeof value === "string" && isBlank(value)) ? undefined : value),
    schema.optional(),
  ) as z.ZodType<string | undefined>;
}

/** A short text such as an id, unchanged. Control characters would break log lines. */
export const shortText = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_CHARS)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point.
  .regex(/^[^\u0000-\u001f\u007f]*$/, "must not contain control characters");

/** A name, location or label, in one normal form (people type both) and with a visible character. */
export const nameText = z
  .string()
  .normalize("NFC")
  .pipe(shortText)
  .refine((text) => !isBlank(text), "must have a character that can be seen");
