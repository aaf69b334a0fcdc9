import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { plural } from "../../lib/numbers.ts";

/** What somebody who cannot see the page should hear of these events, or null: nothing worth a word. */
export function summarize(events: readonly Pick<FeedEvent, "type" | "orchestrator_id" | "detail">[]): string | null {
  // Of each only the last: who left and came back is there.
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
