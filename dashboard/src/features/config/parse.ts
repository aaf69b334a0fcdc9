import { findUnkept } from "../../../../common/exact-json.ts";
import { type ConfigDocument, isObject, type Json, PARTS } from "./document.ts";
import { scanJson } from "./scan-json.ts";

export interface TextProblem {
  message: string;
  /** From 1. */
  line: number;
  /** From 0, for the cursor. */
  offset: number;
}

export type Parsed = { ok: true; config: ConfigDocument } | { ok: false; problem: TextProblem };

const RESERVED = ["__proto__", "constructor", "prototype"];

/** The text of the JSON tab as a configuration, or its first problem and where it is. */
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
        ? `The number ${key === undefined ? "here" : `of ${key}`} cannot be kept exactly: write it in double quotes, as text`
        : `The key ${key} is given twice`;
    return refuse(message, unkept.offset);
  }
  const value = JSON.parse(text) as Json;
  if (!isObject(value)) return refuse("Expected an object with features, settings and policies", 0);
  for (const [id, offset] of keys) {
    const path = JSON.parse(id) as string[];
    const key = path.at(-1) ?? "";
    if (RESERVED.includes(key)) return refuse(`The key ${key} is reserved`, offset);
    if (path.length !== 1) continue;
    if (!PARTS.some((part) => part === key)) {
      return refuse(`${key} is no part of a configuration: it has features, settings and policies`, offset);
    }
    if (!isObject(value[key])) return refuse(`${key} must be an object`, offset);
  }
  const part = (name: string) => (isObject(value[name]) ? value[name] : {});
  return { ok: true, config: { features: part("features"), settings: part("settings"), policies: part("policies") } };
}

/** Where the API's complaint about a path of the body, such as `/body/features/cache`, stands in the text. */
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
