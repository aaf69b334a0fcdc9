export const MESSAGE_TYPES = ["recommendation", "monitoring"] as const;
export const MESSAGE_STATUSES = ["pending", "accepted", "dismissed"] as const;
/** outbound: controller to orchestrator. */
export const DIRECTIONS = ["inbound", "outbound"] as const;
export const DECISIONS = ["accepted", "dismissed"] as const satisfies readonly (typeof MESSAGE_STATUSES)[number][];
/** The known severities of a message, the most severe first. Metadata is free: others are shown unchanged. */
export const MESSAGE_SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
