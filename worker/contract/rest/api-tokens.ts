import { z } from "zod";
import { scope } from "../actor.ts";
import { nameText } from "../json.ts";
import { SCOPES } from "../values/access.ts";
import { binding, bindingView } from "./access.ts";
import { flag, maybeMoment, moment, pageQuery } from "./common.ts";

const MAX_LIFETIME_DAYS = 3_650;
const DAY_MS = 86_400_000;

export const apiTokenParams = z.object({
  key_id: z
    .string()
    .regex(/^[0-9A-Za-z]{10}$/, "must be a key id of 10 letters and digits")
    .meta({ description: "Key id of the token: its first 10 characters after the prefix", example: "a1B2c3D4e5" }),
});

export const apiTokenQuery = z.object({
  ...pageQuery,
  ended: flag("Include revoked and expired tokens"),
});

export const newApiToken = z
  .object({
    name: nameText
      .refine((name) => name.length <= 100, "must have at most 100 characters")
      .meta({ description: "A name for people", example: "nightly export" }),
    scopes: z
      .array(scope)
      .min(1)
      .max(SCOPES.length)
      .transform((scopes) => SCOPES.filter((one) => scopes.includes(one)))
      .meta({ description: "Its scopes; each includes the previous ones" }),
    organizations: binding.optional(),
    expires_at: z.iso
      .datetime({ offset: true })
      .refine((text) => Date.parse(text) > Date.now(), "must be in the future")
      .refine((text) => Date.parse(text) < Date.now() + MAX_LIFETIME_DAYS * DAY_MS, "must be within ten years")
      .nullish()
      .meta({ description: "Absent: 90 days from now. null: it does not expire" }),
  })
  .meta({ id: "NewApiToken", description: "A token for a program" });

export const apiToken = z
  .object({
    key_id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    organizations: bindingView,
    state: z.enum(["valid", "expired", "revoked", "maker_ended"]).meta({
      description: "`maker_ended`: its maker could not make it any more, so it is refused",
    }),
    created_by: z.string(),
    created_at: moment,
    expires_at: maybeMoment,
    last_used_at: maybeMoment.meta({ description: "To the minute" }),
    revoked_at: maybeMoment,
  })
  .meta({ id: "ApiToken", description: "A token of a program, without its secret" });

export const createdApiToken = apiToken.extend({
  api_token: z.string().meta({ description: "The secret itself. Shown in this answer and never again" }),
});

export type ApiTokenView = z.infer<typeof apiToken>;
export type ApiTokenQuery = z.infer<typeof apiTokenQuery>;
