import { z } from "zod";
import { role } from "../actor.ts";
import { newUsername } from "../people.ts";
import { binding, bindingView } from "./access.ts";
import { expectedVersion, maybeMoment, moment, pageQuery, searchText } from "./common.ts";

export const userQuery = z.object({
  ...pageQuery,
  role: role.optional().meta({ description: "Only users of this role" }),
  q: searchText.meta({ description: "Part of the name" }),
});

export const user = z
  .object({
    user_id: z.string(),
    username: z.string(),
    role,
    organizations: bindingView,
    is_active: z.boolean().meta({ description: "May log in" }),
    has_password: z.boolean().meta({ description: "false: invited, and has not set a password yet" }),
    is_sso: z.boolean().meta({
      description: "Logs in with single sign-on, which sets role and organizations at each login; has no password",
    }),
    last_login: maybeMoment,
    created_at: moment,
    updated_at: moment,
    edit_version: z.int().meta({ description: "Rises with each change; an edit sends it as `expected_version`" }),
  })
  .meta({ id: "User", description: "A user" });

export const userParams = z.object({ user_id: z.uuid().meta({ description: "Id of a user" }) });

export const newUser = z
  .object({ username: newUsername, role, organizations: binding.optional() })
  .meta({ id: "NewUser", description: "A user who can log in after setting a password with an invite link" });

export const userChange = z
  .object({
    role: role.optional(),
    organizations: binding.optional().meta({ description: "Absent: unchanged" }),
    is_active: z.boolean().optional().meta({ description: "May log in" }),
    expected_version: expectedVersion,
  })
  .refine(
    ({ expected_version: _, ...change }) => Object.values(change).some((value) => value !== undefined),
    "must change something",
  )
  .meta({ id: "UserChange", description: "The fields to change; absent fields stay" });

export const newLink = z
  .object({ purpose: z.enum(["invite", "reset"]).meta({ description: "What the link is for" }) })
  .meta({ id: "NewLink", description: "A one-time link to set a password" });

export const createdLink = z
  .object({
    purpose: z.enum(["invite", "reset"]),
    link: z.string().meta({ description: "Path and fragment at this controller. Only this answer contains it" }),
    expires_at: moment,
  })
  .meta({ id: "OneTimeLink", description: "A one-time link to set a password" });

export type UserView = z.infer<typeof user>;
export type UserQuery = z.infer<typeof userQuery>;
