import { visibleJson } from "../../common/text.ts";
import type { LogLevel } from "../contract/presence.ts";
import { redact } from "./redact.ts";
import { settingsOf } from "./settings.ts";

const RANK: Record<LogLevel, number> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3, CRITICAL: 4 };
const THRESHOLD = { debug: 0, info: 1, warning: 2, error: 3 } as const;

/** Writes one redacted JSON object as a line. Its texts cannot break or reorder the line. */
export function writeLog(env: Env, level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
  if (RANK[level] < threshold(env)) return;
  const line = visibleJson(redact({ level, message, ...fields }));
  if (RANK[level] >= RANK.ERROR) console.error(line);
  else if (RANK[level] === RANK.WARNING) console.warn(line);
  else console.log(line);
}

/** Name and message of an error for the log, never its stack. */
export function errorFields(error: unknown): Record<string, unknown> {
  return error instanceof Error ? { error: error.name, detail: error.message } : { error: String(error) };
}

/** Wrong settings must not silence the line that reports them. */
function threshold(env: Env): number {
  try {
    return THRESHOLD[settingsOf(env).logLevel];
  } catch {
    return THRESHOLD.info;
  }
}
