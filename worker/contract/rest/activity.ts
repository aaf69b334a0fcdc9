import { z } from "zod";
import { orchestratorId, organizationId } from "../ids.ts";
import { FEED_EVENT_TYPES } from "../values/events.ts";
import { MAX_LIMIT } from "../values/limits.ts";
import { cappedLimit, extentView, limitView, moment, nextCursor, timelineCursorQuery } from "./common.ts";

export const activityQuery = z.object({
  limit: cappedLimit(MAX_LIMIT, 200, "Newest events to return"),
  ...timelineCursorQuery,
});

export const fleetActivity = z
  .object({
    items: z.array(
      z.object({
        index: z.int().meta({ description: "As in the stream; with the orchestrator's id it names the event" }),
        at: moment,
        type: z.enum(FEED_EVENT_TYPES),
        orchestrator_id: orchestratorId,
        organization_id: organizationId,
        count: z
          .int()
          .meta({ description: "How many events it stands for; more than 1 for repeats, of which it is the last" }),
        first_at: moment.meta({ description: "When the first of them happened" }),
        types: z.partialRecord(z.enum(FEED_EVENT_TYPES), z.int()).meta({ description: "How often each type" }),
        detail: z.string().nullable().meta({ description: "A short text; never a message's content" }),
      }),
    ),
    total: z
      .int()
      .nullable()
      .meta({ description: "The number of stored events; null: unknown for some seconds during a deploy" }),
    ...limitView,
    ...extentView,
    next_cursor: nextCursor,
  })
  .meta({
    id: "FleetActivity",
    description: "The newest events of the fleet, newest first, as far as the shards still keep them for the stream",
  });

export type FleetActivity = z.infer<typeof fleetActivity>;
