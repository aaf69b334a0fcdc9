import type { Millis } from "./presence.ts";

const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/** A number below it counts seconds, as in Unix and Python, above it milliseconds. As seconds it is the year 5138. */
const FIRST_MILLIS = 1e11;
/** Later moments have no usual ISO 8601 text. */
const END_OF_9999 = Date.UTC(10_000, 0);

/**
 * The moment that an orchestrator names, or null when it cannot be read: ISO 8601, without a zone in UTC, or seconds or
 * milliseconds since 1970.
 */
export function readMoment(value: unknown): Millis | null {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (/^\d{9,13}(\.\d+)?$/.test(text)) return fromNumber(Number(text));
  const [found, date, time = "00:00", zone = "Z"] = ISO_8601.exec(text) ?? [];
  if (!found) return null;
  const offset = zone.length === 3 ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const at = Date.parse(`${date}T${time.replace(",", ".")}${offset.toUpperCase()}`);
  return Number.isNaN(at) ? null : at;
}

function fromNumber(value: number): Millis | null {
  const at = Math.round(value < FIRST_MILLIS ? value * 1000 : value);
  return at > 0 && at < END_OF_9999 ? at : null;
}
