/** The parts of a configuration. */
export const CONFIG_PARTS = ["features", "settings", "policies"] as const;

/** The setting of the dashboard's form for the idle time in minutes after which a session ends. */
export const SESSION_TIMEOUT_SETTING = "session_timeout_minutes";

/** Keys that no object in a request may have, because JavaScript treats them specially. */
export const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];
