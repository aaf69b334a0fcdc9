/** What a configuration consists of. */
export const CONFIG_PARTS = ["features", "settings", "policies"] as const;

/** The setting of the dashboard's form that says after how many minutes without a request a session ends. */
export const SESSION_TIMEOUT_SETTING = "session_timeout_minutes";

/** No object in a request may have a key of this name: JavaScript would not take it for a plain key. */
export const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];
