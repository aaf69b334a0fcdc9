import type { FeedEvent } from "../../../worker/contract/stream.ts";

type Told = Omit<FeedEvent, "index" | "type"> & { type: string };

/** Coming and going is told as one, whatever is said of it. */
const CONNECTION = new Set(["connected", "disconnected", "lost"]);

/** What an event that stands for many has in common with those that it stands for. */
export function kindOf({ type, detail }: Pick<Told, "type" | "detail">): string {
  return CONNECTION.has(type) ? "connection" : `${type} ${detail ?? ""}`;
}

/** Whether the first stands for the second as well, so that only one of them is to be shown. */
function standsFor(one: Told, other: Told): boolean {
  return (
    one.repeats !== undefined &&
    one !== other &&
    one.orchestrator_id === other.orchestrator_id &&
    kindOf(one) === kindOf(other) &&
    one.repeats.since === (other.repeats?.since ?? other.at) &&
    one.repeats.count > (other.repeats?.count ?? 1)
  );
}

/** Without those that another one stands for. */
export function withoutRepeated<T extends Told>(events: readonly T[]): readonly T[] {
  const folded = new Map<string, T[]>();
  for (const event of events) {
    if (event.repeats) folded.set(event.orchestrator_id, [...(folded.get(event.orchestrator_id) ?? []), event]);
  }
  if (folded.size === 0) return events;
  return events.filter((event) => !folded.get(event.orchestrator_id)?.some((one) => standsFor(one, event)));
}
