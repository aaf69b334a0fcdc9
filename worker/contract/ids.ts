import { z } from "zod";

/**
 * An id can stand in a URL, a log line and a Durable Object name. Words that stand in the place of an id in
 * some route, such as `/orchestrators/live`, are no ids: whoever had one could not be asked for.
 */
export const ID_PATTERN = /^(?!(?:facets|heartbeats|ids|live)$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

const ID_RULE =
  "must be 1–64 letters, digits, dots, underscores or hyphens, begin and end with a letter or digit, and be none of the reserved words facets, heartbeats, ids and live";

export const orchestratorId = z
  .string()
  .regex(ID_PATTERN, ID_RULE)
  .meta({ description: "Orchestrator id", example: "org-002" });
export const organizationId = z
  .string()
  .regex(ID_PATTERN, ID_RULE)
  .meta({ description: "Organization id", example: "org-002" });
