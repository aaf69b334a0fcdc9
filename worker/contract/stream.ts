import { z } from "zod";
import { orchestratorId } from "./ids.ts";
import type { LogLevel, Millis, Status, WirePresence } from "./presence.ts";
import type { FEED_EVENT_TYPES } from "./values/events.ts";
import { MAX_WATCHED } from "./values/limits.ts";

/**
 * The stream of one Fleet shard to a dashboard. An orchestrator that moves to another organization may appear in one
 * shard before it disappears from another: keep rows by shard. Moments are epoch milliseconds. Fields and frames may
 * only be added, because a dashboard that was loaded before a deploy uses the new controller.
 */

/**
 * One orchestrator. `last_seen` is sent with every transition; between transitions only for watched rows. Names, sorting
 * and filtering come from the REST lists.
 */
export interface StreamRow extends Omit<WirePresence<Millis | null>, "last_activity"> {
  orchestrator_id: string;
  organization_id: string;
  connected_at: Millis | null;
}

/** The aggregate of all orchestrators of an organization, which one shard holds whole. */
export interface StreamOrganization {
  organization_id: string;
  status: Status;
  orchestrators: number;
  connected: number;
  last_seen: Millis | null;
}

export type FeedEventType = (typeof FEED_EVENT_TYPES)[number];

/** An event that stands for its repeats: one orchestrator that comes and goes must not push out the others. */
export interface Repeats {
  count: number;
  /** When the first of them happened; the event itself is the last. */
  since: Millis;
  /** The count of each type; connects and disconnects are shown as one. */
  types: Partial<Record<FeedEventType, number>>;
}

/** An event, in order; `index` rises by one with every change of the shard. */
export interface FeedEvent {
  index: number;
  at: Millis;
  type: FeedEventType;
  orchestrator_id: string;
  organization_id: string;
  /** A short text, for example "healthy → degraded"; never a message's content. */
  detail: string | null;
  /** Absent: it happened once. The entries that it stands for have the same orchestrator and are not before `since`. */
  repeats?: Repeats;
}

export interface StreamLogLine {
  at: Millis;
  level: LogLevel;
  message: string;
  orchestrator_id: string | null;
  count: number;
}

export type ServerStreamFrame =
  /** The first frame. `resumed`: deltas from the given cursor follow; otherwise a snapshot. */
  | { type: "hello"; epoch: string; index: number; shard: number; shards: number; resumed: boolean }
  /** In chunks of at most 500 rows; the last one says `more: false`. Then deltas from `index` on. */
  | { type: "snapshot"; index: number; rows: StreamRow[]; organizations: StreamOrganization[]; more: boolean }
  /** Everything after `from` up to `to`. `from` is the `to` of the frame before; anything else is a gap. */
  | {
      type: "delta";
      from: number;
      to: number;
      rows: StreamRow[];
      removed: string[];
      organizations: StreamOrganization[];
      removed_organizations: string[];
      events: FeedEvent[];
    }
  /** The newest state of watched orchestrators, outside the order of deltas. Each replaces the previous one. */
  | { type: "sights"; sights: { orchestrator_id: string; last_seen: Millis | null }[] }
  /** New lines of the controller log, for viewers that asked for them. */
  | { type: "logs"; lines: StreamLogLine[] };

/** `watch` replaces the previous list. `logs`: follow the log. Every 15 s the text `ping`, answered with `pong`. */
export const clientStreamFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("watch"),
    orchestrator_ids: z.array(orchestratorId).max(MAX_WATCHED),
    logs: z.boolean().default(false),
  }),
  /** The viewer has applied everything up to `index`. Sent for every frame, the chunks of a snapshot included. */
  z.object({ type: z.literal("ack"), index: z.int().min(0) }),
]);
export type ClientStreamFrame = z.input<typeof clientStreamFrame>;

/** An orchestrator's object → Fleet: an event that changes no row. */
export interface Announcement {
  type: Extract<FeedEventType, "message" | "message_decided">;
  orchestratorId: string;
  organizationId: string;
  detail: string | null;
}

/** The viewers of this session, or of this user. `comesBack`: only their access has changed. */
export interface ViewerFilter {
  session?: string;
  user?: string;
  comesBack?: boolean;
}
