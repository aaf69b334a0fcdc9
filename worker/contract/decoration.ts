import { z } from "zod";
import { Cleaner, type Dropped, isObject } from "./cleaning.ts";
import { findJsonProblem } from "./json.ts";
import { readMoment } from "./moments.ts";

/**
 * A field that is not registered here is *core*: without it a frame or body is refused. Decoration is cleaned, so
 * that it never refuses the core.
 */
interface Rule {
  /** Returns the usable value, or undefined to drop it. Never called for null or absent values. */
  clean: (value: unknown, cleaner: Cleaner) => unknown;
  /** Describes, for the documentation, what happens to an unusable value. */
  says: string;
  /** Whether the field is core and only read in more than one spelling. */
  isCore?: true;
}

const rules = new WeakMap<z.core.$ZodType, Rule>();

/** Declares an optional field whose value never refuses its frame or body. Null means absent. */
export function decoration<Schema extends z.ZodType>(schema: Schema, rule: Rule): z.ZodOptional<Schema> {
  return ruled(schema, rule).optional();
}

/** A copy, because the same schema may be core elsewhere. Wrappers may be copied again; the rule is found within. */
function ruled<Schema extends z.ZodType>(schema: Schema, rule: Rule): Schema {
  const own = schema.clone();
  rules.set(own, rule);
  return own;
}

/** The rule of a field, or null for core. */
export function ruleOf(schema: z.core.$ZodType): Rule | null {
  for (let at: z.core.$ZodType | null = schema; at; at = innerOf(at)) {
    const rule = rules.get(at);
    if (rule) return rule;
  }
  return null;
}

/** Lists whose items are judged one by one, with the schema of an item. */
const lists = new WeakMap<z.core.$ZodType, z.ZodObject>();

/** Declares a list of `item`s. `judged` decides about an entry that is not valid, and never fails. */
export function itemByItem<Judged extends z.ZodType>(item: z.ZodObject, judged: Judged): z.ZodArray<Judged> {
  const list = z.array(judged).min(1);
  lists.set(list, item);
  return list;
}

/** The schema of the items of a list whose items are judged one by one, or null. */
export function itemOf(schema: z.core.$ZodType): z.ZodObject | null {
  return lists.get(schema) ?? null;
}

/** The object schema of a field without its optional and default wrappers, or null. */
export function objectIn(schema: z.core.$ZodType): z.ZodObject | null {
  for (let at: z.core.$ZodType | null = schema; at; at = innerOf(at)) if (at instanceof z.ZodObject) return at;
  return null;
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return wraps ? schema.def.innerType : null;
}

/**
 * The part of `input` that `schema` can use: decoration cleaned, unknown fields dropped, the core unchanged. Pure,
 * and never throws; the schema then judges the core.
 */
export function clean(schema: z.ZodType, input: unknown): { value: unknown; dropped: Dropped[] } {
  const cleaner = new Cleaner();
  return { value: cleanWith(schema, input, cleaner), dropped: cleaner.dropped };
}

function cleanWith(schema: z.core.$ZodType, value: unknown, cleaner: Cleaner): unknown {
  const rule = ruleOf(schema);
  if (rule) return value === null || value === undefined ? undefined : rule.clean(value, cleaner);
  const item = itemOf(schema);
  if (item && Array.isArray(value)) {
    return value.map((entry, index) => cleaner.within(String(index), () => cleanWith(item, entry, cleaner)));
  }
  const object = objectIn(schema);
  return object && isObject(value) ? cleanFields(object, value, cleaner) : value;
}

function cleanFields(schema: z.ZodObject, value: object, cleaner: Cleaner): object {
  const given = new Map(Object.entries(value));
  const known = Object.entries(schema.shape).flatMap(([key, field]): [string, unknown][] => {
    if (!given.has(key)) return [];
    const cleaned = cleaner.within(key, () => cleanWith(field, given.get(key), cleaner));
    return cleaned === undefined ? [] : [[key, cleaned]];
  });
  if (!schema.def.catchall) return Object.fromEntries(known);
  const others = [...given].filter(([key]) => !Object.hasOwn(schema.shape, key));
  // Leaves room for the known ones, so that the object may be stored as a whole.
  const free = cleaner.admitsKeys(others.length + known.length) ? cleaner.object(Object.fromEntries(others)) : {};
  return { ...free, ...Object.fromEntries(known) };
}

/** Whether the value at this path is decoration, or unknown and dropped. */
export function isDecorative(schema: z.core.$ZodType, path: readonly (string | number)[]): boolean {
  let at: z.core.$ZodType = schema;
  for (const key of path) {
    const object = objectIn(at);
    if (!object) return false;
    const field = Object.hasOwn(object.shape, key) ? object.shape[key] : undefined;
    if (!field) return true;
    const rule = ruleOf(field);
    if (rule) return !rule.isCore;
    at = field;
  }
  return false;
}

/** Whether some of its fields are cleaned, or read in more than one spelling. */
export function hasDecoration(schema: z.core.$ZodType): boolean {
  return ruleOf(schema) !== null || Object.values(objectIn(schema)?.shape ?? {}).some(hasDecoration);
}

/** The core of a cleaned value, which the schema still has to judge. */
export function coreOf(schema: z.core.$ZodType, value: unknown): unknown {
  const rule = ruleOf(schema);
  if (rule) return rule.isCore ? value : undefined;
  // The schema of a list judges its items, so that one alone is refused.
  if (itemOf(schema) && Array.isArray(value)) return undefined;
  const object = objectIn(schema);
  if (!object || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(object.shape).flatMap(([key, field]) => {
      const core = Object.hasOwn(value, key) ? coreOf(field, value[key]) : undefined;
      return core === undefined ? [] : [[key, core]];
    }),
  );
}

// --- Core in more than one spelling ---------------------------------------------------------------------------------

/** An id: a number is read as text, and surrounding spaces are removed. It is never cut or left out. */
export function coreId<Schema extends z.ZodType<string>>(schema: Schema): Schema {
  const says = "A number is read as text, surrounding spaces are removed, and an empty text counts as absent";
  return ruled(schema, { clean: (value) => idText(value) || undefined, says, isCore: true });
}

/** A word in small or capital letters. */
export function coreWord<Schema extends z.ZodType<string>>(schema: Schema): Schema {
  const clean = (value: unknown) => (typeof value === "string" ? value.trim().toLowerCase() : value);
  return ruled(schema, { clean, says: "In any case", isCore: true });
}

// --- Kinds of decoration --------------------------------------------------------------------------------------------

/** One line of text: a number or truth value becomes text, control characters become spaces, the end is cut. */
export function decorativeText(schema: z.ZodType<string>, max: number) {
  return decoration(schema, {
    clean: (value, cleaner) => checked(schema, cleaner.line(value, max), cleaner),
    says: `Numbers and truth values become text; control characters become spaces; cut to ${max} characters; anything else is dropped`,
  });
}

/** One of these words, in any case; any other value becomes `fallback`. */
export function decorativeWord<const Word extends string>(
  schema: z.ZodType<Word>,
  words: readonly Word[],
  fallback: Word,
) {
  return decoration(schema, {
    clean: (value, cleaner) => {
      const word = typeof value === "string" ? value.trim().toLowerCase() : value;
      if (word === "") return undefined;
      const known = words.find((candidate) => candidate === word);
      if (known === undefined) cleaner.drop(`not one of ${words.join(", ")}`);
      return known ?? fallback;
    },
    says: `In any case; any other value becomes \`${fallback}\``,
  });
}

/** A truth value in any usual spelling. */
export function decorativeFlag(schema: z.ZodBoolean = z.boolean()) {
  return decoration(schema, {
    clean: (value, cleaner) => {
      const flag = FLAGS.get(typeof value === "string" ? value.trim().toLowerCase() : value);
      if (flag === undefined && value !== "") cleaner.drop("neither true nor false");
      return flag;
    },
    says: "`1`, `yes`, `on` and their opposites are understood; anything else is dropped",
  });
}

const FLAGS = new Map<unknown, boolean>([
  ...[true, 1, "true", "1", "yes", "on"].map((value) => [value, true] as const),
  ...[false, 0, "false", "0", "no", "off"].map((value) => [value, false] as const),
]);

/** A whole number of seconds; zero and less mean none. */
export function decorativeSeconds(min: number, max: number) {
  return decoration(z.int().min(min).max(max), {
    clean: (value, cleaner) => {
      const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof seconds !== "number" || !Number.isFinite(seconds)) {
        return cleaner.drop("not a number");
      }
      if (seconds <= 0) return undefined;
      const used = Math.round(Math.min(max, Math.max(min, seconds)));
      if (Math.abs(used - seconds) >= 1) cleaner.drop(`${used} is used`);
      return used;
    },
    says: `Brought within ${min} to ${max}; 0 and less mean absent; what is not a number is dropped`,
  });
}

/** A free JSON object of at most so many bytes. */
export function decorativeJson<Schema extends z.ZodType>(schema: Schema, maxBytes: number) {
  return decoration(schema, {
    clean: (value, cleaner) => checked(schema, cleaner.sized(cleaner.object(value), maxBytes), cleaner),
    says: `What JSON or a limit does not allow costs the field in it that has it; over ${maxBytes / 1024} KiB its largest fields are dropped; what is not an object is dropped`,
  });
}

/** An object whose fields have rules of their own. */
export function decorativeObject<Schema extends z.ZodObject>(schema: Schema, maxBytes = Number.POSITIVE_INFINITY) {
  return decoration(schema, {
    clean: (value, cleaner) => {
      if (isObject(value)) return cleaner.sized(cleanFields(schema, value, cleaner), maxBytes);
      return cleaner.drop("not an object");
    },
    says: `Each field by its own rule${Number.isFinite(maxBytes) ? `; over ${maxBytes / 1024} KiB the largest are dropped` : ""}; what is not an object is dropped`,
  });
}

/** A moment in any usual notation. */
export function decorativeMoment() {
  return decoration(z.iso.datetime(), {
    clean: (value, cleaner) => {
      const at = readMoment(value);
      if (at !== null) return new Date(at).toISOString();
      return value === "" ? undefined : cleaner.drop("not a moment");
    },
    says: "ISO 8601, in UTC when it names no zone, or seconds or milliseconds since 1970; anything else is dropped",
  });
}

/** Named values, each of which is used or dropped by itself. */
export function decorativeRecord<Schema extends z.ZodType>(schema: Schema) {
  return decoration(schema, {
    clean: (value, cleaner) => {
      if (!isObject(value)) return cleaner.drop("not an object");
      const entries = Object.entries(value);
      if (!cleaner.admitsKeys(entries.length)) return undefined;
      const kept = entries.filter(([key, entry]) =>
        cleaner.within(key, () => {
          const one = Object.fromEntries([[key, entry]]);
          const problem = findJsonProblem(one);
          return problem ? cleaner.drop(problem.message) : checked(schema, one, cleaner) !== undefined;
        }),
      );
      return Object.fromEntries(kept);
    },
    says: "Each value by itself: dropped when it cannot be used, never cut; anything but an object is dropped",
  });
}

/** Any other value: used if the schema accepts it, else dropped. */
export function optionalOrDropped<Schema extends z.ZodType>(schema: Schema) {
  return decoration(schema, {
    clean: (value, cleaner) => {
      if (value === "") return undefined;
      const problem = findJsonProblem(value);
      return problem ? cleaner.drop(problem.message) : checked(schema, value, cleaner);
    },
    says: "Dropped when it cannot be used, never cut",
  });
}

/** The id that a frame repeats. It is only compared, so a value that cannot be an id is no contradiction. */
export function repeatedId() {
  return decoration(z.string(), {
    clean: (value, cleaner) => {
      const text = idText(value);
      if (typeof text === "string") return text || undefined;
      return cleaner.drop("not an id");
    },
    says: "A number is read as text and surrounding spaces are removed; anything that cannot be an id is dropped",
  });
}

/** A number as the text of an id; anything else unchanged. */
function idText(value: unknown): unknown {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" ? value.trim() : value;
}

function checked(schema: z.ZodType, value: unknown, cleaner: Cleaner): unknown {
  if (value === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return value;
  return cleaner.drop(result.error.issues[0]?.message ?? "not usable");
}
