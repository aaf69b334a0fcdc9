import { z } from "zod";
import { ROLES } from "../../worker/contract/actor.ts";
import { organizationId } from "../../worker/contract/ids.ts";
import { newPassword, newUsername } from "../../worker/contract/people.ts";
import { hashPassword } from "../../worker/passwords.ts";
import { neonClient } from "./neon-client.ts";
import type { DatabaseSettings } from "./settings.ts";

const newUser = z.object({
  username: newUsername,
  role: z.enum(ROLES),
  organizations: z.array(organizationId),
  password: newPassword,
});

export type NewUser = z.input<typeof newUser>;

/** Stores a user who may log in. Throws a sentence for the person at the terminal. */
export async function createUser({ ownerUrl, endpoint }: DatabaseSettings, input: NewUser): Promise<string> {
  const parsed = newUser.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path[0] === undefined ? "" : `${String(issue.path[0])} `}${issue?.message ?? "invalid"}`);
  }
  const { username, role, organizations, password } = parsed.data;
  if (role === "superadmin" && organizations.length > 0) {
    throw new Error("A superadmin is not bound to organizations.");
  }
  const hash = await hashPassword(password);
  const bound = organizations.length > 0 ? JSON.stringify(organizations) : null;
  const sql = neonClient(ownerUrl, endpoint);
  const audit = JSON.stringify({ role, organizations: organizations.length > 0 ? organizations : null });
  const made = await sql`
    WITH made AS (
      INSERT INTO users (username, password_hash, role, organizations)
      VALUES (${username}, ${hash}, ${role}, ${bound}::jsonb)
      ON CONFLICT (lower(username)) DO NOTHING
      RETURNING username)
    INSERT INTO activity_logs (actor, action, target_type, target_id, after)
    SELECT 'operator:terminal', 'user.create', 'user', username, ${audit}::jsonb FROM made
    RETURNING target_id`;
  if (made.length === 0) throw new Error(`There is a user ${username} already.`);
  return username;
}
