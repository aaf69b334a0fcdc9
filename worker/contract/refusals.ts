import type { Millis } from "./presence.ts";
import type { REFUSAL_REASONS } from "./values/codes.ts";

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Where a refused connection came from, as far as that is known. */
export interface RefusalSource {
  address: string | null;
}

/** Connections of one id that were refused for one reason, since the last report of them. */
export interface RefusalReport extends RefusalSource {
  orchestratorId: string;
  /** null: nobody knows this id. */
  organizationId: string | null;
  reason: RefusalReason;
  count: number;
  since: Millis;
  lastAt: Millis;
}

/** How an object tells the Worker why it refused an upgrade. */
export const REFUSAL_HEADER = "X-Moolai-Refusal";

/** Who stopped trying so long ago needs nobody's attention any more. */
export const REFUSAL_KEPT_MS = 10 * 60_000;
