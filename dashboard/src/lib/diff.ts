export interface Change {
  /** "cache.ttl_sec"; list entries by number: "routes[2].model". */
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
}

/** The differences between two JSON values, at the deepest possible path. Key order does not matter. */
export function diffJson(before: unknown, after: unknown, path = ""): Change[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => diffMember(before, after, key, path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    const indexes = Array.from({ length }, (_, index) => String(index));
    return indexes.flatMap((index) => diffMember({ ...before }, { ...after }, index, `${path}[${index}]`));
  }
  return Object.is(before, after) ? [] : [{ path, kind: "changed", before, after }];
}

function diffMember(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  key: string,
  path: string,
): Change[] {
  if (!Object.hasOwn(before, key)) return [{ path, kind: "added", before: undefined, after: after[key] }];
  if (!Object.hasOwn(after, key)) return [{ path, kind: "removed", before: before[key], after: undefined }];
  return diffJson(before[key], after[key], path);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
