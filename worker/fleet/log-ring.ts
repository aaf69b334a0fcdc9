import { fold, visibleText } from "../../common/text.ts";
import type { LogLine, LogPage, LogQuery, PresenceReport } from "../contract/presence.ts";
import { redact } from "../redact.ts";

/** The lines of one report: its own, and one for all beats of the interval, with their count (DESIGN §1). */
export function linesOf(report: PresenceReport, now: number): LogLine[] {
  const { orchestratorId } = report.view;
  const beats = [
    { count: report.beats.processed, text: "Processing heartbeat from orchestrator" },
    { count: report.beats.ignored, text: "Ignoring heartbeat from independent orchestrator" },
  ];
  const at = now;
  return [
    ...report.logs,
    ...beats.flatMap(({ count, text }): LogLine[] =>
      count === 0 ? [] : [{ at, level: "INFO", message: `[C-OCS] ${text} ${orchestratorId}`, orchestratorId, count }],
    ),
  ];
}

/** Texts from outside must not forge a second line, move the cursor of a terminal or turn the line around. */
export function escapeLine(line: LogLine): LogLine {
  return { ...line, message: visibleText(redact(line.message)).slice(0, 2048) };
}

/** Newest first; `total` counts the matches before the limit. */
export function selectLines(lines: LogLine[], query: LogQuery, visible: (line: LogLine) => boolean): LogPage {
  const needle = query.q === null ? null : fold(query.q);
  const matches = lines.filter(
    (line) =>
      (query.level === null || line.level === query.level) &&
      (needle === null || fold(line.message).includes(needle)) &&
      visible(line),
  );
  const sorted = matches
    .map((line, index) => ({ line, index }))
    .sort((a, b) => b.line.at - a.line.at || b.index - a.index)
    .map(({ line }) => line);
  return { lines: sorted.slice(0, query.limit), total: matches.length };
}
