/** The fields that organizations can be sorted by. */
export const ORGANIZATION_SORT_KEYS = [
  "name",
  "organization_id",
  "status",
  "health",
  "last_seen",
  "created_at",
  "location",
] as const;

/** Lengths of the intervals of a history of costs. */
export const GRANULARITIES = ["hour", "day", "week", "month"] as const;

/** The fields that costs can be grouped by. */
export const COST_GROUPS = ["organization", "orchestrator", "model", "provider"] as const;

/** The kinds of entries in "Needs attention", in this order when nothing else decides. */
export const ATTENTION_KINDS = [
  "duplicate_identity",
  "lost",
  "refused",
  "config_failed",
  "config_drifted",
  "config_unconfirmed",
  "unhealthy",
  "degraded",
  "messages",
  "never_connected",
  "long_lost",
] as const;
/** Listed after every failure: they wait for a person, and nothing fails meanwhile. */
export const WAITING_KINDS = ["messages"] as const;
/** At the end: nothing about them is new. */
export const STANDING_KINDS = ["never_connected", "long_lost"] as const;
/** From the least to the most severe. The database stores the position. */
export const ATTENTION_SEVERITIES = ["low", "medium", "high", "critical"] as const;
