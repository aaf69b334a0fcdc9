import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { plural } from "../../lib/numbers.ts";

/** A sentence about these events for screen readers; null: nothing worth announcing. */
export function summarize(events: readonly Pick<FeedEvent, "type" | "orchestrator_id" | "detail">[]): string | null {
  // Only the last event of each orchestrator counts.
  const connection = new Map<string, "gone" | "back">();
  const unhealthy = new Set<string>();
  const failed = new Set<string>();
  let messages = 0;
  for (const { type, orchestrator_id: id, detail } of events) {
    if (type === "lost" || type === "disconnected" || type === "deregistered") connection.set(id, "gone");
    if (type === "connected") connection.set(id, "back");
    if (type === "health") detail?.endsWith("unhealthy") ? unhealthy.add(id) : unhealthy.delete(id);
    if (type === "config" && detail?.includes("failed")) failed.add(id);
    if (type === "message") messages += 1;
  }
  const gone = [...connection].flatMap(([id, where]) => (where === "gone" ? id : []));
  const back = [...connection].flatMap(([id, where]) => (where === "back" ? id : []));
  const parts = [
    name(gone, "disconnected"),
    name([...unhealthy], "became unhealthy"),
    name([...failed], "could not apply the configuration"),
    name(back, "connected"),
    messages > 0 ? `${plural(messages, "message")} arrived` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `${parts.join(", ")}.`;
}

function name(ids: readonly string[], verb: string): string | null {
  if (ids.length === 0) return null;
  return `${ids.length === 1 ? ids[0] : `${ids.length} orchestrators`} ${verb}`;
}
