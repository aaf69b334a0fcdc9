import type { Millis } from "./presence.ts";

/**
 * Why connections of an id are refused. deregistered: it was, and was not registered again. duplicate_identity: two live
 * machines use it. wrong_token: none, one that is not valid, or one that is over. wrong_id: the token or the handshake is
 * that of another id. bad_handshake: none that can be read came in time. rate_limited: it connects too often.
 */
export const REFUSAL_REASONS = [
  "duplicate_identity",
  "wrong_token",
  "wrong_id",
  "bad_handshake",
  "rate_limited",
  "deregistered",
] as const;

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
