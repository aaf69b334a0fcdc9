import { authOf } from "../auth/stub.ts";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import { envelope } from "../contract/rest/common.ts";
import { liftAnswer, liftBody, loginThrottles } from "../contract/rest/login-throttles.ts";
import type { LoginThrottle } from "../contract/session.ts";
import { visibleNames } from "../db/users.ts";
import { noteAccess } from "../middleware/audit.ts";
import { notFound } from "../middleware/errors.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { success } from "./success.ts";

const ALL = "/api/v1/controller/login-throttles";

const list = defineRoute({
  method: "get",
  path: ALL,
  tag: "Users",
  summary: "List names and addresses that cannot log in at the moment",
  description:
    "After 5 failed attempts in 15 minutes a name is locked out at an address (after 30 where it has logged in before). After 20 at an address further attempts from there have to wait. A caller bound to organizations sees the people who share one of them.",
  permission: "user.read",
  response: envelope(loginThrottles),
  errors: ["database_unavailable"],
});

const lift = defineRoute({
  method: "post",
  path: `${ALL}/lift`,
  tag: "Users",
  summary: "Lift a login throttle",
  description: "Forgets the failed attempts of a name at an address; without a name, of all names there.",
  permission: "user.manage",
  request: { body: json(liftBody) },
  response: liftAnswer,
  errors: ["not_found", "database_unavailable"],
});

export const throttles = createRouter();

throttles.openapi(list, async (c) => {
  const found = await visibleThrottles(c.env, c.get("actor"));
  const items = found.map((one) => ({ ...one, until: new Date(one.until).toISOString() }));
  return success(c, "Login throttles retrieved successfully", { data: { items } });
});

throttles.openapi(lift, async (c) => {
  const { username, address } = c.req.valid("json");
  const found = await visibleThrottles(c.env, c.get("actor"));
  if (!found.some((one) => one.username === username && one.address === address)) throw notFound("This throttle");
  const failures = await authOf(c.env).liftThrottle(username, address);
  const target = { type: "user" as const, id: username ?? "" };
  noteAccess(c, { action: "auth.throttle_lifted", target, code: null, detail: { address, failures } });
  return success(c, "Throttle lifted successfully", { failures });
});

/** A caller bound to organizations sees the people of these, and no address as a whole. */
async function visibleThrottles(env: Env, actor: Actor): Promise<LoginThrottle[]> {
  const all = await authOf(env).throttles();
  if (organizationsOf(actor) === null) return all;
  const names = await visibleNames(env, actor, [...new Set(all.flatMap(({ username }) => username ?? []))]);
  return all.filter(({ username }) => username !== null && names.has(username));
}
