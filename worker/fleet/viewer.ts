import type { Millis } from "../contract/presence.ts";
import type { ViewerIdentity } from "../contract/session.ts";
import type { ServerStreamFrame } from "../contract/stream.ts";
import { takeToken } from "../platform/token-bucket.ts";
import { type Change, deltaOf, isEmpty, type Members, rowOf, type Scope, sees } from "./feed.ts";
import { pageAfter } from "./roster.ts";

/** Rows, and organizations, in one frame of a snapshot. */
const SNAPSHOT_ROWS = 250;
/** Changes in one delta. */
const DELTA_CHANGES = 500;
/** After this many changes that a viewer may not see, it is sent the index alone, so that it can still resume from it. */
const SILENT_CHANGES = 1_000;
/** At most five frames a second. */
export const FRAME_INTERVAL_MS = 200;
/** The most unacknowledged frames and characters of a viewer; further frames wait for an ack. */
export const WINDOW_FRAMES = 100;
export const WINDOW_CHARS = 256 * 1024;
/** A viewer whose window stays full for this long reads too slowly. */
export const SLOW_READER_MS = 10_000;

/** The state of one viewer, stored in the attachment of its socket. */
export interface ViewerState {
  who: ViewerIdentity;
  /** The index up to which it was sent changes. */
  told: number;
  /** The index up to which changes were examined; it may see none of those after `told`. */
  read: number;
  /** The last ids of the snapshot that were sent; null when it is complete. */
  snapshot: { row: string; organization: string } | null;
  /** Frames that are not acknowledged: the index that each leads to, and its length. */
  unacked: [index: number, chars: number][];
  hasAcked: boolean;
  /** Since when a frame has been waiting because the window is full. */
  blockedAt: Millis | null;
  sentAt: Millis;
  watched: string[];
  /** When the objects of the watched members were last told to report each heartbeat. */
  renewedAt: Millis;
  logs: boolean;
  strikes: number;
  /** The token bucket of watch frames. */
  tokens: number;
  tokensAt: Millis;
}

/** The changes of the shard. */
export interface Feed {
  readonly epoch: string;
  readonly index: number;
  /** Whether every change after this index is still stored. */
  covers(index: number): boolean;
  after(index: number, limit: number): Change[];
}

export interface SortedMembers extends Members {
  ids(): readonly string[];
  organizationIds(): readonly string[];
}

const WATCH_RATE = { burst: 20, perSec: 5 };

/** `from`: the index from which the viewer resumes, or null when it needs a snapshot of `index`. */
export function newViewer(who: ViewerIdentity, from: number | null, index: number, now: Millis): ViewerState {
  return {
    who,
    told: from ?? index,
    read: from ?? index,
    snapshot: from === null ? { row: "", organization: "" } : null,
    unacked: [],
    hasAcked: false,
    blockedAt: null,
    sentAt: 0,
    watched: [],
    renewedAt: 0,
    logs: false,
    strikes: 0,
    tokens: WATCH_RATE.burst,
    tokensAt: now,
  };
}

type Told = Pick<ViewerState, "told" | "read" | "snapshot">;

/**
 * The next frame of a viewer's snapshot, and the state of the viewer after it is sent. Rows are current and may be newer
 * than the index that all chunks carry; the deltas that follow contain everything that has changed since that index.
 */
export function nextChunk(state: Told & Pick<ViewerState, "who">, members: SortedMembers, size = SNAPSHOT_ROWS) {
  const { row: afterRow, organization: afterOrganization } = state.snapshot ?? { row: "", organization: "" };
  const scope = state.who.organizations;
  const mine = (id: string) => sees(scope, members.get(id)?.view.organizationId ?? "");
  const ids = pageAfter(members.ids(), afterRow, size, scope === null ? () => true : mine);
  const organizationIds = pageAfter(members.organizationIds(), afterOrganization, size, (id) => sees(scope, id));
  // Each organization has at least one member, so the list of organizations ends first.
  const more = ids.length === size;
  const frame: ServerStreamFrame = {
    type: "snapshot",
    index: state.told,
    rows: ids.flatMap((id) => {
      const member = members.get(id);
      return member ? [rowOf(member.view)] : [];
    }),
    organizations: organizationIds.flatMap((id) => members.organization(id) ?? []),
    more,
  };
  const snapshot = more
    ? { row: ids.at(-1) ?? afterRow, organization: organizationIds.at(-1) ?? afterOrganization }
    : null;
  return { frame, told: { told: state.told, read: state.read, snapshot } };
}

/** The next delta for a viewer, or null when it may see none of the new changes; and its state afterwards. */
export function nextDelta(
  state: Pick<Told, "told" | "read">,
  scope: Scope,
  feed: Feed,
  members: Members,
  limit = DELTA_CHANGES,
) {
  let { read } = state;
  while (read < feed.index) {
    const changes = feed.after(read, limit);
    const last = changes.at(-1);
    if (!last) break;
    read = last.index;
    const frame = { ...deltaOf(changes, state.told, scope, members), to: read };
    if (!isEmpty(frame) || read - state.told >= SILENT_CHANGES) {
      return { frame, told: { told: read, read, snapshot: null } };
    }
  }
  return { frame: null, told: { told: state.told, read, snapshot: null } };
}

/** Whether a frame of this length may be sent now. With nothing unacknowledged, any frame may. */
export function fitsWindow({ unacked }: Pick<ViewerState, "unacked">, chars: number): boolean {
  if (unacked.length === 0) return true;
  const onItsWay = unacked.reduce((sum, [, length]) => sum + length, 0);
  return unacked.length < WINDOW_FRAMES && onItsWay + chars <= WINDOW_CHARS;
}

/** Handles an ack: the viewer has applied everything up to this index. */
export function acknowledge(state: ViewerState, index: number): ViewerState {
  const unacked = state.unacked.filter(([upTo]) => upTo > index);
  const moved = unacked.length < state.unacked.length;
  return { ...state, unacked, hasAcked: true, blockedAt: moved ? null : state.blockedAt };
}

/** Counts a watch frame; null when there were too many. */
export function takeWatchToken(state: ViewerState, now: Millis): ViewerState | null {
  const bucket = takeToken(state, WATCH_RATE, now);
  return bucket.tokens < 0 ? null : { ...state, ...bucket };
}
