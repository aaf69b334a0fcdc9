/** Words that stand in the place of an id in some route, such as `/orchestrators/live`: an orchestrator called so could not be asked for. */
export const RESERVED_IDS = ["facets", "heartbeats", "ids", "live"] as const;

export const MAX_ID_CHARS = 64;

/** An id can stand in a URL, a log line and the name of a Durable Object. */
export const ID_PATTERN = new RegExp(
  `^(?!(?:${RESERVED_IDS.join("|")})$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,${MAX_ID_CHARS - 2}}[A-Za-z0-9])?$`,
);
