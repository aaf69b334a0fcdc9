/** What organizations can be sorted by. */
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

/** What costs can be grouped by. */
export const COST_GROUPS = ["organization", "orchestrator", "model", "provider"] as const;

/** What needs a person, in this order when nothing else tells two entries apart. */
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
/** Only after everything that is out of order: they wait for somebody, and nothing fails meanwhile. */
export const WAITING_KINDS = ["messages"] as const;
/** At the end: nothing about them is new. */
export const STANDING_KINDS = ["never_connected", "long_lost"] as const;
/** From the least to the most severe: the place counts in the database. */
export const ATTENTION_SEVERITIES = ["low", "medium", "high", "critical"] as const;
