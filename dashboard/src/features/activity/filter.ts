import { fold } from "../../../../common/text.ts";
import type { FeedEvent, FeedEventType } from "../../../../worker/contract/stream.ts";
import { capitalize } from "../../lib/capital.ts";
import { formatCount } from "../../lib/numbers.ts";

/** `heartbeat` is not an event of the feed; the page reads heartbeats from the controller log on request. */
export type ActivityType = FeedEventType | "heartbeat";

export interface ActivityEntry extends Omit<FeedEvent, "type" | "index"> {
  /** Unique within the page. */
  id: string;
  type: ActivityType;
}

export interface ActivityFilter {
  /** Empty: all types. */
  types: readonly ActivityType[];
  /** A part of an organization or orchestrator ID. */
  text: string;
}

/** The label of every type, in the order of the filter. */
export const ACTIVITY_WORDS: Record<ActivityType, string> = {
  registered: "Registered",
  connected: "Connected",
  disconnected: "Disconnected",
  lost: "Connection lost",
  health: "Health",
  independence: "Independence",
  config: "Configuration",
  message: "Message",
  message_decided: "Message decided",
  deregistered: "Deregistered",
  heartbeat: "Heartbeat",
};

/** "healthy → degraded", or "Connected 612 times, disconnected 612 times since 13:02:11". `clock` writes a moment. */
export function detailOf(
  entry: Pick<ActivityEntry, "detail" | "repeats">,
  clock: (at: number) => string,
): string | null {
  const { detail, repeats } = entry;
  if (!repeats) return detail;
  const counts = Object.entries(repeats.types).map(([type, count]) => [type, count] as const);
  const words =
    counts.length > 1
      ? counts
          .map(([type, count]) => `${isActivityType(type) ? ACTIVITY_WORDS[type].toLowerCase() : type} ${times(count)}`)
          .join(", ")
      : times(repeats.count);
  const said = detail === null || counts.length > 1 ? words : `${detail}, ${words}`;
  return `${capitalize(said)} since ${clock(repeats.since)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${formatCount(count)} times`;
}

export function isActivityType(text: string): text is ActivityType {
  return Object.hasOwn(ACTIVITY_WORDS, text);
}

/** Reads the types from the address, which is untrusted. */
export function readTypes(text: string | undefined): ActivityType[] {
  return (text ?? "").split(",").filter(isActivityType);
}

/** Adds the type, or removes it. */
export function toggleType(types: readonly ActivityType[], type: ActivityType): ActivityType[] {
  const rest = types.filter((other) => other !== type);
  return rest.length < types.length ? rest : [...rest, type];
}

export function matches(entry: ActivityEntry, { types, text }: ActivityFilter): boolean {
  const own = [entry.type, ...Object.keys(entry.repeats?.types ?? {})];
  if (types.length > 0 && !types.some((type) => own.includes(type))) return false;
  const needle = fold(text.trim());
  return [entry.organization_id, entry.orchestrator_id].some((id) => fold(id).includes(needle));
}
