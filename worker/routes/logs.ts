import { organizationsOf } from "../contract/actor.ts";
import type { LogLine } from "../contract/presence.ts";
import { type Limit, toLimitView } from "../contract/rest/common.ts";
import {
  type LogAnswer,
  type LogEntry,
  type LogFilters,
  logAnswer,
  logQuery,
  pagedLogQuery,
} from "../contract/rest/logs.ts";
import { placeOf } from "../contract/timeline.ts";
import { allShards } from "../fleet/shard.ts";
import { TimelineWalk } from "../platform/timeline.ts";
import { createRouter, defineRoute } from "./define.ts";

const DESCRIPTION =
  "Newest first, from the last 2,000 lines. Equal lines within an interval and repeats within 10 minutes are one entry with a count. When the log is full, each organization keeps its share, and within it each orchestrator.";

const internalLogs = defineRoute({
  method: "get",
  path: "/api/v1/internal/logs",
  tag: "Logs",
  summary: "Controller log",
  description: DESCRIPTION,
  permission: "log.read",
  request: { query: logQuery },
  response: logAnswer,
});

const controllerLogs = defineRoute({
  method: "get",
  path: "/api/v1/controller/logs",
  tag: "Logs",
  summary: "Controller log for the dashboard",
  description: DESCRIPTION,
  permission: "log.read",
  request: { query: pagedLogQuery },
  response: logAnswer,
});

export const logs = createRouter();

logs.openapi(internalLogs, async (c) => {
  const query = c.req.valid("query");
  return c.json(await readLogs(c.env, organizationsOf(c.get("actor")), query, query.limit), 200);
});

logs.openapi(controllerLogs, async (c) => {
  const query = c.req.valid("query");
  const limit = { value: query.page_size, isCapped: false };
  return c.json(await readLogs(c.env, organizationsOf(c.get("actor")), query, limit), 200);
});

/** Each shard holds its own lines. The newest of all shards are returned. */
async function readLogs(env: Env, organizations: string[] | null, query: LogFilters, limit: Limit): Promise<LogAnswer> {
  const walk = new TimelineWalk<LogLine>("logs", query, placeOf);
  const filters = { q: query.q ?? null, level: query.level ?? null, organizations };
  // One more than are returned, which shows whether there are more.
  const pages = await Promise.all(
    allShards(env).map((shard, source) =>
      shard.logs({ ...filters, limit: limit.value + 1, before: walk.before(source) }),
    ),
  );
  const { items: lines, nextCursor } = walk.take(
    pages.map((page) => page.lines),
    limit.value,
  );
  const items: LogEntry[] = lines.map((line) => ({
    timestamp: new Date(line.at).toISOString(),
    first_at: new Date(line.firstAt ?? line.at).toISOString(),
    level: line.level,
    message: line.message,
    count: line.count,
    orchestrator_id: line.orchestratorId,
  }));
  const total = pages.reduce((sum, page) => sum + page.total, 0);
  const extent = { returned: items.length, truncated: items.length < total, next_cursor: nextCursor };
  return {
    success: true,
    message: "Logs retrieved successfully",
    logs: items,
    total_count: total,
    ...toLimitView(limit),
    ...extent,
    data: { items, total },
  };
}
