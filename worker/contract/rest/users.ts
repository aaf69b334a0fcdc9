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
      description:
        "Logs in with single sign-on: role and organizations come from there at each login, and there is no password",
    }),
    last_login: maybeMoment,
    created_at: moment,
    updated_at: moment,
    edit_version: z.int().meta({ description: "Rises with each change: what an edit expects" }),
  })
  .meta({ id: "User", description: "Somebody who may log in" });

export const userParams = z.object({ user_id: z.uuid().meta({ description: "Id of a user" }) });

export const newUser = z
  .object({ username: newUsername, role, organizations: binding.optional() })
  .meta({ id: "NewUser", description: "Somebody who may log in once a password is set by an invite link" });

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
  .meta({ id: "UserChange", description: "What is to change; absent fields stay" });

export const newLink = z
  .object({ purpose: z.enum(["invite", "reset"]).meta({ description: "What the link is for" }) })
  .meta({ id: "NewLink", description: "A link with which a person sets a password, once" });

export const createdLink = z
  .object({
    purpose: z.enum(["invite", "reset"]),
    link: z.string().meta({ description: "Path and fragment at this controller. It is shown this once" }),
    expires_at: moment,
  })
  .meta({ id: "OneTimeLink", description: "A link with which a person sets a password, once" });

export type UserView = z.infer<typeof user>;
export type UserQuery = z.infer<typeof userQuery>;
