import { displayName } from "../../../../common/text.ts";
export interface Feature {
  name: string;
  value: string;
  /** null: not a boolean feature. */
  isOn: boolean | null;
}

/** `{cache: {enabled: true}, tier: "gold"}` → cache on, tier gold. Nested values are left out. */
export function listFeatures(features: Readonly<Record<string, unknown>>): Feature[] {
  return Object.entries(features)
    .map(([name, value]) => toFeature(name, value))
    .sort((left, right) => left.name.localeCompare(right.name));
}

function toFeature(name: string, value: unknown): Feature {
  const inner = isRecord(value) && "enabled" in value ? value.enabled : value;
  if (typeof inner === "boolean") return { name, value: inner ? "on" : "off", isOn: inner };
  const text =
    Array.isArray(inner) && inner.every(isScalar) ? inner.join(", ") : isScalar(inner) ? String(inner) : "set";
  return { name, value: displayName(text.slice(0, 60)), isOn: null };
}

/** An object may have a `toString` that is not a function, and cannot be converted to text. */
function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
