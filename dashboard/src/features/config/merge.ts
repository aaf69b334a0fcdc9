import { CONFIG_PARTS } from "../../../../worker/contract/values/config.ts";
import { type ConfigDocument, isEqual, isObject, type Json, type JsonObject, valueAt, withKey } from "./document.ts";

/** A path that both sides changed differently. undefined: not set. */
export interface Conflict {
  path: string[];
  base: Json | undefined;
  theirs: Json | undefined;
  yours: Json | undefined;
}

export type Side = "theirs" | "yours";

export interface Merge {
  merged: ConfigDocument;
  conflicts: Conflict[];
}

/** The key of a conflict in the choices. */
export function conflictKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

/**
 * Merges your changes to `base` with a newer published revision. Paths that only one side changed take that side's
 * value; for conflicts your value wins unless `choices` overrides it.
 */
export function mergeConfig(
  base: ConfigDocument,
  theirs: ConfigDocument,
  yours: ConfigDocument,
  choices: Readonly<Record<string, Side>> = {},
): Merge {
  const conflicts: Conflict[] = [];
  const mergeValue = (
    path: string[],
    old: Json | undefined,
    their: Json | undefined,
    your: Json | undefined,
  ): Json | undefined => {
    if (isEqual(your, old)) return their;
    if (isEqual(their, old) || isEqual(their, your)) return your;
    if (isObject(their) && isObject(your)) return mergeObject(path, isObject(old) ? old : {}, their, your);
    conflicts.push({ path, base: old, theirs: their, yours: your });
    return choices[conflictKey(path)] === "theirs" ? their : your;
  };
  const mergeObject = (path: string[], old: JsonObject, their: JsonObject, your: JsonObject): JsonObject => {
    const keys = new Set([...Object.keys(their), ...Object.keys(your)]);
    return [...keys].reduce<JsonObject>(
      (merged, key) =>
        withKey(
          merged,
          key,
          mergeValue([...path, key], valueAt(old, [key]), valueAt(their, [key]), valueAt(your, [key])),
        ),
      {},
    );
  };
  const merged: ConfigDocument = { features: {}, settings: {}, policies: {} };
  for (const part of CONFIG_PARTS) merged[part] = mergeObject([part], base[part], theirs[part], yours[part]);
  return { merged, conflicts };
}
