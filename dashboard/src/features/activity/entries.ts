import type { FeedEvent, StreamLogLine } from "../../../../worker/contract/stream.ts";
import { kindOf, withoutRepeated } from "../../live/repeats.ts";
import type { ActivityEntry } from "./filter.ts";

/** How many entries the page keeps; older ones are dropped. */
export const CAPACITY = 1000;

export function fromEvent({ index, ...event }: FeedEvent): ActivityEntry {
  // Each shard counts separately, and an orchestrator is in one shard. A repeated event stays the same entry.
  const name = event.repeats ? `${kindOf(event)} since ${event.repeats.since}` : index;
  return { ...event, id: `${event.orchestrator_id} ${name}` };
}

const BEAT = /^\[C-OCS\] (Processing|Ignoring) heartbeat from /;

/** Extracts the heartbeats from lines of the controller log. */
export function fromLog(
  lines: readonly StreamLogLine[],
  organizationOf: (orchestratorId: string) => string | undefined,
): ActivityEntry[] {
  return lines.flatMap((line): ActivityEntry[] => {
    const kind = BEAT.exec(line.message)?.[1];
    const organization = line.orchestrator_id === null ? undefined : organizationOf(line.orchestrator_id);
    if (kind === undefined || line.orchestrator_id === null || organization === undefined) return [];
    const beats = line.count === 1 ? "1 heartbeat" : `${line.count} heartbeats`;
    return [
      {
        id: `${line.orchestrator_id} ${kind} ${line.at}`,
        at: line.at,
        type: "heartbeat",
        orchestrator_id: line.orchestrator_id,
        organization_id: organization,
        detail: kind === "Processing" ? beats : `${beats}, not recorded while independent`,
      },
    ];
  });
}

/** Merges entries, newest first, without duplicates: after an interruption the stream may send a log again. */
export function mergeEntries(known: readonly ActivityEntry[], more: readonly ActivityEntry[]): ActivityEntry[] {
  const byId = new Map<string, ActivityEntry>();
  for (const entry of [...known, ...more]) {
    const before = byId.get(entry.id);
    if (!before || entry.at > before.at) byId.set(entry.id, entry);
  }
  return withoutRepeated([...byId.values()])
    .toSorted((one, other) => other.at - one.at)
    .slice(0, CAPACITY);
}
