import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "../contract/json.ts";

/** The difference that an audit row shows: only the keys that changed. */
export interface Change {
  before: JsonObject;
  after: JsonObject;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The keys that differ, with the values before and after; null when none does. Nested objects, such as metadata, are
 * compared by their own keys.
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

/** Joins two successive changes; null when the second one reverts the first. */
export function joinChanges(first: Change, second: Change, depth = 1): Change | null {
  const joined: Change = { before: {}, after: {} };
  const sides = [first.before, first.after, second.before, second.after];
  for (const key of new Set(sides.flatMap((side) => Object.keys(side)))) {
    const inFirst = key in first.before || key in first.after;
    const inSecond = key in second.before || key in second.after;
    const values = sides.map((side) => side[key]);
    if (depth > 0 && inFirst && inSecond && values.every(isObject)) {
      const [a, b, c, d] = values as [JsonObject, JsonObject, JsonObject, JsonObject];
      const inner = joinChanges({ before: a, after: b }, { before: c, after: d }, depth - 1);
      if (!inner) continue;
      joined.before[key] = inner.before;
      joined.after[key] = inner.after;
      continue;
    }
    const old = (inFirst ? first : second).before[key];
    const next = (inSecond ? second : first).after[key];
    if (isDeepStrictEqual(old, next)) continue;
    if (old !== undefined) joined.before[key] = old;
    if (next !== undefined) joined.after[key] = next;
  }
  return Object.keys(joined.before).length + Object.keys(joined.after).length > 0 ? joined : null;
}
