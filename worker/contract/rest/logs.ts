import { z } from "zod";
import { orchestratorId } from "../ids.ts";
import { logLevel } from "../presence.ts";
import { MAX_LIMIT } from "../values/limits.ts";
import {
  cappedLimit,
  extentView,
  limitView,
  moment,
  nextCursor,
  outcome,
  searchText,
  timelineCursorQuery,
  wholeNumber,
} from "./common.ts";

const filters = {
  q: searchText.meta({ description: "Part of the message" }),
  level: logLevel.optional().meta({ description: "Only lines of this level" }),
  ...timelineCursorQuery,
};

export const logQuery = z.object({ ...filters, limit: cappedLimit(MAX_LIMIT, 200, "Newest lines to return") });
export const pagedLogQuery = z.object({
  ...filters,
  page_size: wholeNumber(1, MAX_LIMIT, 100, "Newest lines to return"),
});

export const logEntry = z
  .object({
    timestamp: moment,
    level: logLevel,
    message: z.string().meta({ example: "[C-OCS] Processing heartbeat from orchestrator org-002" }),
    first_at: moment.meta({ description: "When the first of these lines was written" }),
    count: z.int().meta({ description: "How many equal lines this one stands for" }),
    orchestrator_id: orchestratorId.nullable(),
  })
  .meta({ id: "LogEntry", description: "One line of the controller log" });

/** Two documents spell the fields differently; both are sent. */
export const logAnswer = z
  .object({
    ...outcome,
    logs: z.array(logEntry),
    total_count: z.int().meta({ description: "Matches, given or not" }),
    ...limitView,
    ...extentView,
    next_cursor: nextCursor,
    data: z.object({ items: z.array(logEntry), total: z.int() }),
  })
  .meta({ id: "Logs", description: "Controller log, newest first" });

export type LogFilters = Pick<z.infer<typeof logQuery>, "q" | "level" | "cursor">;
export type LogEntry = z.infer<typeof logEntry>;
export type LogAnswer = z.infer<typeof logAnswer>;
