export const MINUTES_SHOWN = 60;
const MINUTE_MS = 60_000;
/** An interval may be this much longer than promised before anyone calls it late. */
const PATIENCE = 1.5;
/** Of the expected beats that have to come: clocks jitter, and minutes cut the rhythm at odd places. */
const ENOUGH = 0.75;
const NETWORK_MS = 2000;

export type MinuteKind = "on-time" | "late" | "missed" | "not-recorded" | "none";

export interface CountedMinute {
  /** Its beginning, epoch milliseconds. */
  at: number;
  processed: number;
  /** Came while the orchestrator was independent. */
  ignored: number;
}

/** What is known of the heartbeats of one orchestrator. */
export interface BeatHistory {
  /** Minutes with at least one beat, oldest first. */
  minutes: readonly CountedMinute[];
  /** Between two beats. */
  intervalSec: number;
  isIndependent: boolean;
  lastSeenAt: number | null;
}

export interface BeatMinute {
  at: number;
  kind: MinuteKind;
  beats: number;
}

/** The last 60 minutes, oldest first, the running one included. */
export function beatMinutes(history: BeatHistory, now: number): BeatMinute[] {
  const last = startOfMinute(now);
  const counted = new Map(history.minutes.map((minute) => [minute.at, minute]));
  const facts: Facts = { counted, firstAt: history.minutes[0]?.at ?? null, history };
  return Array.from({ length: MINUTES_SHOWN }, (_, index) => {
    const at = last - (MINUTES_SHOWN - 1 - index) * MINUTE_MS;
    const kind = at === last ? runningKind(facts, at, now) : pastKind(facts, at);
    return { at, kind, beats: totalOf(counted.get(at)) };
  });
}

/** The history with a beat that was seen after it was asked for; older sights are in it already. */
export function withSight(history: BeatHistory, seenAt: number): BeatHistory {
  const newest = history.lastSeenAt ?? 0;
  if (history.isIndependent || seenAt <= newest) return history;
  const at = startOfMinute(seenAt);
  const last = history.minutes.at(-1);
  const current = last?.at === at ? last : { at, processed: 0, ignored: 0 };
  const kept = last?.at === at ? history.minutes.slice(0, -1) : history.minutes;
  const oldest = at - MINUTES_SHOWN * MINUTE_MS;
  return {
    ...history,
    minutes: [...kept.filter((minute) => minute.at > oldest), { ...current, processed: current.processed + 1 }],
    lastSeenAt: seenAt,
  };
}

/** The history after independence was switched; what went by while it was on is kept as not recorded. */
export function withIndependence(history: BeatHistory, isIndependent: boolean, now: number): BeatHistory {
  if (isIndependent === history.isIndependent) return history;
  if (isIndependent) return { ...history, isIndependent };
  const running = startOfMinute(now);
  const oldest = running - (MINUTES_SHOWN - 1) * MINUTE_MS;
  const minutes = history.minutes.filter((minute) => minute.at >= oldest);
  for (let at = Math.max(oldest, (minutes.at(-1)?.at ?? 0) + MINUTE_MS); at <= running; at += MINUTE_MS) {
    minutes.push({ at, processed: 0, ignored: 1 });
  }
  return { ...history, minutes, isIndependent };
}

/**
 * How often its beats are due: as the controller suggests, or more seldom if that is its habit. Clients keep intervals
 * of their own, and who beats more often than asked may miss some.
 */
export function dueEverySec(recentAt: readonly number[], suggestedSec: number): number {
  const gaps = recentAt.slice(1).map((at, index) => (at - (recentAt[index] ?? at)) / 1000);
  const middle = gaps.sort((left, right) => left - right)[Math.floor(gaps.length / 2)] ?? 0;
  return Math.max(suggestedSec, middle);
}

/** "58 of 60 minutes on time, 2 missed"; minutes that nobody could judge are told apart. */
export function summarize(minutes: readonly BeatMinute[]): string {
  const count = (kind: MinuteKind) => minutes.filter((minute) => minute.kind === kind).length;
  const [late, missed, notRecorded, none] = [count("late"), count("missed"), count("not-recorded"), count("none")];
  const judged = minutes.length - notRecorded - none;
  const parts = judged > 0 ? [`${count("on-time")} of ${minutesText(judged)} on time`] : [];
  if (late > 0) parts.push(`${late} late`);
  if (missed > 0) parts.push(`${missed} missed`);
  if (notRecorded > 0) parts.push(`${minutesText(notRecorded)} not recorded while independent`);
  if (none > 0 && judged + notRecorded > 0) parts.push(`${minutesText(none)} without data`);
  return parts.length > 0 ? parts.join(", ") : "No heartbeats in the last hour";
}

const KIND_TEXTS: Record<MinuteKind, string> = {
  "on-time": "on time",
  late: "late",
  missed: "missed",
  "not-recorded": "not recorded while independent",
  none: "no data",
};

/** "on time, 2 heartbeats" */
export function describeMinute({ kind, beats }: BeatMinute): string {
  const text = KIND_TEXTS[kind];
  if (beats === 0 || kind === "not-recorded") return text;
  return `${text}, ${beats} ${beats === 1 ? "heartbeat" : "heartbeats"}`;
}

interface Facts {
  counted: ReadonlyMap<number, CountedMinute>;
  firstAt: number | null;
  history: BeatHistory;
}

function pastKind({ counted, firstAt, history }: Facts, at: number): MinuteKind {
  const { intervalSec } = history;
  const minute = counted.get(at);
  const beats = totalOf(minute);
  if (minute && minute.processed === 0) return "not-recorded";
  if (beats === 0 && wasIndependent(history, at)) return "not-recorded";
  if (firstAt === null || at < firstAt) return isSilentSince(history, at) ? "missed" : "none";
  // Recording began somewhere within such a minute, so that it cannot have them all.
  const isBeginning = (start: number) => start <= firstAt || (counted.get(start)?.ignored ?? 0) > 0;
  if (isBeginning(at)) return "on-time";

  const span = (length: number) => Array.from({ length }, (_, index) => at - index * MINUTE_MS);
  const beatsIn = (starts: number[]) => starts.reduce((sum, start) => sum + totalOf(counted.get(start)), 0);
  const patience = Math.ceil((PATIENCE * intervalSec * 1000) / MINUTE_MS);
  if (beatsIn(span(patience)) === 0) return "missed";
  const expected = 60 / intervalSec;
  if (beats >= Math.max(1, Math.round(expected))) return "on-time";
  if (beats < Math.floor(ENOUGH * expected)) return "late";
  const joined = span(Math.max(2, patience));
  if (joined.some(isBeginning)) return "on-time";
  return beatsIn(joined) >= Math.floor(ENOUGH * expected * joined.length) ? "on-time" : "late";
}

/** The minute that is not over: judged by how long ago the last beat was. */
function runningKind({ counted, history }: Facts, at: number, now: number): MinuteKind {
  const { intervalSec } = history;
  const minute = counted.get(at);
  if (history.isIndependent || (minute && minute.processed === 0)) return "not-recorded";
  if (history.lastSeenAt === null) return "none";
  if (now - history.lastSeenAt <= PATIENCE * intervalSec * 1000 + NETWORK_MS) return "on-time";
  return minute ? "late" : "missed";
}

/** Nothing is counted for that minute: what came nearest before it, or what is now, tells the mode. */
function wasIndependent(history: BeatHistory, at: number): boolean {
  const later = history.minutes.find((minute) => minute.at > at);
  if (!later && history.isIndependent) return true;
  const earlier = history.minutes.findLast((minute) => minute.at < at);
  return earlier !== undefined && earlier.processed === 0 && later?.processed === 0;
}

/** Without any count: only what lies after the last beat is sure to have had none. */
function isSilentSince({ minutes, lastSeenAt }: BeatHistory, at: number): boolean {
  return minutes.length === 0 && lastSeenAt !== null && at > lastSeenAt;
}

function totalOf(minute: CountedMinute | undefined): number {
  return minute ? minute.processed + minute.ignored : 0;
}

function startOfMinute(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

function minutesText(count: number): string {
  return count === 1 ? "1 minute" : `${count} minutes`;
}
