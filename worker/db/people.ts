import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Actor, Role } from "../contract/actor.ts";
import type { MakerFacts } from "../contract/makers.ts";
import { NO_PASSWORD } from "../platform/passwords.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { withDatabase } from "./client.ts";
import { hasGoodMaker, makerOf } from "./makers.ts";
import { oneTimeLinks, users } from "./schema.ts";
import { selection, type UserRow, visibleUsers } from "./users.ts";

/** The access of a person. */
export interface UserAccess {
  role: Role;
  organizations: string[] | null;
  isActive: boolean;
}

/** A user by id, if the actor may see them. */
export async function findUser(env: Env, actor: Actor, userId: string): Promise<UserRow | null> {
  const where = and(eq(users.userId, userId), visibleUsers(actor));
  const [row] = await withDatabase(env, (db) => db.select(selection).from(users).where(where));
  return row ?? null;
}

interface NewUser {
  userId: string;
  username: string;
  role: Role;
  organizations: string[] | null;
}

/** Creates a user without a password and the audit row in one statement. False: the name is taken. */
export async function createUser(env: Env, row: NewUser, audit: AuditEntry): Promise<boolean> {
  const { userId, username, role, organizations } = row;
  const { rows } = await withDatabase(env, (db) =>
    db.execute(sql`WITH made AS (
        INSERT INTO users (user_id, username, password_hash, role, organizations)
        VALUES (${userId}, ${username}, ${NO_PASSWORD}, ${role}, ${jsonOrNull(organizations)}::jsonb)
        ON CONFLICT (lower(username)) DO NOTHING
        RETURNING user_id)
      SELECT user_id, store_audit(${auditRows([audit])}::jsonb) FROM made`),
  );
  return rows.length > 0;
}

/**
 * Changes the access of a person, unless the row has changed since it was `seen`, or no superadmin with a password
 * would remain (people of single sign-on do not count). A separate statement takes the lock, so that the next one
 * sees the changes of others.
 */
export async function changeUser(
  env: Env,
  seen: UserRow,
  next: UserAccess,
  audit: AuditEntry,
): Promise<"changed" | "conflict" | "last_superadmin"> {
  const staysSuperadmin = next.role === "superadmin" && next.isActive;
  const [, result] = await withDatabase(env, (db) =>
    db.batch([
      db.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('superadmins', 0))`),
      db.execute<{ found: number; changed: number }>(sql`WITH target AS (
          SELECT user_id, role = 'superadmin' AND is_active AND sso_issuer IS NULL
            AND NOT ${staysSuperadmin}::boolean AS leaves FROM users
          WHERE user_id = ${seen.userId} AND updated_at = ${seen.updatedAt.toISOString()}::timestamptz),
        changed AS (
          UPDATE users u
          SET role = ${next.role}, organizations = ${jsonOrNull(next.organizations)}::jsonb,
              is_active = ${next.isActive}::boolean, updated_at = now()
          FROM target
          WHERE u.user_id = target.user_id AND (NOT target.leaves OR EXISTS (
            SELECT FROM users o WHERE o.role = 'superadmin' AND o.is_active AND o.password_hash <> ${NO_PASSWORD}
              AND o.user_id <> target.user_id))
          RETURNING u.user_id),
        links AS (DELETE FROM one_time_links l USING changed WHERE l.user_id = changed.user_id AND NOT ${next.isActive}::boolean),
        noted AS (SELECT store_audit(${auditRows([audit])}::jsonb) FROM changed)
        SELECT (SELECT count(*)::int FROM target) AS found, (SELECT count(*)::int FROM changed) AS changed,
               (SELECT count(*)::int FROM noted) AS noted`),
    ]),
  );
  const row = result.rows[0];
  if (row?.changed === 1) return "changed";
  return row?.found === 1 ? "last_superadmin" : "conflict";
}

interface NewLink {
  keyId: string;
  digest: string;
  userId: string;
  purpose: "invite" | "reset";
  createdBy: string;
  expiresAt: Date;
}

/** Replaces the earlier links of the user by this one, and stores the audit row. */
export async function createLink(env: Env, link: NewLink, audit: AuditEntry): Promise<void> {
  const { keyId, digest, userId, purpose, createdBy, expiresAt } = link;
  await withDatabase(env, (db) =>
    db.execute(sql`WITH earlier AS (DELETE FROM one_time_links WHERE user_id = ${userId}),
        made AS (
          INSERT INTO one_time_links (key_id, digest, user_id, purpose, created_by, expires_at)
          VALUES (${keyId}, ${digest}, ${userId}, ${purpose}, ${createdBy}, ${expiresAt.toISOString()}::timestamptz))
      SELECT store_audit(${auditRows([audit])}::jsonb)`),
  );
}

export interface LinkOwner {
  digest: string;
  purpose: string;
  username: string;
  role: Role;
  organizations: string[] | null;
}

/**
 * The person whose password a valid link sets. Its maker may have kept a copy, so the link is valid only while the
 * maker may still change that person.
 */
export async function findLink(env: Env, keyId: string): Promise<LinkOwner | null> {
  const { rows } = await withDatabase(env, (db) =>
    db.execute<LinkOwner & { maker: MakerFacts } & Record<string, unknown>>(sql`
      SELECT l.digest, l.purpose, lower(u.username) AS username, u.role, u.organizations, ${makerOf(sql`l.created_by`)} AS maker
      FROM one_time_links l JOIN users u USING (user_id)
      WHERE l.key_id = ${keyId} AND l.used_at IS NULL AND l.expires_at > now() AND u.is_active`),
  );
  const [link] = rows;
  if (!link) return null;
  const { role, organizations, maker } = link;
  return hasGoodMaker(env, { kind: "link", role, organizations }, maker) ? link : null;
}

/** The valid links of this maker, each with the access of the person whose password it sets. */
export async function listMadeLinks(env: Env, maker: string) {
  const columns = { keyId: oneTimeLinks.keyId, role: users.role, organizations: users.organizations };
  return await withDatabase(env, (db) =>
    db
      .select(columns)
      .from(oneTimeLinks)
      .innerJoin(users, eq(users.userId, oneTimeLinks.userId))
      .where(and(eq(oneTimeLinks.createdBy, maker), isNull(oneTimeLinks.usedAt))),
  );
}

export async function deleteLinks(env: Env, keyIds: string[]): Promise<void> {
  if (keyIds.length === 0) return;
  await withDatabase(env, (db) => db.delete(oneTimeLinks).where(inArray(oneTimeLinks.keyId, keyIds)));
}

/** Uses up a link and sets the password, with the audit row. False: another request was faster. */
export async function useLink(env: Env, keyId: string, passwordHash: string, audit: AuditEntry): Promise<boolean> {
  const { rows } = await withDatabase(env, (db) =>
    db.execute(sql`WITH used AS (
        UPDATE one_time_links SET used_at = now()
        WHERE key_id = ${keyId} AND used_at IS NULL AND expires_at > now() RETURNING user_id),
      changed AS (
        UPDATE users u SET password_hash = ${passwordHash}, updated_at = now() FROM used
        WHERE u.user_id = used.user_id AND u.is_active RETURNING u.user_id)
      SELECT user_id, store_audit(${auditRows([audit])}::jsonb) FROM changed`),
  );
  return rows.length > 0;
}

/** Replaces a password and ends the links of that person. False: it is not the current one any more. */
export async function replacePassword(
  env: Env,
  name: string,
  hashes: { from: string; to: string },
  audit: AuditEntry,
): Promise<boolean> {
  const { rows } = await withDatabase(env, (db) =>
    db.execute(sql`WITH changed AS (
        UPDATE users SET password_hash = ${hashes.to}, updated_at = now()
        WHERE lower(username) = ${name} AND password_hash = ${hashes.from} AND is_active RETURNING user_id),
      links AS (DELETE FROM one_time_links l USING changed WHERE l.user_id = changed.user_id)
      SELECT user_id, store_audit(${auditRows([audit])}::jsonb) FROM changed`),
  );
  return rows.length > 0;
}

function jsonOrNull(organizations: string[] | null): string | null {
  return organizations && JSON.stringify(organizations);
}
