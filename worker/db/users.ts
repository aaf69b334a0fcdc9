import { and, count, eq, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf, type Role } from "../contract/actor.ts";
import type { UserQuery } from "../contract/rest/users.ts";
import { NO_PASSWORD } from "../platform/passwords.ts";
import { withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";
import { users } from "./schema.ts";
import { contains, folded } from "./text-match.ts";

const { userId, username, role, organizations, isActive, lastLogin, createdAt, updatedAt } = users;
/** The visible columns of a user: whether a password is set, but nothing of it. */
export const selection = {
  ...{ userId, username, role, organizations, isActive, lastLogin, createdAt, updatedAt },
  hasPassword: sql<boolean>`${users.passwordHash} <> ${NO_PASSWORD}`,
  isSso: sql<boolean>`${users.ssoIssuer} IS NOT NULL`,
};

const sortName = folded(username);
const order = new Keyset<{ sortName: string; userId: string }>("users", [
  { column: sql`${sortName} COLLATE "C"`, type: "text", of: (row) => row.sortName },
  { column: userId, type: "uuid", of: (row) => row.userId },
]);

export type UserRow = Omit<Awaited<ReturnType<typeof listUsers>>["rows"][number], "sortName">;

/** One page of the users the actor may see, by name. Password hashes stay in the database. */
export async function listUsers(env: Env, actor: Actor, query: UserQuery) {
  const where = and(
    visibleUsers(actor),
    query.role && eq(role, query.role),
    query.q ? contains(folded(username), query.q) : undefined,
  );
  const { after, limit, offset } = order.window(query);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select({ ...selection, sortName })
        .from(users)
        .where(and(where, after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(users).where(where),
    ]);
    return { ...order.take(read, query), total: counted?.total ?? 0 };
  });
}

/** A caller bound to organizations sees the users who share one of them. */
export function visibleUsers(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  if (ids === null) return undefined;
  return sql`${organizations} ?| ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
}

/** Returns those of these names (in lower case) whose users the actor may see. */
export async function visibleNames(env: Env, actor: Actor, names: string[]): Promise<Set<string>> {
  const given = sql`lower(${username}) IN (SELECT jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))`;
  const name = sql<string>`lower(${username})`;
  const rows = await withDatabase(env, (db) =>
    db
      .select({ name })
      .from(users)
      .where(and(given, visibleUsers(actor))),
  );
  return new Set(rows.map((row) => row.name));
}

export interface Credentials {
  username: string;
  passwordHash: string;
  role: Role;
  organizations: string[] | null;
}

/** What a login is checked against, or null. `name` is in lower case. */
export async function findCredentials(env: Env, name: string): Promise<Credentials | null> {
  const columns = { username, passwordHash: users.passwordHash, role, organizations };
  const where = and(eq(sql`lower(${username})`, name), isActive);
  const rows = await withDatabase(env, (db) => db.select(columns).from(users).where(where).limit(1));
  return rows[0] ?? null;
}

/** How many names are kept to distinguish accounts from made-up names. */
const MAX_NAMES = 10_000;

/** Every name that exists, of people who are not active too. */
export async function allUsernames(env: Env): Promise<string[]> {
  const name = sql<string>`lower(${username})`;
  const rows = await withDatabase(env, (db) => db.select({ name }).from(users).orderBy(createdAt).limit(MAX_NAMES));
  return rows.map((row) => row.name);
}

export async function recordLogin(env: Env, name: string): Promise<void> {
  await withDatabase(env, (db) =>
    db
      .update(users)
      .set({ lastLogin: new Date() })
      .where(eq(sql`lower(${username})`, name)),
  );
}
