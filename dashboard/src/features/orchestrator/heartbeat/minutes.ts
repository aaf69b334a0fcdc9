export const MINUTES_SHOWN = 60;
const MINUTE_MS = 60_000;
/** By how much an interval may exceed the expected one before it counts as late. */
const PATIENCE = 1.5;
/** The required share of expected heartbeats: clocks jitter, and minutes do not align with the interval. */
const ENOUGH = 0.75;
const NETWORK_MS = 2000;

export type MinuteKind = "on-time" | "late" | "missed" | "not-recorded" | "none";

export interface CountedMinute {
  /** Its start in epoch milliseconds. */
  at: number;
  processed: number;
  /** Heartbeats while the orchestrator was independent. */
  ignored: number;
}

/** The heartbeat history of one orchestrator. */
export interface BeatHistory {
  /** Minutes with at least one heartbeat, oldest first. */
  minutes: readonly CountedMinute[];
  /** The expected interval between heartbeats. */
  intervalSec: number;
  isIndependent: boolean;
  lastSeenAt: number | null;
}

export interface BeatMinute {
  at: number;
  kind: MinuteKind;
  beats: number;
}

/** The last 60 minutes including the current one, oldest first. */
export function beatMinutes(history: BeatHistory, now: number): BeatMinute[] {
  const running = startOfMinute(now);
  const firstAt = running - (MINUTES_SHOWN - 1) * MINUTE_MS;
  const processed = new Array<number>(MINUTES_SHOWN).fill(0);
  const ignored = new Array<number>(MINUTES_SHOWN).fill(0);
  for (const minute of history.minutes) {
    const index = (minute.at - firstAt) / MINUTE_MS;
    if (index < 0 || index >= MINUTES_SHOWN) continue;
    processed[index] = minute.processed;
    ignored[index] = minute.ignored;
  }
  const judge = createJudge(history, { processed, ignored, firstAt });
  return processed.map((count, index) => {
    const kind = index === MINUTES_SHOWN - 1 ? runningKind(history, judge, now) : judge.kindOf(index);
    return { at: firstAt + index * MINUTE_MS, kind, beats: count + (ignored[index] ?? 0) };
  });
}

/** Adds a heartbeat that arrived after the history was loaded; earlier ones are already included. */
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

/** Applies a change of independence; the independent time is kept as not recorded. */
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
 * The expected interval: the suggested one, or a longer one if the client uses that. Clients choose their own intervals,
 * and one with a shorter interval may miss some heartbeats.
 */
export function dueEverySec(recentAt: readonly number[], suggestedSec: number): number {
  const gaps = recentAt.slice(1).map((at, index) => (at - (recentAt[index] ?? at)) / 1000);
  const middle = gaps.sort((left, right) => left - right)[Math.floor(gaps.length / 2)] ?? 0;
  return Math.max(suggestedSec, middle);
}

/** "58 of 60 minutes on time, 2 missed"; minutes without data are listed separately. */
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

interface Judge {
  /** The kind of a past minute. */
  kindOf(index: number): MinuteKind;
  totalOf(index: number): number;
  /** Whether the minute has only heartbeats from independent time. */
  isIgnored(index: number): boolean;
}

/** Runs for every visible row, so it works on plain arrays without allocations. */
function createJudge(
  history: BeatHistory,
  { processed, ignored, firstAt }: { processed: number[]; ignored: number[]; firstAt: number },
): Judge {
  const { intervalSec } = history;
  const patience = Math.ceil((PATIENCE * intervalSec * 1000) / MINUTE_MS);
  const expected = 60 / intervalSec;
  const totalOf = (index: number) => (processed[index] ?? 0) + (ignored[index] ?? 0);
  const isIgnored = (index: number) => (ignored[index] ?? 0) > 0 && processed[index] === 0;
  const hasBeats = (_: number, index: number) => totalOf(index) > 0;
  const first = processed.findIndex(hasBeats);
  const last = processed.findLastIndex(hasBeats);
  // Recording started within this minute, so it cannot have all heartbeats.
  const isBeginning = (index: number) => index <= first || (ignored[index] ?? 0) > 0;
  const beatsUpTo = (index: number, length: number) => {
    let sum = 0;
    for (let at = Math.max(0, index - length + 1); at <= index; at += 1) sum += totalOf(at);
    return sum;
  };
  const reachesBeginning = (index: number, length: number) => {
    for (let at = index - length + 1; at <= index; at += 1) if (isBeginning(at)) return true;
    return false;
  };
  /** For a minute without counts: derives the mode from its neighbours, or from the current state. */
  const wasIndependent = (index: number) => {
    if (index > last) return history.isIndependent;
    let before = index;
    let after = index;
    while (before >= 0 && totalOf(before) === 0) before -= 1;
    while (after < last && totalOf(after) === 0) after += 1;
    return before >= 0 && isIgnored(before) && isIgnored(after);
  };

  const kindOf = (index: number): MinuteKind => {
    if (isIgnored(index)) return "not-recorded";
    const beats = totalOf(index);
    if (beats === 0 && wasIndependent(index)) return "not-recorded";
    if (first === -1 || index < first) {
      // Without any counts, only minutes after the last heartbeat are certain to have had none.
      const isSilent = first === -1 && history.lastSeenAt !== null && firstAt + index * MINUTE_MS > history.lastSeenAt;
      return isSilent ? "missed" : "none";
    }
    if (isBeginning(index)) return "on-time";
    if (beatsUpTo(index, patience) === 0) return "missed";
    if (beats >= Math.max(1, Math.round(expected))) return "on-time";
    if (beats < Math.floor(ENOUGH * expected)) return "late";
    const span = Math.max(2, patience);
    if (reachesBeginning(index, span)) return "on-time";
    return beatsUpTo(index, span) >= Math.floor(ENOUGH * expected * span) ? "on-time" : "late";
  };
  return { kindOf, totalOf, isIgnored };
}

/** The kind of the current minute, by the age of the last heartbeat. */
function runningKind(history: BeatHistory, judge: Judge, now: number): MinuteKind {
  const index = MINUTES_SHOWN - 1;
  if (history.isIndependent || judge.isIgnored(index)) return "not-recorded";
  if (history.lastSeenAt === null) return "none";
  if (now - history.lastSeenAt <= PATIENCE * history.intervalSec * 1000 + NETWORK_MS) return "on-time";
  return judge.totalOf(index) > 0 ? "late" : "missed";
}

function startOfMinute(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

function minutesText(count: number): string {
  return count === 1 ? "1 minute" : `${count} minutes`;
}
