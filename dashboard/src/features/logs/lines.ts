import { fairlyKept } from "../../../../common/fair-share.ts";
import { fold, visibleText } from "../../../../common/text.ts";
import type { StreamLogLine } from "../../../../worker/contract/stream.ts";

export type LogLine = StreamLogLine;
export type LogLevel = LogLine["level"];

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const satisfies readonly LogLevel[];

/** As many as the controller itself keeps. */
export const CAPACITY = 2000;

export interface LogFilter {
  level: LogLevel | null;
  q: string;
}

/** The same rule as the controller's, for lines that come by the stream. */
export function matches(line: LogLine, { level, q }: LogFilter): boolean {
  return (level === null || line.level === level) && fold(line.message).includes(fold(q));
}

/**
 * Both lists, oldest first, each line once, as many as there is room for: a chatty orchestrator pushes out its own lines.
 * A line has no id, and two may be equal in every part, so it is in the result as often as it is in one of the lists. The
 * list can thus be asked for again at any time beside the stream.
 */
export function mergeLines(known: readonly LogLine[], more: readonly LogLine[], capacity = CAPACITY): LogLine[] {
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
 * What the list says, and of the known lines those that came after it was asked for. The controller folds lines that
 * repeat, so an answer may have one where single ones are known. A line that did not change stays the same object.
 */
export function refreshLines(
  known: readonly LogLine[],
  list: readonly LogLine[],
  isLater: (line: LogLine) => boolean,
  capacity = CAPACITY,
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

/** Names a line in an address: its moment, and a digest because many lines share one. */
export function anchorOf(line: LogLine): string {
  let hash = 0x811c9dc5;
  for (const char of `${line.level} ${line.message}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return `${line.at}-${(hash >>> 0).toString(36)}`;
}

/** Heartbeats are most of a log. */
export function isBeat(line: LogLine): boolean {
  return /^\[C-OCS\] (?:Processing|Ignoring) heartbeat from /.test(line.message);
}

/** For a file or the clipboard: one line each, whatever is in it. */
export function toText(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, message, count }) => {
      const times = count > 1 ? ` (×${count})` : "";
      return `${new Date(at).toISOString()} ${level.padEnd(8)} ${visibleText(message)}${times}\n`;
    })
    .join("");
}

/** As a file, which says in its last line what it has: without that line it broke off. `missing` older lines were not loaded. */
export function toFile(lines: readonly LogLine[], missing: number): string {
  const end =
    missing > 0
      ? `# cut: ${lines.length} of ${lines.length + missing} lines, the newest ones`
      : `# end: ${lines.length} lines that match, of the newest ${CAPACITY} that the controller keeps`;
  return `${toText(lines)}${end}\n`;
}

/** Without the count, which grows when the controller folds other lines into this one. */
function keyOf({ at, level, message, orchestrator_id }: LogLine): string {
  return JSON.stringify([at, level, message, orchestrator_id]);
}
