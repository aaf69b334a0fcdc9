import type { ConfigState } from "../../lib/api.ts";

/** Configuration states, the one that needs somebody most first. */
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

/** In these states it matters how long it has been there. */
export function hasAge(state: ConfigState): boolean {
  return state === "applying" || state === "drifted" || state === "unconfirmed";
}
