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

/** What every answer, list and stream row says of the state of an orchestrator; `presenceShape` has the type of each. */
export const PRESENCE_FIELDS = [
  "status",
  "connected",
  "silent",
  "contested",
  "health_status",
  "is_independent",
  "privacy_mode",
  "config_revision",
  "config_state",
  "config_error",
  "config_since",
  "config_running_revision",
  "last_seen",
  "last_activity",
  "presence_version",
] as const;
