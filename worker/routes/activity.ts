import { organizationsOf } from "../contract/actor.ts";
import { activityQuery, type FleetActivity, fleetActivity } from "../contract/rest/activity.ts";
import { envelope, toLimitView } from "../contract/rest/common.ts";
import type { FeedEvent } from "../contract/stream.ts";
import { allShards } from "../fleet/shard.ts";
import { createRouter, defineRoute } from "./define.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/controller/activity",
  tag: "Statistics",
  summary: "What has happened in the fleet lately",
  description:
    "The events of the stream, for who comes later. Each shard keeps its last 5,000 changes, of which one orchestrator has at most a tenth when there are that many. What repeats over and over within 10 minutes is one entry, with a count.",
  permission: "organization.read",
  request: { query: activityQuery },
  response: envelope(fleetActivity),
});

export const activity = createRouter();

activity.openapi(read, async (c) => {
  const { limit } = c.req.valid("query");
  const scope = organizationsOf(c.get("actor"));
  // One more than are given, which tells whether there are more.
  const shards = await Promise.all(allShards(c.env).map((shard) => shard.recentEvents(scope, limit.value + 1)));
  const events = shards.flat().sort((one, other) => other.at - one.at);
  const items = events.slice(0, limit.value).map(toItem);
  const extent = { returned: items.length, truncated: events.length > items.length };
  const data: FleetActivity = { items, ...toLimitView(limit), ...extent };
  return c.json({ success: true as const, message: "Activity retrieved successfully", data }, 200);
});

function toItem({ at, repeats, ...event }: FeedEvent): FleetActivity["items"][number] {
  const { count, since, types } = repeats ?? { count: 1, since: at, types: { [event.type]: 1 } };
  return { ...event, at: isoOf(at), count, first_at: isoOf(since), types };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
