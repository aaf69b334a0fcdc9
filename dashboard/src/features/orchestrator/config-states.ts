import type { ConfigState } from "../../lib/api.ts";

/** Configuration states, the most urgent first. */
export const URGENCY: readonly ConfigState[] = [
  "failed",
  "drifted",
  "applying",
  "queued",
  "unconfirmed",
  "sent",
  "applied",
  "none",
];

/** Whether the age of the state is worth showing. */
export function hasAge(state: ConfigState): boolean {
  return state === "applying" || state === "drifted" || state === "unconfirmed";
}
