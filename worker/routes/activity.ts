import { organizationsOf } from "../contract/actor.ts";
import { activityQuery, type FleetActivity, fleetActivity } from "../contract/rest/activity.ts";
import { envelope, toLimitView } from "../contract/rest/common.ts";
import { allShards } from "../fleet/shard.ts";
import { createRouter, defineRoute } from "./define.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/controller/activity",
  tag: "Statistics",
  summary: "What has happened in the fleet lately",
  description: "The events of the stream, for who comes later. Each shard keeps its last 5,000 changes.",
  permission: "organization.read",
  request: { query: activityQuery },
  response: envelope(fleetActivity),
});

export const activity = createRouter();

activity.openapi(read, async (c) => {
  const { limit } = c.req.valid("query");
  const scope = organizationsOf(c.get("actor"));
  const shards = await Promise.all(allShards(c.env).map((shard) => shard.recentEvents(scope, limit.value)));
  const events = shards
    .flat()
    .sort((one, other) => other.at - one.at)
    .slice(0, limit.value);
  const items = events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }));
  const data: FleetActivity = { items, ...toLimitView(limit) };
  return c.json({ success: true as const, message: "Activity retrieved successfully", data }, 200);
});
