import { fairlyKept, type Holders } from "../../common/fair-share.ts";
import { fold, visibleText } from "../../common/text.ts";
import type { LogLine, LogPage, LogQuery, Millis, PresenceReport } from "../contract/presence.ts";
import { placeOf } from "../contract/timeline.ts";
import { LOG_CAPACITY } from "../contract/values/limits.ts";
import { redact } from "../platform/redact.ts";
import { isRepeat } from "../platform/repeats.ts";
import { comparePlaces, isBefore } from "../platform/timeline.ts";
import { type Scope, sees } from "./feed.ts";
import type { FleetStore } from "./store.ts";

/** More than a shard writes in a millisecond, on average. */
const LINES_PER_MS = 1000;

/** The newest lines of the controller log, in memory until the next flush writes them into a row. */
export class ControllerLog {
  readonly #store: FleetStore;
  #unsaved: LogLine[] = [];
  /** The number of stored lines. Null until first needed; counting them at each flush would read every row. */
  #saved: number | null = null;
  /** Grows with the clock, so that it keeps rising after a wake without being stored. */
  #lastN = 0;

  constructor(store: FleetStore) {
    this.#store = store;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Returns the lines as they may be shown. */
  add(lines: readonly LogLine[], now: Millis): LogLine[] {
    const escaped = lines.map(escapeLine);
    for (const line of escaped) {
      this.#lastN = Math.max(this.#lastN + 1, now * LINES_PER_MS);
      this.#unsaved.push({ ...line, n: this.#lastN });
    }
    // Trimmed so rarely that the cost per line does not grow with the number of lines.
    if (this.#unsaved.length > 2 * LOG_CAPACITY) this.#unsaved = ringOf(this.#unsaved, LOG_CAPACITY);
    return escaped;
  }

  save(): void {
    if (!this.hasUnsaved) return;
    const lines = this.#unsaved.splice(0);
    this.#saved = (this.#saved ?? this.#store.logCount()) + lines.length;
    this.#store.addLogs(lines);
    if (this.#saved <= 2 * LOG_CAPACITY) return;
    // Rewritten so rarely that it at most doubles what is written.
    const kept = ringOf(this.#store.logs(), LOG_CAPACITY);
    this.#store.replaceLogs(kept);
    this.#saved = kept.length;
  }

  select(query: LogQuery): LogPage {
    const visible = (line: LogLine) => seesLine(line, query.organizations);
    return selectLines(ringOf([...this.#store.logs(), ...this.#unsaved], LOG_CAPACITY), query, visible);
  }
}

/** The log lines of one report: its own, and one for all heartbeats of the interval, with their count. */
export function linesOf(report: PresenceReport, now: number): LogLine[] {
  const { orchestratorId, organizationId } = report.view;
  const beats = [
    { count: report.beats.processed, text: "Processing heartbeat from orchestrator" },
    { count: report.beats.ignored, text: "Ignoring heartbeat from independent orchestrator" },
  ];
  const [at, whose] = [now, { orchestratorId, organizationId }];
  return [
    ...report.logs,
    ...beats.flatMap(({ count, text }): LogLine[] =>
      count === 0
        ? []
        : [{ at, level: "INFO", message: `[C-OCS] ${text} ${orchestratorId}`, ...whose, count, isBeat: true }],
    ),
  ];
}

/** Text from outside must not forge a second line, move a terminal's cursor or reverse the reading direction. */
export function escapeLine(line: LogLine): LogLine {
  return { ...line, message: visibleText(redact(line.message)).slice(0, 2048) };
}

/**
 * Whether a viewer of these organizations (null: all) may see the line. A line belongs to the organization that its orchestrator
 * was in when it was written, because another organization may have the id by now. A line without one is for viewers of all.
 */
export function seesLine({ organizationId }: LogLine, scope: Scope): boolean {
  return scope === null || (typeof organizationId === "string" && sees(scope, organizationId));
}

/** This many equal lines are kept one by one; further ones are folded. */
const LINES_SINGLY = 4;

/** Whose share a line counts for. Lines without an organization, such as those about unknown ids, share one place. */
export const LINE_HOLDERS: Holders<LogLine> = [
  ({ organizationId }) => organizationId ?? "",
  ({ orchestratorId }) => orchestratorId ?? "",
];

/**
 * The lines to keep, oldest first. Repeated equal lines become one with a count. Beyond the capacity, no organization keeps more
 * than its share, and within it no orchestrator, so that a chatty one cannot push out the lines of others.
 */
export function ringOf(lines: readonly LogLine[], capacity: number): LogLine[] {
  return fairlyKept(foldLines(lines), capacity, LINE_HOLDERS);
}

function foldLines(lines: readonly LogLine[]): LogLine[] {
  const kept = new Set<LogLine>();
  /** By text, newest first. */
  const recent = new Map<string, LogLine[]>();
  for (const line of lines) {
    const key = `${line.level} ${line.orchestratorId} ${line.organizationId} ${line.message}`;
    const equals = recent.get(key) ?? [];
    const [newest, ...older] = equals;
    const seen = equals.map(({ at, firstAt }) => ({ at, isFolded: firstAt !== undefined }));
    // A line that stands for folded ones is not folded again.
    const isNew = line.isBeat || line.firstAt !== undefined || !isRepeat(seen, line.at, LINES_SINGLY);
    if (isNew || !newest) {
      kept.add(line);
      if (!line.isBeat) recent.set(key, [line, ...equals].slice(0, LINES_SINGLY));
      continue;
    }
    const folded = {
      ...line,
      count: newest.count + line.count,
      firstAt: newest.firstAt ?? newest.at,
    };
    kept.delete(newest);
    kept.add(folded);
    recent.set(key, [folded, ...older]);
  }
  return [...kept];
}

/** Newest first; `total` counts all matches. */
export function selectLines(lines: LogLine[], query: LogQuery, visible: (line: LogLine) => boolean): LogPage {
  const needle = query.q === null ? null : fold(query.q);
  const matches = lines.filter(
    (line) =>
      (query.level === null || line.level === query.level) &&
      (needle === null || fold(line.message).includes(needle)) &&
      visible(line),
  );
  const rest = matches.filter((line) => isBefore(placeOf(line), query.before)).reverse();
  rest.sort((left, right) => comparePlaces(placeOf(left), placeOf(right)));
  return { lines: rest.slice(0, query.limit), total: matches.length };
}
