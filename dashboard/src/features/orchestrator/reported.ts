import { displayName } from "../../../../common/text.ts";
import type { Organization } from "../../lib/api.ts";
import { LOCALE } from "../../lib/locale.ts";

export interface Figure {
  name: string;
  value: string;
}

/** The maximum number of figures; the JSON below has all of them. */
const MOST = 24;
const NUMBER = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 3 });

/** `{queue: {depth: 3}, load: 0.25}` → queue.depth 3, load 0.25, in the reported order. */
export function listFigures(reported: Readonly<Record<string, unknown>>): Figure[] {
  return flatten("", reported).slice(0, MOST);
}

function flatten(prefix: string, object: Readonly<Record<string, unknown>>): Figure[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (isRecord(value)) return flatten(name, value);
    return [{ name, value: show(value) }];
  });
}

function show(value: unknown): string {
  if (typeof value === "number") return NUMBER.format(value);
  return displayName(typeof value === "string" ? value : JSON.stringify(value));
}

/** A reported text, or null. */
export function textOf(reported: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = reported[key];
  return typeof value === "string" && value !== "" ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Named = Pick<Organization, "name" | "location" | "reported_name" | "reported_location">;

/** The name and location that the orchestrator reports, where they differ from the configured ones; null: they do not. */
export function reportedOtherwise({ name, location, reported_name, reported_location }: Named): string | null {
  const others = [reported_name !== name && reported_name, reported_location !== location && reported_location];
  return others.filter(Boolean).join(", ") || null;
}
