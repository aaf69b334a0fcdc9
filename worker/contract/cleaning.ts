import { isBlank, visibleText } from "../../common/text.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { Unreadable } from "./tolerant-json.ts";
import { FORBIDDEN_KEYS } from "./values/config.ts";
import { MAX_FREE_STRING_BYTES, MAX_JSON_DEPTH, MAX_JSON_KEYS, MAX_JSON_KEYS_PER_OBJECT } from "./values/limits.ts";

/** A value that could not be used as received, and why. */
export interface Dropped {
  /** Its path, with dots between the names. */
  path: string;
  reason: string;
}

/** More are not counted: the whole input is broken. */
const MAX_DROPPED = 64;
const MAX_PATH = 96;
const MAX_KEY_BYTES = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f]+/g;

const encoder = new TextEncoder();
const graphemes = new Intl.Segmenter();

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unreadable);
}

/** Cleans one frame or body: keeps the usable values and records what it drops. */
export class Cleaner {
  readonly dropped: Dropped[] = [];
  readonly #path: string[] = [];
  /** The number of keys of free JSON so far. */
  #keysLeft = MAX_JSON_KEYS;

  within<T>(key: string, run: () => T): T {
    this.#path.push(key);
    const result = run();
    this.#path.pop();
    return result;
  }

  /** Records that the value at the current path is not used as received. */
  drop(reason: string): undefined {
    if (this.dropped.length < MAX_DROPPED) this.dropped.push({ path: pathOf(this.#path), reason });
    return undefined;
  }

  /** One line of at most `max` characters. */
  line(value: unknown, max: number): string | undefined {
    if (value instanceof Unreadable) return this.drop(value.reason);
    if (typeof value === "number" && !Number.isFinite(value)) return this.drop("not a finite number");
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      return this.drop("not text");
    }
    const text = this.#wellFormed(String(value));
    const line = text?.replace(CONTROL, " ").normalize("NFC").trim();
    if (line === undefined || isBlank(line)) return undefined;
    if (line.length <= max) return line;
    this.drop(`cut to ${max} characters`);
    return cutAt(line, max).trim();
  }

  /** A free JSON object, without the values that are not allowed in one. */
  object(value: unknown): JsonObject | undefined {
    const json = isObject(value) ? this.#json(value) : this.drop(reasonOf(value) ?? "not an object");
    return json as JsonObject | undefined;
  }

  /** Whether an object may have this many keys, which count towards the limit on all. Records it when not. */
  admitsKeys(count: number): boolean {
    if (count > MAX_JSON_KEYS_PER_OBJECT) this.drop(`more than ${MAX_JSON_KEYS_PER_OBJECT} keys`);
    else if (count > this.#keysLeft) this.drop(`more than ${MAX_JSON_KEYS} keys in all`);
    else {
      this.#keysLeft -= count;
      return true;
    }
    return false;
  }

  #json(value: unknown): JsonValue | undefined {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return this.#freeText(value);
    const reason = reasonOf(value);
    if (reason !== null) return this.drop(reason);
    if (typeof value === "number") return value;
    if (typeof value !== "object") return this.drop("not JSON");
    if (this.#path.length >= MAX_JSON_DEPTH) return this.drop(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    if (Array.isArray(value)) {
      // Null keeps the positions of the others.
      return value.map((entry, index) => this.within(String(index), () => this.#json(entry) ?? null));
    }
    const entries = Object.entries(value);
    if (!this.admitsKeys(entries.length)) return undefined;
    const kept = entries.flatMap(([key, entry]): [string, JsonValue][] => {
      const cleaned = this.within(key, () => (isKey(key) ? this.#json(entry) : this.drop("a forbidden key")));
      return cleaned === undefined ? [] : [[key, cleaned]];
    });
    return Object.fromEntries(kept);
  }

  /** Without its largest fields, so that the others fit. */
  sized<T extends object>(value: T | undefined, maxBytes: number): T | undefined {
    if (value === undefined || maxBytes === Number.POSITIVE_INFINITY) return value;
    const fields = Object.entries(value).map(([key, entry]) => ({ key, bytes: bytesOf(key) + bytesOf(entry) + 2 }));
    let bytes = fields.reduce((sum, field) => sum + field.bytes, 2);
    if (bytes <= maxBytes) return value;
    const tooLarge = new Set<string>();
    for (const field of fields.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes <= maxBytes) break;
      bytes -= field.bytes;
      tooLarge.add(field.key);
      this.within(field.key, () => this.drop(`too large, ${maxBytes} bytes are left for all`));
    }
    return Object.fromEntries(Object.entries(value).filter(([key]) => !tooLarge.has(key))) as T;
  }

  #freeText(value: string): string | undefined {
    const text = this.#wellFormed(value);
    if (text === undefined || text.length * 3 <= MAX_FREE_STRING_BYTES) return text;
    const { read } = encoder.encodeInto(text, new Uint8Array(MAX_FREE_STRING_BYTES));
    if (read === text.length) return text;
    this.drop(`cut to ${MAX_FREE_STRING_BYTES} bytes`);
    return cutAt(text, read);
  }

  #wellFormed(text: string): string | undefined {
    if (text.includes("\u0000")) return this.drop("contains U+0000");
    return text.isWellFormed() ? text : this.drop("contains half of a surrogate pair");
  }
}

/** Cuts to `max` code units, never within a character, unless one alone is longer. */
export function cutAt(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = graphemes.segment(text).containing(max)?.index ?? 0;
  if (start > 0) return text.slice(0, start);
  const isPair = /[\ud800-\udbff]/.test(text[max - 1] ?? "");
  return text.slice(0, isPair ? max - 1 : max);
}

function isKey(key: string): boolean {
  return (
    !FORBIDDEN_KEYS.includes(key) &&
    !key.includes("\u0000") &&
    key.isWellFormed() &&
    encoder.encode(key).byteLength <= MAX_KEY_BYTES
  );
}

/** The reason why JSON cannot represent the number, or null. */
function reasonOf(value: unknown): string | null {
  if (value instanceof Unreadable) return value.reason;
  return typeof value === "number" && !Number.isFinite(value) ? "not a finite number" : null;
}

function bytesOf(value: unknown): number {
  return encoder.encode(JSON.stringify(value) ?? "").byteLength;
}

/** Keys come from outside. Invisible characters in them must neither break nor disguise a log line. */
function pathOf(keys: string[]): string {
  return cutAt(visibleText(keys.join(".").slice(0, MAX_PATH)), MAX_PATH);
}
