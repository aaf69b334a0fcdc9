import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "./values/codes.ts";

const ERROR_CODES = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

export const errorDetail = z
  .object({
    path: z.string().meta({ description: "The place in the request, as a JSON pointer", example: "/body/name" }),
    code: z.string().meta({ example: "too_big" }),
    message: z.string(),
  })
  .meta({ id: "ErrorDetail", description: "One problem of the request" });

const accepted = z.boolean().meta({
  description:
    "Always there with `database_unavailable`, and with any other error after part of a change is kept. `true`: the change is kept and will be finished without another request. `false`: the controller does not go on with it, so send it again. When the database was lost in the middle of a statement, that statement may have taken effect all the same. Absent: the change was refused, or nobody knows",
});

export const errorEnvelope = z
  .object({
    success: z.literal(false),
    message: z.string().meta({ description: "What went wrong, for people" }),
    error: z.object({
      code: z.enum(ERROR_CODES).meta({ description: "What went wrong, for programs" }),
      request_id: z.string().meta({ description: "The X-Request-Id of this response" }),
      details: z.array(errorDetail),
      accepted: accepted.optional(),
      current: z.record(z.string(), z.unknown()).optional().meta({
        description: "With `version_conflict`: the stored state, which is not the one that the edit expected",
      }),
    }),
  })
  .meta({ id: "Error", description: "Every answer that is not a success" });

/** Whether the controller will finish a change without another request. */
export type Accepted = z.infer<typeof accepted>;
export type ErrorDetail = z.infer<typeof errorDetail>;
export type ErrorEnvelope = z.infer<typeof errorEnvelope>;
