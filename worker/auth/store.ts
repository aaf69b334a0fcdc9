import type { Role } from "../contract/actor.ts";
import type { Millis } from "../contract/presence.ts";
import type { AccessChange, NewSession } from "../contract/session.ts";
import type { LoginMethod } from "../contract/sso.ts";
import { MAX_SESSIONS, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, type SessionTimes } from "./sessions.ts";
import { type Attempt, type Failures, KNOWN_MS, THROTTLE_WINDOW_MS } from "./throttle.ts";

const DAY_MS = 86_400_000;
const IS_KNOWN = "SELECT 1 FROM known_logins WHERE name = ? AND address = ? AND at > ?";

interface SessionRow extends SessionTimes {
  username: string;
  role: Role;
  organizations: string[] | null;
  method: LoginMethod;
}

/** The rows of the Auth Durable Object. Every method is synchronous, hence atomic. */
export class AuthStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  failures(name: string, address: string, now: Millis): Failures {
    const since = now - THROTTLE_WINDOW_MS;
    const rows = this.#sql
      .exec<{ name: string; at: number }>(
        "SELECT name, at FROM attempts WHERE address = ? AND at > ? ORDER BY at",
        address,
        since,
      )
      .toArray();
    const { count } = this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM attempts WHERE name = ? AND at > ?", name, since)
      .one();
    return {
      byAddress: rows.map((row) => row.at),
      byNameAndAddress: rows.flatMap((row) => (row.name === name ? [row.at] : [])),
      byName: count,
      isKnown: this.#sql.exec(IS_KNOWN, name, address, now - KNOWN_MS).toArray().length > 0,
    };
  }

  addAttempt(name: string, address: string, now: Millis): number {
    return this.#sql
      .exec<{ id: number }>(
        "INSERT INTO attempts (name, address, at) VALUES (?, ?, ?) RETURNING id",
        name,
        address,
        now,
      )
      .one().id;
  }

  /** After a successful login the name counts as known at the address. Writes at most one row a day. */
  noteKnown(attemptId: number, now: Millis): void {
    this.#sql.exec(
      `INSERT INTO known_logins (name, address, at) SELECT name, address, ? FROM attempts WHERE id = ?
       ON CONFLICT (name, address) DO UPDATE SET at = excluded.at WHERE known_logins.at < excluded.at - ?`,
      now,
      attemptId,
      DAY_MS,
    );
  }

  attempts(now: Millis): Attempt[] {
    const since = now - THROTTLE_WINDOW_MS;
    return this.#sql
      .exec<{ name: string; address: string; at: number; known: number }>(
        `SELECT name, address, at, EXISTS (SELECT 1 FROM known_logins k
           WHERE k.name = attempts.name AND k.address = attempts.address AND k.at > ?) AS known
         FROM attempts WHERE at > ?`,
        now - KNOWN_MS,
        since,
      )
      .toArray()
      .map(({ name, address, at, known }) => ({ name, address, at, isKnown: known === 1 }));
  }

  /** Deletes the failures of a name at an address, or of all names there, and returns their number. */
  removeAttempts(name: string | null, address: string): number {
    return this.#sql
      .exec("DELETE FROM attempts WHERE address = ? AND (? IS NULL OR name = ?) RETURNING 1", address, name, name)
      .toArray().length;
  }

  /** Deletes the failures with the same name and address as this attempt. */
  forgiveAttempts(attemptId: number): void {
    this.#sql.exec(
      `DELETE FROM attempts WHERE (name, address) = (SELECT name, address FROM attempts WHERE id = ?)`,
      attemptId,
    );
  }

  /** False: the person's access has changed since the login was admitted, and the caller may have read the old one. */
  addSession(session: NewSession, now: Millis): boolean {
    const { digest, admittedAt = 0, username, role, method = "password", idToken = null } = session;
    const organizations = session.organizations && JSON.stringify(session.organizations);
    const changed = this.#sql
      .exec("SELECT 1 FROM access_changes WHERE username = ? AND at >= ?", username, admittedAt)
      .toArray();
    if (changed.length > 0) return false;
    // The provider has just given the current access; it replaces that of earlier sessions.
    if (method === "sso") this.#setAccess(username, role, organizations);
    this.#sql.exec(
      `DELETE FROM sessions WHERE digest IN (
         SELECT digest FROM sessions WHERE username = ? ORDER BY used_at DESC, digest LIMIT -1 OFFSET ?)`,
      username,
      MAX_SESSIONS - 1,
    );
    this.#sql.exec(
      `INSERT INTO sessions (digest, username, role, organizations, opened_at, used_at, method, id_token)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      digest,
      username,
      role,
      organizations,
      now,
      now,
      method,
      idToken,
    );
    return true;
  }

  /** Changes or ends the sessions of a person, and returns the number of ended ones. */
  changeAccess({ username, access, except = "" }: AccessChange, now: Millis): number {
    this.#sql.exec("INSERT OR REPLACE INTO access_changes (username, at) VALUES (?, ?)", username, now);
    if (!access) {
      return this.#sql
        .exec("DELETE FROM sessions WHERE username = ? AND digest <> ? RETURNING 1", username, except)
        .toArray().length;
    }
    this.#setAccess(username, access.role, access.organizations && JSON.stringify(access.organizations));
    return 0;
  }

  #setAccess(username: string, role: Role, organizations: string | null): void {
    this.#sql.exec("UPDATE sessions SET role = ?, organizations = ? WHERE username = ?", role, organizations, username);
  }

  /** False: this single sign-on attempt came back before. */
  claimSsoAttempt(digest: string, now: Millis): boolean {
    return this.#sql.exec("INSERT OR IGNORE INTO sso_attempts (digest, at) VALUES (?, ?)", digest, now).rowsWritten > 0;
  }

  /** The ID token that a session was opened with. */
  idTokenOf(digest: string): string | null {
    const rows = this.#sql
      .exec<{ id_token: string | null }>("SELECT id_token FROM sessions WHERE digest = ?", digest)
      .toArray();
    return rows[0]?.id_token ?? null;
  }

  session(digest: string): SessionRow | null {
    const row = this.#sql
      .exec<{
        username: string;
        role: Role;
        organizations: string | null;
        opened_at: number;
        used_at: number;
        method: LoginMethod;
      }>("SELECT username, role, organizations, opened_at, used_at, method FROM sessions WHERE digest = ?", digest)
      .toArray()[0];
    if (!row) return null;
    const organizations: string[] | null = row.organizations === null ? null : JSON.parse(row.organizations);
    const { username, role, method, opened_at: openedAt, used_at: usedAt } = row;
    return { username, role, organizations, method, openedAt, usedAt };
  }

  touchSession(digest: string, now: Millis): void {
    this.#sql.exec("UPDATE sessions SET used_at = ? WHERE digest = ?", now, digest);
  }

  removeSession(digest: string): boolean {
    return this.#sql.exec("DELETE FROM sessions WHERE digest = ?", digest).rowsWritten > 0;
  }

  /** Deletes what has expired, and returns whether anything is left. */
  purge(now: Millis): boolean {
    this.#sql.exec(
      "DELETE FROM sessions WHERE opened_at <= ? OR used_at <= ?",
      now - SESSION_ABSOLUTE_MS,
      now - SESSION_IDLE_MS,
    );
    this.#sql.exec("DELETE FROM attempts WHERE at <= ?", now - THROTTLE_WINDOW_MS);
    this.#sql.exec("DELETE FROM access_changes WHERE at <= ?", now - THROTTLE_WINDOW_MS);
    this.#sql.exec("DELETE FROM known_logins WHERE at <= ?", now - KNOWN_MS);
    this.#sql.exec("DELETE FROM sso_attempts WHERE at <= ?", now - THROTTLE_WINDOW_MS);
    const left = this.#sql
      .exec<{ left: number }>(
        `SELECT EXISTS (SELECT 1 FROM sessions) OR EXISTS (SELECT 1 FROM attempts)
           OR EXISTS (SELECT 1 FROM access_changes) OR EXISTS (SELECT 1 FROM sso_attempts) AS left`,
      )
      .one();
    return left.left === 1;
  }
}
