import { envelope, isoMoment, pageOf, toPage } from "../contract/rest/common.ts";
import { type UserView, user, userQuery } from "../contract/rest/users.ts";
import { listUsers, type UserRow } from "../db/users.ts";
import { createRouter, defineRoute } from "./define.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/controller/users",
  tag: "Users",
  summary: "List users",
  description: "By name. Who is bound to organizations sees those who share one of them.",
  permission: "user.read",
  request: { query: userQuery },
  response: envelope(pageOf(user)),
  errors: ["database_unavailable"],
});

export const users = createRouter();

users.openapi(list, async (c) => {
  const query = c.req.valid("query");
  const { rows, total } = await listUsers(c.env, c.get("actor"), query);
  const data = toPage(rows.map(toUser), total, query);
  return c.json({ success: true as const, message: "Users retrieved successfully", data }, 200);
});

function toUser(row: UserRow): UserView {
  return {
    user_id: row.userId,
    username: row.username,
    role: row.role,
    organizations: row.organizations,
    is_active: row.isActive,
    last_login: isoMoment(row.lastLogin),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
