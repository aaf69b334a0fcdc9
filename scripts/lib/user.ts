import { z } from "zod";
import { organizationId } from "../../worker/contract/ids.ts";
import { newPassword, newUsername } from "../../worker/contract/people.ts";
import { ROLES } from "../../worker/contract/values/access.ts";
import { hashNewPassword } from "../../worker/platform/new-password.ts";
import { neonClient } from "./neon-client.ts";
import type { DatabaseSettings } from "./settings.ts";

const person = z
  .object({
    username: newUsername,
    role: z.enum(ROLES, { error: `must be one of ${ROLES.join(", ")}` }),
    organizations: z.array(organizationId),
  })
  .refine(({ role, organizations }) => role !== "superadmin" || organizations.length === 0, {
    path: ["organizations"],
    message: "must be none for a superadmin",
  });
const credential = z.object({ password: newPassword });

export type Person = z.output<typeof person>;

/** Throws a sentence for the person at the terminal, before a password is asked for. */
export function personFrom(input: { [name in keyof Person]: unknown }): Person {
  return parse(person, input);
}

/** Throws a sentence when one of them does not exist: who is bound to a mistyped organization would see nothing. */
export async function assertOrganizations(
  { ownerUrl, endpoint }: DatabaseSettings,
  organizations: readonly string[],
): Promise<void> {
  if (organizations.length === 0) return;
  const sql = neonClient(ownerUrl, endpoint);
  const found = await sql`SELECT organization_id FROM organizations WHERE organization_id = ANY(${organizations})`;
  const known = new Set(found.map((row) => row.organization_id));
  const missing = organizations.filter((id) => !known.has(id));
  if (missing.length > 0) {
    throw new Error(
      `There is no organization ${missing.join(", ")} in this database. Correct the id, or add the organization first (in the dashboard: Organizations → Add organization).`,
    );
  }
}

/** Stores a user who may log in. Throws a sentence for the person at the terminal. */
export async function createUser(
  { ownerUrl, endpoint }: DatabaseSettings,
  input: Person & z.input<typeof credential>,
): Promise<string> {
  const { username, role, organizations } = personFrom(input);
  const { password } = parse(credential, input);
  const made = await hashNewPassword(password, username);
  if (!made.ok) throw new Error(`The password ${made.problem}`);
  const bound = organizations.length > 0 ? JSON.stringify(organizations) : null;
  const sql = neonClient(ownerUrl, endpoint);
  const audit = JSON.stringify({ role, organizations: organizations.length > 0 ? organizations : null });
  const created = await sql`
    WITH made AS (
      INSERT INTO users (username, password_hash, role, organizations)
      VALUES (${username}, ${made.hash}, ${role}, ${bound}::jsonb)
      ON CONFLICT (lower(username)) DO NOTHING
      RETURNING username)
    INSERT INTO activity_logs (actor, action, target_type, target_id, after)
    SELECT 'operator:terminal', 'user.create', 'user', username, ${audit}::jsonb FROM made
    RETURNING target_id`;
  if (created.length === 0) throw new Error(`There is a user ${username} already.`);
  return username;
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`The ${String(issue?.path[0] ?? "user")} ${issue?.message ?? "is invalid"}.`);
}
