import { fold } from "../../../../common/text.ts";
import type { FeedEvent, FeedEventType } from "../../../../worker/contract/stream.ts";

/** `heartbeat` is none of the feed: it is read from the controller log, for who asks for it. */
export type ActivityType = FeedEventType | "heartbeat";

export interface ActivityEntry extends Omit<FeedEvent, "type" | "index"> {
  /** Different for every entry of the page. */
  id: string;
  type: ActivityType;
}

export interface ActivityFilter {
  /** Empty: all. */
  types: readonly ActivityType[];
  /** Part of an organization's or orchestrator's id. */
  text: string;
}

/** Every type with its words, in the order of the filter. */
export const ACTIVITY_WORDS: Record<ActivityType, string> = {
  registered: "Registered",
  connected: "Connected",
  disconnected: "Disconnected",
  lost: "Lost",
  health: "Health",
  independence: "Independence",
  config: "Configuration",
  message: "Message",
  message_decided: "Message decided",
  deregistered: "Deregistered",
  heartbeat: "Heartbeat",
};

export function isActivityType(text: string): text is ActivityType {
  return Object.hasOwn(ACTIVITY_WORDS, text);
}

/** The types that an address names; it may be written by anybody. */
export function readTypes(text: string | undefined): ActivityType[] {
  return (text ?? "").split(",").filter(isActivityType);
}

/** One more, or one less. */
export function toggleType(types: readonly ActivityType[], type: ActivityType): ActivityType[] {
  const rest = types.filter((other) => other !== type);
  return rest.length < types.length ? rest : [...rest, type];
}

export function matches(entry: ActivityEntry, { types, text }: ActivityFilter): boolean {
  if (types.length > 0 && !types.includes(entry.type)) return false;
  const needle = fold(text.trim());
  return [entry.organization_id, entry.orchestrator_id].some((id) => fold(id).includes(needle));
}
