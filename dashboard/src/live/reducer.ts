import type { ServerStreamFrame, StreamLogLine } from "../../../worker/contract/stream.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

/** How far one shard was followed. */
export interface Progress {
  epoch: string | null;
  /** Everything up to here is applied; null until the first snapshot is complete. */
  index: number | null;
  /** The ids of the chunks so far, while a snapshot is on its way. */
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

/** For the address of the next connection; null: a snapshot is needed. */
export function cursorOf({ epoch, index }: Progress): string | null {
  return epoch === null || index === null ? null : `${epoch}.${index}`;
}

/** What a frame means after what came before it; "gap" when something in between is missing. */
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
      // A newer controller may say more than this page understands.
      return step(progress, progress.index);
  }
}

function step(progress: Progress, ack: number | null = null, patch: Patch | null = null): Step {
  return { progress, patch, lines: [], ack };
}

/** The rows so far are shown at once; what the shard no longer has goes when the last chunk is here. */
function reduceSnapshot(progress: Progress, frame: Extract<ServerStreamFrame, { type: "snapshot" }>): Step | "gap" {
  if (progress.snapshot === null) return "gap";
  const rows = [...progress.snapshot.rows, frame.rows.map((row) => row.orchestrator_id)];
  const organizations = [...progress.snapshot.organizations, frame.organizations.map((row) => row.organization_id)];
  const patch = { ...EMPTY_PATCH, rows: frame.rows, organizations: frame.organizations };
  if (frame.more) return step({ ...progress, snapshot: { rows, organizations } }, frame.index, patch);
  const retain = { rows: new Set(rows.flat()), organizations: new Set(organizations.flat()) };
  return step({ epoch: progress.epoch, index: frame.index, snapshot: null }, frame.index, { ...patch, retain });
}
