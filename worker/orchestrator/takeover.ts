import { createHash } from "node:crypto";
import type { Millis } from "../contract/presence.ts";
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
} from "../contract/values/limits.ts";
import { heartbeatIntervalSec } from "../platform/settings.ts";
import type { Clock } from "./state.ts";

/** A machine that lost the session to another one, or was refused beside it. */
export interface Contender {
  machine: string;
  firstSeenAt: Millis;
  /** Since when it has been known beside another one: taking turns does not begin it anew. */
  besideSince: Millis;
  /** When it was refused, or lost the session, for the last time. */
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

/** `isNews`: two live machines were found, and nobody was told yet. */
export type Verdict = { contest: Contest; isNews: boolean } & (
  | { isRefused: false; firstSeenAt: Millis }
  | { isRefused: true; retryAfterMs: number }
);

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Whether a machine gets the session of this id. The newest machine does: only one that was known before the holder is
 * refused, and only while the holder shows signs of life. A machine that looks like the holder is one that reconnects,
 * unless the sockets it lost keep answering.
 */
export function judgeTakeover(
  stored: Contest,
  holder: Holder | null,
  machine: string,
  { now, ttlMs }: Pick<Clock, "now" | "ttlMs">,
): Verdict {
  const contest = recall(stored, now);
  const known = contest.contenders.find((each) => each.machine === machine);
  if (!holder) {
    const contenders = contest.contenders.filter((each) => each !== known);
    return {
      isRefused: false,
      firstSeenAt: known?.firstSeenAt ?? now,
      contest: { ...contest, contenders },
      isNews: false,
    };
  }
  const looksEqual = machine === holder.machine;
  const isHolderLive = now - holder.lastFrameAt < liveMs(ttlMs);
  if (isHolderLive && (looksEqual ? isTwin(contest, known) : isElder(known, holder))) {
    return refusal(contest, known, holder, machine, now);
  }
  const besideSince = known?.besideSince ?? now;
  const loser: Contender = {
    machine: holder.machine,
    firstSeenAt: holder.firstSeenAt,
    besideSince,
    lastTriedAt: now,
    socketId: holder.socketId,
    isAlive: false,
    refusals: 0,
  };
  const firstSeenAt = looksEqual ? holder.firstSeenAt : (known?.firstSeenAt ?? now);
  const next = replace(contest, machine, loser);
  const isFound = isHolderLive && known && isAnother(known, holder) && areLong(besideSince, holder, now);
  return { isRefused: false, firstSeenAt, ...(isFound ? found(next, now) : { contest: next, isNews: false }) };
}

/** How long a frame proves life: one that beats as it was told, and a little late, never counts as silent. */
function liveMs(ttlMs: number): number {
  return Math.max(TAKEOVER_LIVE_MS, 1.5 * heartbeatIntervalSec(ttlMs) * 1000);
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
  if (!loser || now - loser.lastTriedAt > TAKEOVER_ANSWER_MS) return null;
  if (loser.machine !== holderMachine) {
    return { contest: replace(contest, loser.machine, { ...loser, isAlive: true, socketId: null }), isNews: false };
  }
  const twins = withTwin(contest.twins, now);
  return twins.length < TWIN_LIMIT
    ? { contest: { ...contest, twins }, isNews: false }
    : found({ ...contest, twins }, now);
}

/** Somebody lost the session to another process lately, or was refused beside it. */
export function wasContended(stored: Contest, now: Millis): boolean {
  return recall(stored, now).contenders.length > 0;
}

/** Two live machines were seen lately. */
export function isContested({ duel }: Contest, now: Millis): boolean {
  return duel !== null && now - duel.lastAt < DUEL_FORGOTTEN_MS;
}

/** It looks like the holder, and is not: its sockets kept answering, or it waited as it was told when it was refused. */
function isTwin({ twins }: Contest, known: Contender | undefined): boolean {
  return twins.length >= TWIN_LIMIT || (known !== undefined && known.refusals > 0);
}

/** Known before the holder and running beside it. */
function isElder(known: Contender | undefined, holder: Holder): boolean {
  return known !== undefined && known.firstSeenAt < holder.firstSeenAt && isAnother(known, holder);
}

/**
 * After a change of network the same machine may come back with an address that it had before: with an equal host name
 * only an answer proves that there are two.
 */
function isAnother(known: Contender, holder: Holder): boolean {
  return known.isAlive || hostOf(known.machine) !== hostOf(holder.machine);
}

/** Both were alive for longer than a rolling restart takes. The holder may have died since its last frame. */
function areLong(besideSince: Millis, holder: Holder, now: Millis): boolean {
  return Math.min(now, holder.lastFrameAt + TAKEOVER_LIVE_MS) - besideSince >= DUEL_AFTER_MS;
}

function refusal(
  contest: Contest,
  known: Contender | undefined,
  holder: Holder,
  machine: string,
  now: Millis,
): Verdict {
  const looksEqual = machine === holder.machine;
  const before = known ?? { firstSeenAt: now, besideSince: now, socketId: null, isAlive: false, refusals: 0 };
  const refused: Contender = { ...before, machine, lastTriedAt: now, refusals: before.refusals + 1 };
  const next = replace(
    { ...contest, twins: looksEqual ? withTwin(contest.twins, now) : contest.twins },
    machine,
    refused,
  );
  const isFound = looksEqual || areLong(refused.besideSince, holder, now);
  const retryAfterMs = pauseMs(refused.refusals);
  return { isRefused: true, retryAfterMs, ...(isFound ? found(next, now) : { contest: next, isNews: false }) };
}

/** What one that was refused so often is asked to wait. */
function pauseMs(refusals: number): number {
  return refusals === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(refusals - 1, 10));
}

function found(contest: Contest, now: Millis): { contest: Contest; isNews: boolean } {
  return { contest: { ...contest, duel: { since: contest.duel?.since ?? now, lastAt: now } }, isNews: !contest.duel };
}

/** What still counts. One that waits as it was told is not forgotten meanwhile. */
function recall({ contenders, twins, duel }: Contest, now: Millis): Contest {
  return {
    contenders: contenders.filter(
      ({ lastTriedAt, refusals }) => now - lastTriedAt < CONTENDER_FORGOTTEN_MS + pauseMs(refusals),
    ),
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
