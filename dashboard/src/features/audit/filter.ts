import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { isId } from "../../lib/id.ts";
import type { Zone } from "../../lib/time.ts";

/** The filter of the audit log, kept in the address. An empty text means any. */
export interface AuditFilter {
  /** A part of the actor, action, target, organization or address. */
  q: string;
  actor: string;
  action: string;
  target: string;
  organization: string;
  range: Range;
  /** In UTC, so that a shared address means the same for everyone; only for the range "custom". */
  from: string;
  to: string;
}

export const RANGES = ["all", "1h", "24h", "7d", "30d", "custom"] as const;
export type Range = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LATEST = Date.parse("9999-01-01");
const LENGTH_MS: Partial<Record<Range, number>> = {
  "1h": HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
};

type Params = Partial<Record<string, string | string[]>>;

/** Reads the filter from the address, which is untrusted. */
export function readFilter(params: Params): AuditFilter {
  const text = (name: string) => {
    const value = params[name];
    return (typeof value === "string" ? value : "").trim().slice(0, MAX_NAME_CHARS);
  };
  return {
    q: text("q"),
    actor: text("actor"),
    action: text("action")
      .replace(/[^a-z_.]/g, "")
      .slice(0, 64),
    target: text("target"),
    organization: text("organization"),
    range: RANGES.find((range) => range === text("range")) ?? "all",
    from: text("from"),
    to: text("to"),
  };
}

/** Writes only what differs from the default into the address. */
export function writeFilter(filter: AuditFilter): Record<keyof AuditFilter, string | undefined> {
  const isCustom = filter.range === "custom";
  return {
    q: filter.q || undefined,
    actor: filter.actor || undefined,
    action: filter.action || undefined,
    target: filter.target || undefined,
    organization: filter.organization || undefined,
    range: filter.range === "all" ? undefined : filter.range,
    from: (isCustom && filter.from) || undefined,
    to: (isCustom && filter.to) || undefined,
  };
}

export function isFiltered(filter: AuditFilter): boolean {
  return Object.values(writeFilter(filter)).some((value) => value !== undefined);
}

export interface AuditQuery {
  q?: string;
  actor?: string;
  action?: string;
  target?: string;
  organization_id?: string;
  from?: string;
  to?: string;
}

/** The query of the API. Times are sent in UTC; relative ranges end at `now`. */
export function toQuery(filter: AuditFilter, now: number): AuditQuery {
  const length = LENGTH_MS[filter.range];
  const isCustom = filter.range === "custom";
  const from = length === undefined ? (isCustom ? momentOf(filter.from) : null) : now - length;
  const to = isCustom ? momentOf(filter.to) : null;
  return {
    ...(filter.q && { q: filter.q }),
    ...(filter.actor && { actor: filter.actor }),
    ...(filter.action && { action: filter.action }),
    ...(filter.target && { target: filter.target }),
    ...(filter.organization && { organization_id: filter.organization }),
    ...(from !== null && { from: new Date(from).toISOString() }),
    ...(to !== null && { to: new Date(to).toISOString() }),
  };
}

/** Why the filter is not valid, or null. */
export function problemOf(filter: AuditFilter): string | null {
  if (filter.organization && !isId(filter.organization)) {
    return "An organization ID can only contain letters, digits, dots, dashes and underscores.";
  }
  if (filter.range !== "custom") return null;
  const [from, to] = [momentOf(filter.from), momentOf(filter.to)];
  if (from !== null && to !== null && from >= to) return "The end must be after the start.";
  return null;
}

/** Converts a time of the address to the value of an `<input type="datetime-local">`, which has no time zone. */
export function toInput(moment: string, zone: Zone): string {
  const at = momentOf(moment);
  if (at === null) return "";
  const shiftMs = zone === "utc" ? 0 : new Date(at).getTimezoneOffset() * MINUTE_MS;
  return new Date(at - shiftMs).toISOString().slice(0, 16);
}

/** Converts the value of the input back for the address. */
export function fromInput(text: string, zone: Zone): string {
  const at = momentOf(zone === "utc" ? `${text}Z` : text);
  return at === null ? "" : new Date(at).toISOString();
}

/** null: none, or out of any plausible range. */
function momentOf(text: string): number | null {
  const at = Date.parse(text);
  return at >= 0 && at < LATEST ? at : null;
}
