import type { Millis } from "./presence.ts";

const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/**
 * A smaller number counts seconds, as in Unix and Python, a larger one milliseconds: as seconds it is the year 5138.
 */
const FIRST_MILLIS = 1e11;
/**
 * The moments that ISO 8601, JavaScript and PostgreSQL can all write: the years 1 to 9999. PostgreSQL has no year 0,
 * and JavaScript writes later years with a sign and six digits.
 */
const FIRST_MOMENT = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_MOMENT = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether a moment can be written everywhere; NaN cannot. */
export function isInCalendar(at: Millis): boolean {
  return at >= FIRST_MOMENT && at <= LAST_MOMENT;
}

/** The nearest moment that can be written. */
export function intoCalendar(at: Millis): Millis {
  return Math.min(Math.max(at, FIRST_MOMENT), LAST_MOMENT);
}

/**
 * The moment that an orchestrator sends, or null when it cannot be read: ISO 8601 (UTC without a zone), or seconds or
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
  return isInCalendar(at) ? at : null;
}

function fromNumber(value: number): Millis | null {
  const at = Math.round(value < FIRST_MILLIS ? value * 1000 : value);
  return at > 0 && isInCalendar(at) ? at : null;
}
