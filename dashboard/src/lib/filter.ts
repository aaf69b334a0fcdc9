import { MAX_NAME_CHARS } from "../../../worker/contract/values/limits.ts";
import { CONFIG_STATES, HEALTH_STATUSES, STATUSES } from "../../../worker/contract/values/presence.ts";

/**
 * The filter language of the organizations list: words to search in name and ID, and terms such as
 * `status:active,independent health:degraded location:eu-* version:1.2* seen:>5m`. The text is the state: it is kept in
 * the address, and chips, facets and suggestions only edit it.
 */
export const FILTER_KEYS = ["status", "health", "config", "location", "version", "seen"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** The values of the keys with a fixed set. */
export const FILTER_VALUES = { status: STATUSES, health: HEALTH_STATUSES, config: CONFIG_STATES } as const;

/** A parsed filter: at most one term per key, none without a value. */
export interface Filter {
  text: string;
  terms: Term[];
}

export interface Term {
  key: FilterKey;
  values: string[];
}

/** A part of the text that is left out of the query, with a suggestion. */
export interface FilterProblem {
  message: string;
  /** A key that has no value yet. */
  isIncomplete: boolean;
  /** The whole text with this part replaced; null: there is no suggestion. */
  suggestion: { label: string; text: string } | null;
}

interface Token {
  /** null: a search word. */
  key: string | null;
  values: string[];
  start: number;
  end: number;
}

export interface ParsedFilter {
  filter: Filter;
  problems: FilterProblem[];
}

/** Never fails: a part that is not valid becomes a problem and is left out of the query. */
export function parseFilter(written: string): ParsedFilter {
  // Postgres cannot store these characters, so drop them silently.
  const input = written.replaceAll("\u0000", "").toWellFormed();
  const words: string[] = [];
  const found = new Map<FilterKey, string[]>();
  const problems: FilterProblem[] = [];
  for (const token of tokenize(input)) {
    const complain = (message: string, instead: string | null) => {
      const text = instead === null ? null : `${input.slice(0, token.start)}${instead}${input.slice(token.end)}`;
      const suggestion = text && instead ? { label: instead, text } : null;
      problems.push({ message, isIncomplete: token.values.length === 0, suggestion });
    };
    if (token.key === null) {
      words.push(...token.values);
      continue;
    }
    const key = FILTER_KEYS.find((known) => known === token.key);
    if (!key) {
      complain(`Unknown filter “${token.key}”.`, insteadOfKey(token.key, token.values));
      continue;
    }
    const values = readValues(key, token.values, complain);
    if (values.length > 0) found.set(key, combine(key, found.get(key) ?? [], values));
  }
  const terms = [...found].map(([key, values]) => ({ key, values }));
  return { filter: { text: collapse(words.join(" ")), terms }, problems };
}

/** The shortest text that parses to this filter. */
export function printFilter({ text, terms }: Filter): string {
  const words = text === "" ? [] : text.split(" ").map((word) => quoteIf(/[":]/, word));
  return [...words, ...terms.map(printTerm)].join(" ");
}

export function printTerm({ key, values }: Term): string {
  return `${key}:${values.map((value) => quoteIf(/[\s",]/, value)).join(",")}`;
}

export function valuesOf(filter: Filter, key: FilterKey): readonly string[] {
  return filter.terms.find((term) => term.key === key)?.values ?? [];
}

/** Adds the value, or removes it if it is present. */
export function toggleValue(filter: Filter, key: FilterKey, value: string): Filter {
  const before = valuesOf(filter, key);
  const values = before.includes(value) ? before.filter((other) => other !== value) : combine(key, before, [value]);
  return withValues(filter, key, values);
}

export function withValues(filter: Filter, key: FilterKey, values: string[]): Filter {
  const isKnown = filter.terms.some((term) => term.key === key);
  const terms = isKnown
    ? filter.terms.map((term) => (term.key === key ? { key, values } : term))
    : [...filter.terms, { key, values }];
  return { ...filter, terms: terms.filter((term) => term.values.length > 0) };
}

export function isEmptyFilter({ text, terms }: Filter): boolean {
  return text === "" && terms.length === 0;
}

/** The query parameters of the organization routes. `seen` is relative to `now`, in epoch milliseconds. */
export function toQuery(filter: Filter, now: number): FilterQuery {
  const list = (key: FilterKey) => valuesOf(filter, key).join(",") || undefined;
  const seen = valuesOf(filter, "seen");
  const momentOf = (sign: ">" | "<") => {
    const age = seen.find((value) => value.startsWith(sign));
    return age === undefined ? undefined : new Date(now - ageMs(age.slice(1))).toISOString();
  };
  const entries: [keyof FilterQuery, string | undefined][] = [
    ["q", clip(filter.text)],
    ["status", list("status")],
    ["health", list("health")],
    ["config", list("config")],
    ["location", clip(valuesOf(filter, "location")[0])],
    ["version", clip(valuesOf(filter, "version")[0])],
    ["seen", seen.find((value) => value === "never")],
    ["seen_before", momentOf(">")],
    ["seen_after", momentOf("<")],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value));
}

/** The query parameters of the organization routes. */
export interface FilterQuery {
  q?: string;
  status?: string;
  health?: string;
  config?: string;
  location?: string;
  version?: string;
  seen?: "never";
  seen_before?: string;
  seen_after?: string;
}

// --- Reading ---

/** Matches at every non-blank character; otherwise the parser would not terminate. */
const PART = /"((?:[^"\\]|\\.)*)(?:"|\\?$)|[^\s",]+|,/gsy;

/** `key:value,"other value"` or words. Quotes preserve blanks, commas and colons, and may be left open at the end. */
function tokenize(input: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < input.length) {
    const blank = /\s+/y;
    blank.lastIndex = position;
    if (blank.test(input)) {
      position = blank.lastIndex;
      continue;
    }
    const start = position;
    const named = /([A-Za-z][\w-]*):/y;
    named.lastIndex = position;
    const key = named.exec(input)?.[1]?.toLowerCase() ?? null;
    if (key !== null) position = named.lastIndex;
    const values = [""];
    for (let part = partAt(input, position); part; part = partAt(input, position)) {
      position = part.end;
      if (part.text === "," && !part.isQuoted && key !== null) values.push("");
      else values.push(`${values.pop() ?? ""}${part.text}`);
    }
    tokens.push({ key, values: values.map((value) => value.trim()).filter(Boolean), start, end: position });
  }
  return tokens;
}

function partAt(input: string, position: number): { text: string; isQuoted: boolean; end: number } | null {
  PART.lastIndex = position;
  const match = PART.exec(input);
  if (!match) return null;
  const quoted = match[1];
  const text = quoted === undefined ? match[0] : quoted.replaceAll(/\\(.)/gs, "$1");
  return { text, isQuoted: quoted !== undefined, end: PART.lastIndex };
}

type Complain = (message: string, instead: string | null) => void;

function readValues(key: FilterKey, values: string[], complain: Complain): string[] {
  if (values.length === 0) {
    complain(`“${key}:” needs a value: ${hintOf(key)}.`, null);
    return [];
  }
  if (key === "location" || key === "version") {
    if (values.length > 1) complain(`“${key}:” takes one value; use * for any text.`, null);
    return values.slice(-1);
  }
  return values.flatMap((value) => {
    const wanted = value.toLowerCase();
    if (key === "seen" ? isSeen(wanted) : FILTER_VALUES[key].some((known) => known === wanted)) return [wanted];
    const close = key === "seen" ? (isSeen(`<${wanted}`) ? `<${wanted}` : null) : closest(wanted, FILTER_VALUES[key]);
    complain(`“${value}” is not a valid value for “${key}:”. Use ${hintOf(key)}.`, close && `${key}:${close}`);
    return [];
  });
}

export function hintOf(key: FilterKey): string {
  if (key === "seen") return "never, >5m or <1h (s, m, h, d)";
  if (key === "location" || key === "version") return `a ${key}; use * for any text`;
  const values = FILTER_VALUES[key];
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

/** A later bound replaces an earlier one of its kind; `never` excludes both. */
function combine(key: FilterKey, before: readonly string[], added: readonly string[]): string[] {
  if (key === "location" || key === "version") return added.slice(-1);
  if (key !== "seen") return [...new Set([...before, ...added])];
  return added.reduce<string[]>(
    (kept, value) => {
      const rest = kept.filter((other) => other !== "never" && value !== "never" && other[0] !== value[0]);
      return [...rest, value];
    },
    [...before],
  );
}

const AGE = /^[<>]\d{1,5}[smhd]$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function isSeen(value: string): boolean {
  return value === "never" || AGE.test(value);
}

function ageMs(age: string): number {
  return Number(age.slice(0, -1)) * (UNIT_MS[age.slice(-1)] ?? 0);
}

// --- Suggestions ---

const OTHER_NAMES: Readonly<Record<string, FilterKey>> = {
  state: "status",
  region: "location",
  site: "location",
  lastseen: "seen",
  "last-seen": "seen",
  last_seen: "seen",
  configuration: "config",
  release: "version",
};

function insteadOfKey(key: string, values: string[]): string | null {
  const meant = OTHER_NAMES[key] ?? closest(key, FILTER_KEYS);
  const isValue = (list: readonly string[]) => list.includes(values[0]?.toLowerCase() ?? "");
  const byValue = (["status", "health", "config"] as const).find((known) => isValue(FILTER_VALUES[known]));
  const found = meant ?? byValue;
  if (found) return values.length > 0 ? printTerm({ key: found, values }) : `${found}:`;
  // A word that contains a colon, such as host:port.
  return values.length > 0 ? `"${[key, values.join(",")].join(":").replaceAll(/["\\]/g, "\\$&")}"` : null;
}

/** The closest of the words: at most two typing errors away, or with the same start. */
export function closest<T extends string>(text: string, words: readonly T[]): T | null {
  const ranked = words
    .map((word) => ({ word, distance: text.length > 1 && word.startsWith(text) ? 0 : editDistance(text, word) }))
    .sort((left, right) => left.distance - right.distance)[0];
  return ranked && ranked.distance <= Math.min(2, Math.floor(text.length / 2)) ? ranked.word : null;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

function quoteIf(special: RegExp, value: string): string {
  return special.test(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : value;
}

/** Cuts a text to the API's limit, without splitting a character. */
function clip(text: string | undefined): string | undefined {
  return text?.slice(0, MAX_NAME_CHARS).toWellFormed();
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
