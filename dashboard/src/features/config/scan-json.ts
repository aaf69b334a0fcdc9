/** A syntax error in a JSON text; engines report errors in different ways, or without a position. */
export interface JsonProblem {
  message: string;
  /** 0-based. */
  offset: number;
}

export interface JsonScan {
  problem: JsonProblem | null;
  /** The offset of each key, by its path as JSON text, such as `["features","cache"]`. */
  keys: ReadonlyMap<string, number>;
}

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them in a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

class Halt extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Finds the first error of a JSON text, and the offsets of its keys. */
export function scanJson(text: string): JsonScan {
  const keys = new Map<string, number>();
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  };
  const fail = (message: string): never => {
    throw new Halt(at >= text.length ? `${message}, but the text ends` : message, at);
  };

  const readString = (what: string): string => {
    if (text[at] !== '"') fail(`Expected ${what}`);
    const found = take(STRING);
    return found === null
      ? fail("Unterminated string, or a character that must be escaped")
      : (JSON.parse(found) as string);
  };
  const readItems = (close: string, readItem: (index: number) => void) => {
    at += 1;
    take(SPACE);
    for (let index = 0; text[at] !== close; index += 1) {
      if (index > 0) {
        if (text[at] !== ",") fail(`Expected a comma or ${close}`);
        at += 1;
        take(SPACE);
        if (text[at] === close) fail("Unexpected trailing comma");
      }
      readItem(index);
      take(SPACE);
    }
    at += 1;
  };
  const readValue = (path: readonly string[]): void => {
    if (path.length > MAX_DEPTH) fail("Nested too deeply");
    take(SPACE);
    if (text[at] === '"') readString("a string");
    else if (text[at] === "[") readItems("]", (index) => readValue([...path, String(index)]));
    else if (text[at] === "{") readItems("}", () => readMember(path));
    else if (take(WORD) === null && take(NUMBER) === null) fail("Expected a value");
  };
  const readMember = (path: readonly string[]): void => {
    const keyAt = at;
    const inner = [...path, readString("a key in double quotes")];
    keys.set(JSON.stringify(inner), keyAt);
    take(SPACE);
    if (text[at] !== ":") fail("Expected a colon");
    at += 1;
    readValue(inner);
  };

  try {
    readValue([]);
    take(SPACE);
    if (at < text.length) fail("Unexpected text after the end");
    return { problem: null, keys };
  } catch (error) {
    if (!(error instanceof Halt)) throw error;
    return { problem: { message: error.message, offset: error.offset }, keys };
  }
}
