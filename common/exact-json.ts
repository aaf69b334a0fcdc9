/** A place in a JSON text whose meaning would not survive `JSON.parse`. */
export interface UnkeptValue {
  kind: "number" | "repeated-key";
  path: (string | number)[];
  /** Of the number or of the repeated key, from 0. */
  offset: number;
}

interface Container {
  /** The keys read so far; null in an array. */
  keys: Set<string> | null;
  /** Where we are in it: the index, or the last key. */
  at: string | number;
  /** The next text is a key. */
  wantsKey: boolean;
}

/** Strings, numbers and what gives the structure; everything between is of no interest here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g;
/** What lies deeper is refused everywhere. */
const MAX_DEPTH = 64;

/**
 * Finds numbers that a double cannot hold as they are written (2^53+1, 1e400) and keys that one object has twice: of
 * both, `JSON.parse` silently makes something else. The text must be valid JSON. Takes time in proportion to its length.
 * Ends after `most`: nobody reads more of them, and a hostile text could hold a hundred thousand.
 */
export function findUnkept(text: string, most = 20): UnkeptValue[] {
  const found: UnkeptValue[] = [];
  const stack: Container[] = [];
  const report = (kind: UnkeptValue["kind"], offset: number) => {
    if (stack.length <= MAX_DEPTH) found.push({ kind, offset, path: stack.map(({ at }) => at) });
  };
  for (const { 0: token, index: offset } of text.matchAll(TOKEN)) {
    if (found.length === most) break;
    const inner = stack.at(-1);
    if (token === "{") stack.push({ keys: new Set(), at: "", wantsKey: true });
    else if (token === "[") stack.push({ keys: null, at: 0, wantsKey: false });
    else if (token === "}" || token === "]") stack.pop();
    else if (token === ",") {
      if (inner?.keys) inner.wantsKey = true;
      else if (inner) inner.at = Number(inner.at) + 1;
    } else if (!token.startsWith('"')) {
      if (!isKeptExactly(token)) report("number", offset);
    } else if (inner?.keys && inner.wantsKey) {
      const key = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
      inner.at = key;
      inner.wantsKey = false;
      if (inner.keys.has(key)) report("repeated-key", offset);
      inner.keys.add(key);
    }
  }
  return found;
}

/** Whether a double, written out again, is the number that this JSON token names: 1.0 and 1e2 are, 2^53+1 is not. */
export function isKeptExactly(token: string): boolean {
  const kept = Number(token);
  return Number.isFinite(kept) && significand(token) === significand(String(kept));
}

/** The digits without leading and trailing zeros, and the power of ten of the first one; `0` for every zero. */
function significand(token: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = whole + fraction;
  const first = digits.search(/[1-9]/);
  if (first < 0) return "0";
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return `${digits.slice(first, end)}e${Number(exponent) + whole.length - first}`;
}

/** `/settings/a~1b`, as RFC 6901 writes the path. */
export function toJsonPointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
