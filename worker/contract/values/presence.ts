export const STATUSES = ["active", "inactive", "independent"] as const;
export const HEALTH_STATUSES = ["healthy", "degraded", "unhealthy", "unknown"] as const;
/** From the best to the worst. */
export const HEALTH_ORDER = ["healthy", "unknown", "degraded", "unhealthy"] as const satisfies Health[];

type Health = (typeof HEALTH_STATUSES)[number];

/**
 * How far the desired configuration of one orchestrator has come. none: nothing was published. queued: it will be told
 * with its next frame or handshake, or when independence ends. sent: told; clients that never confirm stay there.
 * applying, applied, failed: the last word of this session about it. unconfirmed: an earlier session said that it was
 * applying it or had applied it, and this one has said nothing. drifted: it says that it runs another one.
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

/** From the state that needs a person least to the one that does most. */
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
