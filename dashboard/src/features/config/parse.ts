import { findUnkept } from "../../../../common/exact-json.ts";
import { CONFIG_PARTS, FORBIDDEN_KEYS } from "../../../../worker/contract/values/config.ts";
import { type ConfigDocument, isObject, type Json } from "./document.ts";
import { scanJson } from "./scan-json.ts";

export interface TextProblem {
  message: string;
  /** 1-based. */
  line: number;
  /** 0-based, for the cursor. */
  offset: number;
}

export type Parsed = { ok: true; config: ConfigDocument } | { ok: false; problem: TextProblem };

/** Parses the text of the JSON tab, or returns its first problem with its position. */
export function parseConfig(text: string): Parsed {
  const { problem, keys } = scanJson(text);
  const refuse = (message: string, offset: number): Parsed => ({
    ok: false,
    problem: { message, offset, line: text.slice(0, offset).split("\n").length },
  });
  if (problem) return refuse(problem.message, problem.offset);
  const [unkept] = findUnkept(text);
  if (unkept) {
    const key = unkept.path.filter((part) => typeof part === "string").at(-1);
    const message =
      unkept.kind === "number"
        ? `The number ${key === undefined ? "here" : `of ${key}`} cannot be stored exactly. Write it as text in double quotes`
        : `Duplicate key ${key}`;
    return refuse(message, unkept.offset);
  }
  const value = JSON.parse(text) as Json;
  if (!isObject(value)) return refuse("Expected an object with features, settings and policies", 0);
  for (const [id, offset] of keys) {
    const path = JSON.parse(id) as string[];
    const key = path.at(-1) ?? "";
    if (FORBIDDEN_KEYS.includes(key)) return refuse(`The key ${key} is reserved`, offset);
    if (path.length !== 1) continue;
    if (!CONFIG_PARTS.some((part) => part === key)) {
      return refuse(`Unknown key ${key}. A configuration has features, settings and policies`, offset);
    }
    if (!isObject(value[key])) return refuse(`${key} must be an object`, offset);
  }
  const part = (name: string) => (isObject(value[name]) ? value[name] : {});
  return { ok: true, config: { features: part("features"), settings: part("settings"), policies: part("policies") } };
}

/** The line of the text for a path in an API error, such as `/body/features/cache`. */
export function lineOfPath(text: string, path: string): number | null {
  const inner = path
    .split("/")
    .slice(2)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const { keys } = scanJson(text);
  for (let length = inner.length; length > 0; length -= 1) {
    const offset = keys.get(JSON.stringify(inner.slice(0, length)));
    if (offset !== undefined) return text.slice(0, offset).split("\n").length;
  }
  return null;
}
