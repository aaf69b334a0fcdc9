import type { ServerStreamFrame, StreamLogLine } from "../../../worker/contract/stream.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

/** How far the page has followed a shard. */
export interface Progress {
  epoch: string | null;
  /** The index of the last applied change; null until the first snapshot is complete. */
  index: number | null;
  /** The IDs of the chunks so far, while a snapshot is being received. */
  snapshot: { rows: readonly string[][]; organizations: readonly string[][] } | null;
}

export const NO_PROGRESS: Progress = { epoch: null, index: null, snapshot: null };

export interface Step {
  progress: Progress;
  patch: Patch | null;
  lines: readonly StreamLogLine[];
  /** The index to acknowledge, or null. */
  ack: number | null;
}

/** The cursor for the next connection; null: it needs a snapshot. */
export function cursorOf({ epoch, index }: Progress): string | null {
  return epoch === null || index === null ? null : `${epoch}.${index}`;
}

/** Applies a frame to the progress; "gap" when frames are missing in between. */
export function reduceFrame(progress: Progress, frame: ServerStreamFrame): Step | "gap" {
  switch (frame.type) {
    case "hello":
      if (!frame.resumed) {
        return step({ epoch: frame.epoch, index: null, snapshot: { rows: [], organizations: [] } });
      }
      return frame.epoch === progress.epoch && progress.index !== null ? step(progress) : "gap";
    case "snapshot":
      return reduceSnapshot(progress, frame);
    case "delta":
      if (frame.from !== progress.index) return "gap";
      return step({ ...progress, index: frame.to }, frame.to, {
        ...EMPTY_PATCH,
        rows: frame.rows,
        removed: frame.removed,
        organizations: frame.organizations,
        removedOrganizations: frame.removed_organizations,
        events: frame.events,
      });
    case "sights":
      return step(progress, progress.index, { ...EMPTY_PATCH, sights: frame.sights });
    case "logs":
      return { ...step(progress, progress.index), lines: frame.lines };
    default:
      // A newer controller may send frames that this page does not support.
      return step(progress, progress.index);
  }
}

function step(progress: Progress, ack: number | null = null, patch: Patch | null = null): Step {
  return { progress, patch, lines: [], ack };
}

/** Rows are shown as chunks arrive; rows that the shard no longer has are removed after the last chunk. */
function reduceSnapshot(progress: Progress, frame: Extract<ServerStreamFrame, { type: "snapshot" }>): Step | "gap" {
  if (progress.snapshot === null) return "gap";
  const rows = [...progress.snapshot.rows, frame.rows.map((row) => row.orchestrator_id)];
  const organizations = [...progress.snapshot.organizations, frame.organizations.map((row) => row.organization_id)];
  const patch = { ...EMPTY_PATCH, rows: frame.rows, organizations: frame.organizations };
  if (frame.more) return step({ ...progress, snapshot: { rows, organizations } }, frame.index, patch);
  const retain = { rows: new Set(rows.flat()), organizations: new Set(organizations.flat()) };
  return step({ epoch: progress.epoch, index: frame.index, snapshot: null }, frame.index, { ...patch, retain });
}
