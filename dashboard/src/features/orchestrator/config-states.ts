import { CONFIG_ORDER } from "../../../../worker/contract/values/presence.ts";
import type { ConfigState } from "../../lib/api.ts";

/** Configuration states, the most urgent first. */
export const URGENCY: readonly ConfigState[] = CONFIG_ORDER.toReversed();

/** Whether the age of the state is worth showing. */
export function hasAge(state: ConfigState): boolean {
  return state === "applying" || state === "drifted" || state === "unconfirmed";
}
