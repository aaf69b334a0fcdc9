import { organizationsOf } from "../contract/actor.ts";
import { activityQuery, type FleetActivity, fleetActivity } from "../contract/rest/activity.ts";
import { envelope, toLimitView } from "../contract/rest/common.ts";
import type { FleetRpc } from "../contract/rpc.ts";
import type { FeedEvent } from "../contract/stream.ts";
import { allShards } from "../fleet/shard.ts";
import { TimelineWalk } from "../platform/timeline.ts";
import { createRouter, defineRoute } from "./define.ts";
import { success } from "./success.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/controller/activity",
  tag: "Statistics",
  summary: "Recent activity of the fleet",
  description:
    "The events of the stream, newest first. Each shard keeps its last 5,000 changes; when it is full, only organizations with more than their share lose their oldest. Repeats within 10 minutes are one entry with a count.",
  permission: "organization.read",
  request: { query: activityQuery },
  response: envelope(fleetActivity),
});

export const activity = createRouter();

activity.openapi(read, async (c) => {
  const query = c.req.valid("query");
  const { limit } = query;
  const walk = new TimelineWalk<FeedEvent>("activity", query, ({ at, index }) => ({ at, n: index }));
  const scope = organizationsOf(c.get("actor"));
  const shards = allShards(c.env);
  // One more than are returned, which shows whether there are more.
  const [total, ...answers] = await Promise.all([
    countEvents(shards, scope),
    ...shards.map((shard, source) => shard.recentEvents(scope, limit.value + 1, walk.before(source))),
  ]);
  const { items: events, nextCursor } = walk.take(answers, limit.value);
  const items = events.map(toItem);
  const extent = { returned: items.length, truncated: nextCursor !== null || query.cursor !== undefined };
  const data: FleetActivity = { items, total, ...toLimitView(limit), ...extent, next_cursor: nextCursor };
  return success(c, "Activity retrieved successfully", { data });
});

/** Null: unknown, because a shard still runs code that does not count. A shard that fails fails the list. */
async function countEvents(shards: readonly FleetRpc[], scope: string[] | null): Promise<number | null> {
  try {
    const counts = await Promise.all(shards.map((shard) => shard.eventCount(scope)));
    return counts.reduce((sum, count) => sum + count, 0);
  } catch {
    return null;
  }
}

function toItem({ at, repeats, ...event }: FeedEvent): FleetActivity["items"][number] {
  const { count, since, types } = repeats ?? { count: 1, since: at, types: { [event.type]: 1 } };
  return { ...event, at: isoOf(at), count, first_at: isoOf(since), types };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
