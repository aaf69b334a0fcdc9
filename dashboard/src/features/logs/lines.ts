import { fairlyKept } from "../../../../common/fair-share.ts";
import { fold, visibleText } from "../../../../common/text.ts";
import type { StreamLogLine } from "../../../../worker/contract/stream.ts";
import { LOG_CAPACITY } from "../../../../worker/contract/values/limits.ts";

export type LogLine = StreamLogLine;
export type LogLevel = LogLine["level"];

export interface LogFilter {
  level: LogLevel | null;
  q: string;
}

/** The controller's filter, applied to lines from the stream. */
export function matches(line: LogLine, { level, q }: LogFilter): boolean {
  return (level === null || line.level === level) && fold(line.message).includes(fold(q));
}

/**
 * Merges both lists, oldest first, up to the capacity; a chatty orchestrator displaces its own lines first. Lines have no
 * ID and may be equal, so each appears as often as in the list that has it more often. That makes it safe to reload the
 * list at any time beside the stream.
 */
export function mergeLines(known: readonly LogLine[], more: readonly LogLine[], capacity = LOG_CAPACITY): LogLine[] {
  const left = new Map<string, number>();
  for (const line of known) left.set(keyOf(line), (left.get(keyOf(line)) ?? 0) + 1);
  const added = more.filter((line) => {
    const known = left.get(keyOf(line)) ?? 0;
    left.set(keyOf(line), known - 1);
    return known <= 0;
  });
  const merged = [...known, ...added].sort((one, other) => one.at - other.at);
  return fairlyKept(merged, capacity, [({ orchestrator_id }) => orchestrator_id ?? ""]);
}

/**
 * The loaded list plus the known lines that arrived after the request. The controller folds repeated lines, so the list
 * may have one line in place of several known ones. A line that did not change stays the same object.
 */
export function refreshLines(
  known: readonly LogLine[],
  list: readonly LogLine[],
  isLater: (line: LogLine) => boolean,
  capacity = LOG_CAPACITY,
): LogLine[] {
  const same = Map.groupBy(known, (line) => `${line.count} ${keyOf(line)}`);
  const listed = list.map((line) => same.get(`${line.count} ${keyOf(line)}`)?.shift() ?? { ...line });
  return mergeLines(listed, known.filter(isLater), capacity);
}

/** How many of `lines` are not in `seen`. */
export function countNew(seen: readonly LogLine[], lines: readonly LogLine[]): number {
  const known = new Set(seen);
  return lines.filter((line) => !known.has(line)).length;
}

/** Identifies a line in an address: its timestamp, plus a digest because lines can share a timestamp. */
export function anchorOf(line: LogLine): string {
  let hash = 0x811c9dc5;
  for (const char of `${line.level} ${line.message}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return `${line.at}-${(hash >>> 0).toString(36)}`;
}

/** Heartbeats make up most of the log, so they can be hidden. */
export function isBeat(line: LogLine): boolean {
  return /^\[C-OCS\] (?:Processing|Ignoring) heartbeat from /.test(line.message);
}

/** The text for a file or the clipboard; control characters are made visible, so each entry stays one line. */
export function toText(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, message, count }) => {
      const times = count > 1 ? ` (×${count})` : "";
      return `${new Date(at).toISOString()} ${level.padEnd(8)} ${visibleText(message)}${times}\n`;
    })
    .join("");
}

/** The text as a file. Its last line states what it contains; a file without it is incomplete. `missing` older lines were not loaded. */
export function toFile(lines: readonly LogLine[], missing: number): string {
  const end =
    missing > 0
      ? `# cut: ${lines.length} of ${lines.length + missing} lines (the newest)`
      : `# end: ${lines.length} matching lines of the newest ${LOG_CAPACITY} that the controller keeps`;
  return `${toText(lines)}${end}\n`;
}

/** Leaves out the count, which grows when the controller folds more lines into this one. */
function keyOf({ at, level, message, orchestrator_id }: LogLine): string {
  return JSON.stringify([at, level, message, orchestrator_id]);
}
