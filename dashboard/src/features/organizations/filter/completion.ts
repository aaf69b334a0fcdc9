import { fold } from "../../../../../common/text.ts";
import { closest, FILTER_KEYS, FILTER_VALUES, type FilterKey, hintOf, printTerm } from "../../../lib/filter.ts";
import { formatCount } from "../../../lib/numbers.ts";

/** The number of matches for each value of a key. */
export type FacetCounts = Partial<Record<FilterKey, readonly { value: string; count: number }[]>>;

export interface Suggestion {
  label: string;
  /** Its meaning, or the number of matches. */
  detail: string;
  /** The whole text with the suggestion applied, and the new caret position. */
  text: string;
  caret: number;
}

const SEEN: readonly (readonly [value: string, meaning: string])[] = [
  [">5m", "not in the last 5 minutes"],
  [">1h", "not in the last hour"],
  [">1d", "not in the last day"],
  ["<5m", "in the last 5 minutes"],
  ["<1h", "in the last hour"],
  ["never", "never seen"],
];

/** Suggestions for the word at the caret: keys, or values of its key. */
export function suggest(input: string, caret: number, counts: FacetCounts): Suggestion[] {
  const start = startOfWord(input, caret);
  const end = caret + (/^[^\s,"]*/.exec(input.slice(caret))?.[0].length ?? 0);
  const word = input.slice(start, caret);
  const replace = (from: number, label: string, detail: string, insert: string): Suggestion => {
    const head = `${input.slice(0, from)}${insert}`;
    return { label, detail, text: `${head}${input.slice(end).trimStart()}`, caret: head.length };
  };
  const colon = word.indexOf(":");
  if (colon === -1) {
    return FILTER_KEYS.filter((key) => key.startsWith(word.toLowerCase())).map((key) =>
      replace(start, `${key}:`, hintOf(key), `${key}:`),
    );
  }
  const key = FILTER_KEYS.find((known) => known === word.slice(0, colon).toLowerCase());
  if (!key) return [];
  const values = word.slice(colon + 1).split(",");
  const typed = (values.at(-1) ?? "").replace(/^"/, "");
  const chosen = values.slice(0, -1);
  const from = caret - (values.at(-1)?.length ?? 0);
  const options = optionsOf(key, counts);
  if (options.some(({ value }) => value === typed)) return [];
  return options
    .filter(({ value }) => !chosen.includes(value) && isMeant(typed, value))
    .map(({ value, detail }) => {
      const quoted = printTerm({ key, values: [value] }).slice(key.length + 1);
      return replace(from, value, detail, `${quoted} `);
    });
}

function optionsOf(key: FilterKey, counts: FacetCounts): { value: string; detail: string }[] {
  if (key === "seen") return SEEN.map(([value, detail]) => ({ value, detail }));
  const counted = counts[key];
  const detailOf = (value: string) => {
    const found = counted?.find((entry) => entry.value === value)?.count;
    return counted ? formatCount(found ?? 0) : "";
  };
  const values =
    key === "location" || key === "version" ? (counted ?? []).map(({ value }) => value) : FILTER_VALUES[key];
  return values.map((value) => ({ value, detail: detailOf(value) }));
}

function isMeant(typed: string, value: string): boolean {
  const text = fold(typed);
  return fold(value).includes(text) || closest(text, [value]) !== null;
}

/** The position after the last unquoted blank before the caret. */
function startOfWord(input: string, caret: number): number {
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < caret; index += 1) {
    const character = input[index] ?? "";
    if (character === '"' && input[index - 1] !== "\\") isQuoted = !isQuoted;
    if (!isQuoted && /\s/.test(character)) start = index + 1;
  }
  return start;
}
