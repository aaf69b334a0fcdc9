import { z } from "zod";
import { ID_PATTERN, MAX_ID_CHARS, RESERVED_IDS } from "./values/ids.ts";

const ID_RULE = `must be 1–${MAX_ID_CHARS} letters, digits, dots, underscores or hyphens, begin and end with a letter or digit, and be none of the reserved words ${new Intl.ListFormat("en-GB").format(RESERVED_IDS)}`;

export const orchestratorId = z
  .string()
  .regex(ID_PATTERN, ID_RULE)
  .meta({ description: "Orchestrator id", example: "org-002" });
export const organizationId = z
  .string()
  .regex(ID_PATTERN, ID_RULE)
  .meta({ description: "Organization id", example: "org-002" });
