export const STATUSES = ["active", "inactive", "independent"] as const;
export const HEALTH_STATUSES = ["healthy", "degraded", "unhealthy", "unknown"] as const;
/** From the best to the worst. */
export const HEALTH_ORDER = ["healthy", "unknown", "degraded", "unhealthy"] as const satisfies Health[];

type Health = (typeof HEALTH_STATUSES)[number];

/**
 * The state of the desired configuration at one orchestrator. none: nothing was published. queued: sent with its next
 * frame or handshake, or when independence ends. sent: sent, and not confirmed. applying, applied, failed: the last
 * report of this session. unconfirmed: an earlier session reported applying or applied, this one has not reported.
 * drifted: it reports another revision.
 */
export const CONFIG_STATES = [
  "none",
  "queued",
  "sent",
  "applying",
  "applied",
  "unconfirmed",
  "drifted",
  "failed",
] as const;

/** From the state that needs a person least to the one that needs one most. */
export const CONFIG_ORDER = [
  "none",
  "applied",
  "sent",
  "unconfirmed",
  "queued",
  "applying",
  "drifted",
  "failed",
] as const satisfies (typeof CONFIG_STATES)[number][];
