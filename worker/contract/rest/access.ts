import { z } from "zod";
import { organizationId } from "../ids.ts";

/** The organizations of a person or token, in a request. */
export const binding = z
  .array(organizationId)
  .min(1)
  .max(100)
  .transform((ids) => [...new Set(ids)].sort())
  .nullable()
  .meta({ description: "Bound to these organizations only; null: sees all. Absent: as the caller" });

/** The organizations in an answer. */
export const bindingView = z
  .array(z.string())
  .nullable()
  .meta({ description: "Bound to these organizations only, as far as the caller may see them; null: sees all" });
