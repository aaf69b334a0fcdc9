import { z } from "zod";
import { orchestratorId } from "./ids.ts";
import type { ConfigState, HealthStatus, LogLevel, Millis, Status } from "./presence.ts";
import type { FEED_EVENT_TYPES } from "./values/events.ts";
import { MAX_WATCHED } from "./values/limits.ts";

/**
 * The stream of one Fleet shard to a dashboard. An orchestrator that moves to another organization may come
 * in one shard before it goes in another: keep rows by shard. Moments are epoch milliseconds. Fields and frames may only
 * be added: a dashboard that was loaded before a deploy goes on with the new controller.
 */

/** One orchestrator. Names, sorting and filtering come from the REST lists. */
export interface StreamRow {
  orchestrator_id: string;
  organization_id: string;
  status: Status;
  connected: boolean;
  connected_at: Millis | null;
  health_status: HealthStatus;
  is_independent: boolean;
  privacy_mode: boolean;
  /** Sent anew with every transition; between those only for watched rows. */
  last_seen: Millis | null;
  config_revision: number;
  config_state: ConfigState;
  config_error: string | null;
  /** Since when the configuration has been in that state. A shard of an older release does not say. */
  config_since?: Millis | null;
  /** The revision that it last said it had applied. */
  config_running_revision?: number | null;
  /** Connected, but nothing came for a TTL. */
  silent?: boolean;
  /** Two live machines use this id. */
  contested?: boolean;
  /** Generation, epoch and sequence number, of which the greater is the newer. null: nobody knows. */
  presence_version?: readonly number[] | null;
}

/** What follows from all orchestrators of an organization; it lives in one shard whole. */
export interface StreamOrganization {
  organization_id: string;
  status: Status;
  orchestrators: number;
  connected: number;
  last_seen: Millis | null;
}

export type FeedEventType = (typeof FEED_EVENT_TYPES)[number];

/** An event that stands for those that it repeats: one orchestrator that comes and goes must not push out the others. */
export interface Repeats {
  count: number;
  /** When the first of them happened; the event itself is the last. */
  since: Millis;
  /** How often each type; coming and going is told as one. */
  types: Partial<Record<FeedEventType, number>>;
}

/** Something that happened, in order; `index` rises by one with every change of the shard. */
export interface FeedEvent {
  index: number;
  at: Millis;
  type: FeedEventType;
  orchestrator_id: string;
  organization_id: string;
  /** In few words, for example "healthy → degraded"; never a message's content. */
  detail: string | null;
  /** Absent: it happened once. The entries that it stands for are of the same orchestrator, and not before `since`. */
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
  /** First. `resumed`: what follows are deltas from the given cursor; otherwise a snapshot. */
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
  /** Newest sights of watched orchestrators; outside the order of deltas, and each replaces the one before. */
  | { type: "sights"; sights: { orchestrator_id: string; last_seen: Millis | null }[] }
  /** New lines of the controller log, for who asked for them. */
  | { type: "logs"; lines: StreamLogLine[] };

/** `watch` replaces the list before. `logs`: follow the log. Every 15 s the text `ping`, answered with `pong`. */
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

/** An orchestrator's object → Fleet: something happened that changes no row. */
export interface Announcement {
  type: Extract<FeedEventType, "message" | "message_decided">;
  orchestratorId: string;
  organizationId: string;
  detail: string | null;
}

/** The viewers of this session, or of this user. `comesBack`: only what they may see has changed. */
export interface ViewerFilter {
  session?: string;
  user?: string;
  comesBack?: boolean;
}
