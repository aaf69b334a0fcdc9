import { findUnkept } from "../../common/exact-json.ts";
import { isObject } from "./cleaning.ts";
import { parseTolerantly, Unreadable } from "./tolerant-json.ts";

const INEXACT = "a number that cannot be kept exactly";
const REPEATED = "given twice in one object";

/**
 * The parsed text, or undefined when it is no JSON. A value that `JSON.parse` would silently change is {@link
 * Unreadable} in its place, so that only its field is lost.
 */
export function readJson(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const { kind, path, offset } of findUnkept(text, text.length)) {
    if (kind === "repeated-key") replaceAt(json, path, new Unreadable(REPEATED));
    // Digits that a double cannot hold are lost at the source of a measurement.
    else if (isWhole(text, offset)) replaceAt(json, path, new Unreadable(INEXACT));
  }
  return json;
}

/** The tolerant parse, for input that counts although it is no JSON. Undefined: not even then an object. */
export function readTolerantly(text: string): { value: Record<string, unknown>; isComplete: boolean } | undefined {
  const { value, isComplete } = parseTolerantly(text);
  return isObject(value) ? { value, isComplete } : undefined;
}

function isWhole(text: string, offset: number): boolean {
  const [token = ""] = /^-?\d[\d.eE+-]*/.exec(text.slice(offset, offset + 400)) ?? [];
  return /^-?\d+$/.test(token) || !Number.isFinite(Number(token));
}

function replaceAt(root: unknown, path: readonly (string | number)[], value: unknown): void {
  let at = root;
  for (const [index, key] of path.entries()) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return;
    if (index < path.length - 1) at = (at as Record<string | number, unknown>)[key];
    else Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true });
  }
}
