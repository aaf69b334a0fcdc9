import type { Millis } from "./presence.ts";
import type { REFUSAL_REASONS } from "./values/codes.ts";

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** The source of a refused connection, as far as known. */
export interface RefusalSource {
  address: string | null;
}

/** Refused connections of one id for one reason, since the last report of them. */
export interface RefusalReport extends RefusalSource {
  orchestratorId: string;
  /** null: the id is unknown. */
  organizationId: string | null;
  reason: RefusalReason;
  count: number;
  since: Millis;
  lastAt: Millis;
}

/** The header with which an object tells the Worker why it refused an upgrade. */
export const REFUSAL_HEADER = "X-Moolai-Refusal";

/** An attempt so long ago needs no attention any more. */
export const REFUSAL_KEPT_MS = 10 * 60_000;
