export const FEED_EVENT_TYPES = [
  "registered",
  "connected",
  "disconnected",
  "lost",
  "health",
  "independence",
  "config",
  "deregistered",
  "message",
  "message_decided",
] as const;

export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
