import type { Millis } from "../contract/presence.ts";
import type { Credential } from "./credentials.ts";

/** Enough to tell what became of the last ones; the valid ones among them are two at most. */
const KEPT = 20;

type Row = {
  key_id: string;
  digest: string;
  label: string | null;
  created_by: string;
  created_at: number;
  lifetime_ms: number | null;
  expires_at: number | null;
  revoked_at: number | null;
  first_used_at: number | null;
};

/** The agent tokens of one orchestrator, in the SQLite of its object. Synchronous throughout. */
export class CredentialStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Oldest first. */
  all(): Credential[] {
    return this.#sql
      .exec<Row>("SELECT * FROM credentials ORDER BY id")
      .toArray()
      .map((row) => ({
        keyId: row.key_id,
        digest: row.digest,
        label: row.label,
        createdBy: row.created_by,
        createdAt: row.created_at,
        lifetimeMs: row.lifetime_ms,
        expiresAt: row.expires_at,
        revokedAt: row.revoked_at,
        firstUsedAt: row.first_used_at,
      }));
  }

  save(credentials: Credential[], now: Millis): void {
    for (const each of credentials) {
      this.#sql.exec(
        `INSERT INTO credentials (key_id, digest, label, created_by, created_at, lifetime_ms, expires_at, revoked_at, first_used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET
         expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, first_used_at = excluded.first_used_at`,
        each.keyId,
        each.digest,
        each.label,
        each.createdBy,
        each.createdAt,
        each.lifetimeMs,
        each.expiresAt,
        each.revokedAt,
        each.firstUsedAt,
      );
    }
    this.#sql.exec(
      `DELETE FROM credentials WHERE id NOT IN (SELECT id FROM credentials
       ORDER BY revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) DESC, id DESC LIMIT ?)`,
      now,
      KEPT,
    );
  }

  clear(): void {
    this.#sql.exec("DELETE FROM credentials");
  }
}
