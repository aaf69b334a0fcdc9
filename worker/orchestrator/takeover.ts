import { createHash } from "node:crypto";
import {
  CONTENDER_FORGOTTEN_MS,
  DUEL_AFTER_MS,
  DUEL_FORGOTTEN_MS,
  MAX_CONTENDERS,
  TAKEOVER_ANSWER_MS,
  TAKEOVER_LIVE_MS,
  TAKEOVER_SPACING_MS,
  TWIN_LIMIT,
  TWIN_WINDOW_MS,
} from "../contract/limits.ts";
import type { Millis } from "../contract/presence.ts";

/** A machine that lost the session to another one, or was refused beside it. */
export interface Contender {
  machine: string;
  firstSeenAt: Millis;
  /** Since when it has been known beside the machine that holds the session. */
  besideSince: Millis;
  lastTriedAt: Millis;
  /** The socket that it lost. */
  socketId: string | null;
  /** It answered when its socket was closed, so its process runs on. */
  isAlive: boolean;
  refusals: number;
}

/** What is known of machines that want one id at the same time. */
export interface Contest {
  contenders: Contender[];
  /** Signs of a second process that looks like the holder: its lost socket answered, or it was refused since. */
  twins: Millis[];
  /** Two live machines were found, and somebody was told. */
  duel: { since: Millis; lastAt: Millis } | null;
}

export const NO_CONTEST: Contest = { contenders: [], twins: [], duel: null };

/** The session that a handshake would replace. */
export interface Holder {
  machine: string;
  firstSeenAt: Millis;
  socketId: string;
  lastFrameAt: Millis;
}

export type Verdict =
  | { isRefused: false; firstSeenAt: Millis; contest: Contest }
  | { isRefused: true; retryAfterMs: number; contest: Contest; isNews: boolean };

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Whether a machine gets the session of this id. The newest machine does: only one that was known before the holder is
 * refused, and only while the holder shows signs of life. A machine that looks like the holder is one that reconnects,
 * unless the sockets it lost keep answering.
 */
export function judgeTakeover(stored: Contest, holder: Holder | null, machine: string, now: Millis): Verdict {
  const contest = recall(stored, now);
  const known = contest.contenders.find((each) => each.machine === machine);
  if (!holder) {
    const contenders = contest.contenders.filter((each) => each !== known);
    return { isRefused: false, firstSeenAt: known?.firstSeenAt ?? now, contest: { ...contest, contenders } };
  }
  const looksEqual = machine === holder.machine;
  const isHolderLive = now - holder.lastFrameAt < TAKEOVER_LIVE_MS;
  if (isHolderLive && (looksEqual ? contest.twins.length >= TWIN_LIMIT : isElder(known, holder))) {
    return refusal(contest, known, looksEqual, machine, now);
  }
  const loser: Contender = {
    machine: holder.machine,
    firstSeenAt: holder.firstSeenAt,
    besideSince: now,
    lastTriedAt: now,
    socketId: holder.socketId,
    isAlive: false,
    refusals: 0,
  };
  const firstSeenAt = looksEqual ? holder.firstSeenAt : (known?.firstSeenAt ?? now);
  return { isRefused: false, firstSeenAt, contest: replace(contest, machine, loser) };
}

/** The socket that lost its session has answered the close: whoever had it still runs. */
export function noteAnswer(
  stored: Contest,
  socketId: string,
  holderMachine: string | null,
  now: Millis,
): { contest: Contest; isNews: boolean } | null {
  const contest = recall(stored, now);
  const loser = contest.contenders.find((each) => each.socketId === socketId);
  if (!loser || now - loser.besideSince > TAKEOVER_ANSWER_MS) return null;
  if (loser.machine !== holderMachine) {
    return { contest: replace(contest, loser.machine, { ...loser, isAlive: true, socketId: null }), isNews: false };
  }
  const twins = withTwin(contest.twins, now);
  return twins.length < TWIN_LIMIT
    ? { contest: { ...contest, twins }, isNews: false }
    : found({ ...contest, twins }, now);
}

/** Two live machines were seen lately. */
export function isContested({ duel }: Contest, now: Millis): boolean {
  return duel !== null && now - duel.lastAt < DUEL_FORGOTTEN_MS;
}

/**
 * Known before the holder and running beside it. After a change of network the same machine may come back with an
 * address that it had before: with an equal host name only an answer proves that there are two.
 */
function isElder(known: Contender | undefined, holder: Holder): boolean {
  if (!known || known.firstSeenAt >= holder.firstSeenAt) return false;
  return known.isAlive || hostOf(known.machine) !== hostOf(holder.machine);
}

function refusal(
  contest: Contest,
  known: Contender | undefined,
  looksEqual: boolean,
  machine: string,
  now: Millis,
): Verdict {
  const before = known ?? { firstSeenAt: now, besideSince: now, socketId: null, isAlive: false, refusals: 0 };
  const refused: Contender = { ...before, machine, lastTriedAt: now, refusals: before.refusals + 1 };
  const next = replace(
    { ...contest, twins: looksEqual ? withTwin(contest.twins, now) : contest.twins },
    machine,
    refused,
  );
  const isFound = looksEqual || now - refused.besideSince >= DUEL_AFTER_MS;
  const retryAfterMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(refused.refusals - 1, 10));
  return { isRefused: true, retryAfterMs, ...(isFound ? found(next, now) : { contest: next, isNews: false }) };
}

function found(contest: Contest, now: Millis): { contest: Contest; isNews: boolean } {
  return { contest: { ...contest, duel: { since: contest.duel?.since ?? now, lastAt: now } }, isNews: !contest.duel };
}

/** What still counts. */
function recall({ contenders, twins, duel }: Contest, now: Millis): Contest {
  return {
    contenders: contenders.filter(({ lastTriedAt }) => now - lastTriedAt < CONTENDER_FORGOTTEN_MS),
    twins: twins.filter((at) => now - at < TWIN_WINDOW_MS),
    duel: isContested({ contenders, twins, duel }, now) ? duel : null,
  };
}

/** Who comes back has only one entry; of too many, those that tried last stay. */
function replace(contest: Contest, machine: string, entry: Contender): Contest {
  const others = contest.contenders.filter((each) => each.machine !== machine && each.machine !== entry.machine);
  return { ...contest, contenders: [...others, entry].slice(-MAX_CONTENDERS) };
}

/** A process that opens several sockets at once is one sign, not several. */
function withTwin(twins: Millis[], now: Millis): Millis[] {
  const last = twins.at(-1);
  return last !== undefined && now - last < TAKEOVER_SPACING_MS ? twins : [...twins, now].slice(-TWIN_LIMIT);
}

/** What tells machines apart without keeping what they are called: credential and host name, then the address it names. */
export function machineOf(keyId: string | undefined, hostname: string | undefined, ip: string | undefined): string {
  return `${digest([keyId ?? null, hostname ?? null])}.${digest([ip ?? null])}`;
}

function hostOf(machine: string): string {
  return machine.slice(0, machine.indexOf("."));
}

function digest(identity: (string | null)[]): string {
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 16);
}
