import type { Millis } from "../contract/presence.ts";
import type { AccessEvent } from "../contract/session.ts";
import { networkOfAddress } from "../platform/network.ts";

/**
 * How exactly a line tells refusals apart.
 * - pair: one address at one account or orchestrator that exists; target: further addresses there.
 * - name: one address and a name that it made up; address: everything else of one address.
 * - actorAt: somebody who is logged in, their address and what they named; actor: everything else of their account;
 *   organization: everything else of the accounts of one organization.
 * - rest: everything for which there is no room.
 */
export type Detail = "pair" | "target" | "name" | "address" | "actorAt" | "actor" | "organization" | "rest";

/**
 * The most lines of a day, in all and of one owner (the target of a pair, the address of a name, the account of an actor),
 * and of the accounts of one organization, so that none of them takes all the room. Only names that exist have many,
 * because nobody can make those up.
 */
export const LIMITS: Limits = {
  pair: { all: 500, ofOne: 40 },
  target: { all: 1_000, ofOne: 1_000 },
  name: { all: 100, ofOne: 5 },
  address: { all: 500, ofOne: 500 },
  actorAt: { all: 500, ofOne: 10, ofOrganization: 50 },
  actor: { all: 500, ofOne: 50, ofOrganization: 50 },
  organization: { all: 1_000, ofOne: 1_000 },
};
export type Limits = Record<Exclude<Detail, "rest">, { all: number; ofOne: number; ofOrganization?: number }>;
/** At most so many rows of a day come from one line: see {@link waitMs}. */
export const MAX_ROWS_PER_LINE = 11;
const FIRST_WAIT_MS = 60_000;
const WAIT_GROWTH = 4;
const LONGEST_WAIT_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;
/** Addresses that one row can name. */
const MAX_ADDRESSES = 50;
const FOLDED: Record<Detail, string | null> = {
  pair: null,
  target: "further addresses",
  name: null,
  address: "further names",
  actorAt: null,
  actor: "further addresses, names and API tokens",
  organization: "further accounts, addresses and names",
  rest: "further addresses and names",
};

/** Refusals that count as equal for a day (UTC), and what the audit has yet to hear of them. */
export interface Line {
  key: string;
  detail: Detail;
  /** Whose lines are limited together with it. */
  owner: string;
  /** Of the account; absent of who is not logged in, and in lines of older code. */
  organization?: string;
  day: number;
  /** What its next row shows. */
  event: AccessEvent;
  /** Refusals that no row has told. */
  count: number;
  /** Their addresses, when there can be several; at most {@link MAX_ADDRESSES}. */
  addresses: string[];
  rows: number;
  /** When its last row was written, or when it began. */
  rowAt: Millis;
}

export interface Refusal {
  event: AccessEvent;
  count: number;
  /** The account or orchestrator that was tried exists. */
  isReal: boolean;
}

/** A row of the audit: so many refusals like this one. */
export interface Row {
  event: AccessEvent;
  count: number;
  /** Null: all of them came from the address of the event. */
  addresses: string[] | null;
  /** What it counts together, in words; null: nothing but what it names. */
  folded: string | null;
}

type Lines = ReadonlyMap<string, Line>;

/**
 * Counts a refusal in its line, and tells it at once when that may have a row. `isFull`: the audit takes none at the moment.
 * Lines of earlier days must have been ended.
 */
export function countRefusal(
  lines: Lines,
  refusal: Refusal,
  now: Millis,
  { isFull = false, limits = LIMITS } = {},
): { line: Line; row: Row | null } {
  const { event, count } = refusal;
  const line = lineFor(lines, refusal, now, limits);
  const counted: Line = {
    ...line,
    event: line.count === 0 ? shownOf(line.detail, event) : line.event,
    count: line.count + count,
    addresses: withAddress(line, event.context.ip),
  };
  if (isFull || now < counted.rowAt + waitMs(counted.rows)) return { line: counted, row: null };
  return { line: told(counted, now), row: rowOf(counted) };
}

/** Null: it has nothing to tell before the next refusal, or the next day. */
export function dueAt({ count, rows, rowAt, day }: Line): Millis | null {
  return count === 0 ? null : Math.min(rowAt + waitMs(rows), (day + 1) * DAY_MS);
}

/** What has become due is told; lines of earlier days are over, and make room. */
export function endLines(lines: Lines, now: Millis): { changed: Line[]; over: string[]; rows: Row[] } {
  const due = [...lines.values()].filter((line) => (dueAt(line) ?? Number.POSITIVE_INFINITY) <= now);
  const isOver = ({ day }: Line) => day < dayOf(now);
  return {
    rows: due.map(rowOf),
    changed: due.filter((line) => !isOver(line)).map((line) => told(line, now)),
    over: [...lines.values()].filter(isOver).map(({ key }) => key),
  };
}

/**
 * How long a line waits after its last row: a minute at first, and four times as long after each, up to four hours. So what
 * is new is told at once, and what goes on all day costs eleven rows.
 */
function waitMs(rows: number): Millis {
  return rows === 0 ? 0 : Math.min(FIRST_WAIT_MS * WAIT_GROWTH ** (rows - 1), LONGEST_WAIT_MS);
}

function told(line: Line, now: Millis): Line {
  return { ...line, count: 0, addresses: [], rows: line.rows + 1, rowAt: now };
}

function rowOf({ detail, event, count, addresses }: Line): Row {
  const folded = event.target.type === "route" && detail === "address" ? null : FOLDED[detail];
  return { event, count, addresses: hasSeveralAddresses(detail) ? addresses : null, folded };
}

/** The most exact line that there is, or that there is room for. */
function lineFor(lines: Lines, { event, isReal }: Refusal, now: Millis, limits: Limits): Line {
  for (const candidate of candidates(event, isReal)) {
    const { detail, owner, parts = [], ...rest } = candidate;
    const key = JSON.stringify([detail, event.action, event.code, event.target.type, owner, ...parts]);
    const known = lines.get(key);
    if (known) return known;
    if (!hasRoom(lines, candidate, limits)) continue;
    return { ...rest, key, detail, owner, day: dayOf(now), event, count: 0, addresses: [], rows: 0, rowAt: now };
  }
  throw new Error("there is always room for the rest");
}

interface Candidate extends Pick<Line, "detail" | "owner" | "organization"> {
  /** What else tells its refusals from those of the owner's other lines. */
  parts?: string[];
}

function candidates({ target, context, by }: AccessEvent, isReal: boolean): Candidate[] {
  const network = context.ip === null ? "" : networkOfAddress(context.ip);
  const name = target.type === "route" ? "" : target.id;
  const rest: Candidate = { detail: "rest", owner: "" };
  const { actor } = context;
  if (actor !== "anonymous") {
    const owner = by?.account ?? actor;
    const organization = by?.organization ?? "";
    return [
      { detail: "actorAt", owner, organization, parts: [actor, network, name] },
      { detail: "actor", owner, organization },
      { detail: "organization", owner: organization, organization },
      rest,
    ];
  }
  if (isReal) return [{ detail: "pair", owner: name, parts: [network] }, { detail: "target", owner: name }, rest];
  const ofAddress: Candidate = { detail: "address", owner: network };
  return name === "" ? [ofAddress, rest] : [{ detail: "name", owner: network, parts: [name] }, ofAddress, rest];
}

function hasRoom(lines: Lines, { detail, owner, organization }: Candidate, limits: Limits): boolean {
  if (detail === "rest") return true;
  let [all, own, ofOrganization] = [0, 0, 0];
  for (const line of lines.values()) {
    if (line.detail !== detail) continue;
    all += 1;
    if (line.owner === owner) own += 1;
    if (line.organization === organization) ofOrganization += 1;
  }
  const limit = limits[detail];
  return all < limit.all && own < limit.ofOne && ofOrganization < (limit.ofOrganization ?? limit.all);
}

/** Stands for names that have no line of their own. With its space it is nobody's name. */
const SEVERAL_NAMES = "several names";

/** A line of several names or addresses claims none of them. */
function shownOf(detail: Detail, event: AccessEvent): AccessEvent {
  const { target, context, by } = event;
  const hasSeveralNames = hasSeveralAddresses(detail) ? detail !== "target" : detail === "address";
  const actor = shownActor(detail, by) ?? context.actor;
  return {
    ...event,
    target: hasSeveralNames && target.type !== "route" && target.id !== "" ? { ...target, id: SEVERAL_NAMES } : target,
    organizationId: hasSeveralNames ? null : (event.organizationId ?? null),
    context: hasSeveralAddresses(detail) ? { ...context, actor, ip: null, userAgent: null } : context,
  };
}

/** Of a line of several actors. */
function shownActor(detail: Detail, by: AccessEvent["by"]): string | undefined {
  if (detail === "actor") return by?.account;
  if (detail !== "organization") return undefined;
  return by?.organization ? `organization:${by.organization}` : "several accounts";
}

function hasSeveralAddresses(detail: Detail): boolean {
  return detail === "target" || detail === "actor" || detail === "organization" || detail === "rest";
}

function withAddress({ detail, addresses }: Line, ip: string | null): string[] {
  if (ip === null || !hasSeveralAddresses(detail)) return addresses;
  return addresses.includes(ip) || addresses.length >= MAX_ADDRESSES ? addresses : [...addresses, ip];
}

export function dayOf(now: Millis): number {
  return Math.floor(now / DAY_MS);
}
