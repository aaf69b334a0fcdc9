import { and, eq, sql } from "drizzle-orm";
import type { Role } from "../contract/actor.ts";
import { NO_PASSWORD } from "../platform/passwords.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { withDatabase } from "./client.ts";
import { users } from "./schema.ts";
import { selection, type UserRow } from "./users.ts";

/** Identifies a person at the provider. Nothing else does, because people can change their names and addresses. */
export interface Identity {
  issuer: string;
  subject: string;
}

/** The account of a person from the provider, or null. */
export async function findByIdentity(env: Env, { issuer, subject }: Identity): Promise<UserRow | null> {
  const where = and(eq(users.ssoIssuer, issuer), eq(users.ssoSubject, subject));
  const [row] = await withDatabase(env, (db) => db.select(selection).from(users).where(where));
  return row ?? null;
}

interface NewAccount extends Identity {
  userId: string;
  username: string;
  access: { role: Role; organizations: string[] | null };
}

/** Creates the account and its audit row in one statement. False: the name is taken, or the account exists already. */
export async function createAccount(env: Env, account: NewAccount, audit: AuditEntry): Promise<boolean> {
  const { userId, username, access, issuer, subject } = account;
  const organizations = access.organizations && JSON.stringify(access.organizations);
  const { rows } = await withDatabase(env, (db) =>
    db.execute(sql`WITH made AS (
        INSERT INTO users (user_id, username, password_hash, role, organizations, sso_issuer, sso_subject)
        VALUES (${userId}, ${username}, ${NO_PASSWORD}, ${access.role}, ${organizations}::jsonb, ${issuer}, ${subject})
        ON CONFLICT DO NOTHING
        RETURNING user_id)
      SELECT user_id, store_audit(${auditRows([audit])}::jsonb) FROM made`),
  );
  return rows.length > 0;
}
