import { organizationsOf } from "../contract/actor.ts";
import type { LogQuery } from "../contract/presence.ts";
import { type Limit, toLimitView } from "../contract/rest/common.ts";
import { type LogAnswer, type LogEntry, logAnswer, logQuery, pagedLogQuery } from "../contract/rest/logs.ts";
import { allShards } from "../fleet/shard.ts";
import { createRouter, defineRoute } from "./define.ts";

const DESCRIPTION =
  "Newest first, from a ring of the last 2,000 lines. Equal lines of one interval, and those that repeat over and over within 10 minutes, are one entry with a count; when the ring is full, one orchestrator has at most its share.";

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
  const { q, level, limit } = c.req.valid("query");
  const organizations = organizationsOf(c.get("actor"));
  return c.json(await readLogs(c.env, { q: q ?? null, level: level ?? null, organizations }, limit), 200);
});

logs.openapi(controllerLogs, async (c) => {
  const { q, level, page_size } = c.req.valid("query");
  const organizations = organizationsOf(c.get("actor"));
  const limit = { value: page_size, isCapped: false };
  return c.json(await readLogs(c.env, { q: q ?? null, level: level ?? null, organizations }, limit), 200);
});

/** Each shard holds its own ring; the newest of all of them count. */
async function readLogs(env: Env, query: Omit<LogQuery, "limit">, limit: Limit): Promise<LogAnswer> {
  const pages = await Promise.all(allShards(env).map((shard) => shard.logs({ ...query, limit: limit.value })));
  const lines = pages.flatMap((page) => page.lines);
  if (pages.length > 1) lines.sort((left, right) => right.at - left.at);
  const items: LogEntry[] = lines.slice(0, limit.value).map((line) => ({
    timestamp: new Date(line.at).toISOString(),
    first_at: new Date(line.firstAt ?? line.at).toISOString(),
    level: line.level,
    message: line.message,
    count: line.count,
    orchestrator_id: line.orchestratorId,
  }));
  const total = pages.reduce((sum, page) => sum + page.total, 0);
  return {
    success: true,
    message: "Logs retrieved successfully",
    logs: items,
    total_count: total,
    ...toLimitView(limit),
    returned: items.length,
    truncated: items.length < total,
    data: { items, total },
  };
}
