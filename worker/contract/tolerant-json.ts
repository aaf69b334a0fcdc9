import { isKeptExactly } from "../../common/exact-json.ts";

/** Stands for an unreadable value; the cleaner drops it with this reason. */
export class Unreadable {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Deeper than any limit on JSON, and far from the end of the stack. */
const MAX_DEPTH = 32;
const TOO_DEEP = new Unreadable("nested too deeply");
const NAMELESS = new Unreadable("its key is not text");
const CUT_OFF = new Unreadable("cut off");
const WORDS = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["none", null],
  ["undefined", null],
]);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?|1\.#\w+)\b/i;
const SPACE = /\s*/y;
const WORD = /[^\s,:{}[\]"']*/y;
const PLAIN: Record<string, RegExp> = { '"': /[^"\\]*/y, "'": /[^'\\]*/y };
const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const DIGITS: Record<string, RegExp> = { u: /[0-9a-f]{4}|/iy, x: /[0-9a-f]{2}|/iy };
const CLOSING: Record<string, string> = { "{": "}", "[": "]", "(": ")" };

/**
 * Reads text that is almost JSON: `NaN`, the repr of a Python dict, trailing commas, comments, raw control
 * characters, a missing value. Unreadable values become {@link Unreadable}; text after the first value is ignored.
 * Linear in the length of the text, and never throws.
 */
export function parseTolerantly(text: string): { value: unknown; isComplete: boolean } {
  const reader = new Reader(text);
  const value = reader.value(0);
  return { value, isComplete: !reader.isCutOff };
}

/** A key as text, or null. Never `String(key)`, because an object may have a `toString` of its own. */
function nameOf(key: unknown): string | null {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "number" || typeof key === "boolean") return String(key);
  return null;
}

class Reader {
  readonly #text: string;
  #at = 0;
  /** The text ended in the middle of a value. */
  isCutOff = false;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    this.#skipSpace();
    const char = this.#text[this.#at];
    if (char === undefined) return this.#cutOff();
    if (char === '"' || char === "'") return this.#string(char);
    if (char !== "{" && char !== "[") return this.#word();
    if (depth >= MAX_DEPTH) {
      this.#skipTo("");
      return TOO_DEEP;
    }
    this.#at += 1;
    return char === "{" ? this.#object(depth) : this.#array(depth);
  }

  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (this.#goesOn("}")) {
      const key = this.value(depth + 1);
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") {
        // No key: the rest of a value that could not be read.
        this.#skipTo("}");
        continue;
      }
      this.#at += 1;
      const value = this.value(depth + 1);
      const name = nameOf(key);
      entries.push(name === null ? ["?", NAMELESS] : [name, value]);
      this.#skipTo("}");
    }
    return Object.fromEntries(entries);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    while (this.#goesOn("]")) {
      items.push(this.value(depth + 1));
      this.#skipTo("]");
    }
    return items;
  }

  /** Skips commas; false at the end of the object or list, which is skipped as well. */
  #goesOn(end: string): boolean {
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#cutOff();
        return false;
      }
      if (char !== "," && char !== "}" && char !== "]") return true;
      if (char !== "," && char !== end) return false;
      this.#at += 1;
      if (char === end) return false;
    }
  }

  #string(quote: string): string | Unreadable {
    let text = "";
    let problem: Unreadable | null = null;
    this.#at += 1;
    for (;;) {
      text += this.#take(PLAIN[quote] ?? SPACE);
      const char = this.#text[this.#at];
      if (char === undefined) return this.#cutOff();
      this.#at += 1;
      if (char === quote) return problem ?? text;
      const letter = this.#text[this.#at] ?? "";
      this.#at += 1;
      const digits = DIGITS[letter];
      if (digits) {
        const code = this.#take(digits);
        if (code === "") problem = new Unreadable("an escape that is none");
        else text += String.fromCharCode(Number.parseInt(code, 16));
      } else text += ESCAPES[letter] ?? letter;
    }
  }

  #word(): unknown {
    const word = this.#take(WORD);
    if (NUMBER.test(word)) {
      const isKept = !/^[+-]?\d{16,}$/.test(word) || isKeptExactly(word.replace("+", ""));
      return isKept ? Number(word) : new Unreadable("a number that cannot be kept exactly");
    }
    const meant = WORDS.get(word.toLowerCase());
    if (meant !== undefined) return meant;
    if (word === "") return new Unreadable("missing");
    this.#skipSpace();
    // A key without quotes.
    if (this.#text[this.#at] === ":" && /^[\w$.-]+$/.test(word)) return word;
    return new Unreadable(NO_NUMBER.test(word) ? "not a finite number" : "not JSON");
  }

  /** The match of the sticky pattern at this position, which is skipped. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += taken.length;
    return taken;
  }

  #cutOff(): Unreadable {
    this.isCutOff = true;
    return CUT_OFF;
  }

  /** Skips to the next comma or `end` of this level. With an empty `end`: over one bracket. */
  #skipTo(end: string): void {
    const open: string[] = [];
    while (this.#at < this.#text.length) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined) return;
      if (open.length === 0 && (char === "," || (end !== "" && (char === "}" || char === "]")))) return;
      if (char === '"' || char === "'") {
        this.#string(char);
        continue;
      }
      this.#at += 1;
      const closing = CLOSING[char];
      if (closing) open.push(closing);
      else if (char === open.at(-1)) {
        open.pop();
        if (open.length === 0 && end === "") return;
      }
    }
  }

  /** White space, byte order marks and comments. */
  #skipSpace(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return;
      const ends = char === "/" ? COMMENTS[this.#text[this.#at + 1] ?? ""] : undefined;
      if (ends) {
        const end = this.#text.indexOf(ends, this.#at + 2);
        this.#at = end === -1 ? this.#text.length : end + ends.length;
      } else if (this.#take(SPACE) === "") return;
    }
  }
}

const COMMENTS: Record<string, string> = { "/": "\n", "*": "*/" };
