/** Words that a route has in place of an id, such as `/orchestrators/live`: such an id could not be requested. */
export const RESERVED_IDS = ["facets", "heartbeats", "ids", "live"] as const;

export const MAX_ID_CHARS = 64;

/** An id can stand in a URL, a log line and the name of a Durable Object. */
export const ID_PATTERN = new RegExp(
  `^(?!(?:${RESERVED_IDS.join("|")})$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,${MAX_ID_CHARS - 2}}[A-Za-z0-9])?$`,
);
