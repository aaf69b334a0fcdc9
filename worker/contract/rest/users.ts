import { z } from "zod";
import { role } from "../actor.ts";
import { maybeMoment, moment, pageQuery, searchText } from "./common.ts";

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
    organizations: z.array(z.string()).nullable().meta({ description: "Bound to these only; null: sees all" }),
    is_active: z.boolean().meta({ description: "May log in" }),
    last_login: maybeMoment,
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "User", description: "Somebody who may log in" });

export type UserView = z.infer<typeof user>;
export type UserQuery = z.infer<typeof userQuery>;
