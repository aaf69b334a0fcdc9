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

/** The newest lines of the controller log: in memory until they are worth a row. */
export class ControllerLog {
  readonly #store: FleetStore;
  #unsaved: LogLine[] = [];
  /** Lines in rows. Null until it was asked for: counting them for each flush would read every row. */
  #saved: number | null = null;
  /** Rises with the time, so that it need not be stored to rise across wakes. */
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
    // So seldom that a line costs the same however many there are.
    if (this.#unsaved.length > 2 * LOG_CAPACITY) this.#unsaved = ringOf(this.#unsaved, LOG_CAPACITY);
    return escaped;
  }

  save(): void {
    if (!this.hasUnsaved) return;
    const lines = this.#unsaved.splice(0);
    this.#saved = (this.#saved ?? this.#store.logCount()) + lines.length;
    this.#store.addLogs(lines);
    if (this.#saved <= 2 * LOG_CAPACITY) return;
    // So seldom that what is written anew is no more than what was written before.
    const kept = ringOf(this.#store.logs(), LOG_CAPACITY);
    this.#store.replaceLogs(kept);
    this.#saved = kept.length;
  }

  select(query: LogQuery): LogPage {
    const visible = (line: LogLine) => seesLine(line, query.organizations);
    return selectLines(ringOf([...this.#store.logs(), ...this.#unsaved], LOG_CAPACITY), query, visible);
  }
}

/** The lines of one report: its own, and one for all beats of the interval, with their count. */
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

/** Texts from outside must not forge a second line, move the cursor of a terminal or turn the line around. */
export function escapeLine(line: LogLine): LogLine {
  return { ...line, message: visibleText(redact(line.message)).slice(0, 2048) };
}

/**
 * Whether who may see these organizations (null: all) may see the line. It stays with the organization that its orchestrator
 * belonged to when it was written, because another one may have the id by now. A line of nobody is for those who see all.
 */
export function seesLine({ organizationId }: LogLine, scope: Scope): boolean {
  return scope === null || (typeof organizationId === "string" && sees(scope, organizationId));
}

/** So many equal lines stay by themselves. */
const LINES_SINGLY = 4;

/** A line that belongs to none, such as one about an id that nobody knows, is held by nobody: they share one place. */
export const LINE_HOLDERS: Holders<LogLine> = [
  ({ organizationId }) => organizationId ?? "",
  ({ orchestratorId }) => orchestratorId ?? "",
];

/**
 * The lines that are kept, oldest first. Equal ones that repeat over and over are one with a count, and when there are too many,
 * no organization keeps more than its share, and in it no orchestrator: a chatty one must not push out the lines of others.
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
    // One that was folded before is as it shall be.
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
