import type { FeedEvent } from "../../../worker/contract/stream.ts";

type ShownEvent = Omit<FeedEvent, "index" | "type"> & { type: string };

/** Connects and disconnects count as one kind of event. */
const CONNECTION = new Set(["connected", "disconnected", "lost"]);

/** The key that a combined event shares with the events it stands for. */
export function kindOf({ type, detail }: Pick<ShownEvent, "type" | "detail">): string {
  return CONNECTION.has(type) ? "connection" : `${type} ${detail ?? ""}`;
}

/** Whether the first event includes the second, so that only one of them is shown. */
function standsFor(one: ShownEvent, other: ShownEvent): boolean {
  return (
    one.repeats !== undefined &&
    one !== other &&
    one.orchestrator_id === other.orchestrator_id &&
    kindOf(one) === kindOf(other) &&
    one.repeats.since === (other.repeats?.since ?? other.at) &&
    one.repeats.count > (other.repeats?.count ?? 1)
  );
}

/** Removes events that another one includes. */
export function withoutRepeated<T extends ShownEvent>(events: readonly T[]): readonly T[] {
  const folded = new Map<string, T[]>();
  for (const event of events) {
    if (event.repeats) folded.set(event.orchestrator_id, [...(folded.get(event.orchestrator_id) ?? []), event]);
  }
  if (folded.size === 0) return events;
  return events.filter((event) => !folded.get(event.orchestrator_id)?.some((one) => standsFor(one, event)));
}
