import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "./contract/json.ts";

/** What an audit row tells of a change: like with like, and only what differs. */
export interface Change {
  before: JsonObject;
  after: JsonObject;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The keys that differ, with the values before and after; null when none does. Objects among them, such as metadata, are
 * told by their own keys.
 */
export function differenceOf(before: JsonObject, after: JsonObject, depth = 1): Change | null {
  const change: Change = { before: {}, after: {} };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, next] = [before[key], after[key]];
    if (isDeepStrictEqual(old, next)) continue;
    const inner = depth > 0 && isObject(old) && isObject(next) ? differenceOf(old, next, depth - 1) : null;
    if (old !== undefined) change.before[key] = inner?.before ?? old;
    if (next !== undefined) change.after[key] = inner?.after ?? next;
  }
  return Object.keys(change.before).length + Object.keys(change.after).length > 0 ? change : null;
}
