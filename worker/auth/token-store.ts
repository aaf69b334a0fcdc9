import type { Millis } from "../contract/presence.ts";
import type { ApiToken } from "../contract/session.ts";

/** The last use of a token is written to Postgres at most this often. */
const USE_INTERVAL_MS = 60_000;
/** How long a key id that Postgres does not have is not looked up again. */
const UNKNOWN_MS = 30_000;
const MAX_UNKNOWN = 1_000;

interface TokenRow extends Record<string, SqlStorageValue> {
  key_id: string;
  digest: string;
  name: string;
  scopes: string;
  organizations: string | null;
  expires_at: number | null;
  revoked: number;
  used_at: number | null;
  maker: string | null;
}

/** All API tokens that were ever presented, so that they can be checked without Postgres. Revocations are kept for ever. */
export class TokenStore {
  readonly #sql: SqlStorage;
  readonly #unknown = new Map<string, Millis>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(keyId: string): ApiToken | null {
    const row = this.#sql.exec<TokenRow>("SELECT * FROM api_tokens WHERE key_id = ?", keyId).toArray()[0];
    if (!row) return null;
    return {
      keyId,
      digest: row.digest,
      name: row.name,
      scopes: JSON.parse(row.scopes) as ApiToken["scopes"],
      organizations: row.organizations === null ? null : (JSON.parse(row.organizations) as string[]),
      expiresAt: row.expires_at,
      isRevoked: row.revoked === 1,
      maker: row.maker,
    };
  }

  /** Stores a token as Postgres returned it. An existing row may be newer, a revocation for example, and stays. */
  add(token: ApiToken): void {
    this.#unknown.delete(token.keyId);
    this.#sql.exec(
      `INSERT INTO api_tokens (key_id, digest, name, scopes, organizations, expires_at, revoked, maker)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO NOTHING`,
      token.keyId,
      token.digest,
      token.name,
      JSON.stringify(token.scopes),
      token.organizations && JSON.stringify(token.organizations),
      token.expiresAt,
      token.isRevoked ? 1 : 0,
      token.maker,
    );
  }

  /** Stored also for a token that was never presented: a lookup in flight may still return the unrevoked row. */
  revoke(keyId: string): void {
    this.#sql.exec(
      `INSERT INTO api_tokens (key_id, digest, name, scopes, revoked) VALUES (?, '', '', '[]', 1)
       ON CONFLICT (key_id) DO UPDATE SET revoked = 1`,
      keyId,
    );
  }

  /** True: it is time to write the last use to Postgres. */
  noteUse(keyId: string, now: Millis): boolean {
    return (
      this.#sql.exec(
        "UPDATE api_tokens SET used_at = ? WHERE key_id = ? AND (used_at IS NULL OR used_at <= ?)",
        now,
        keyId,
        now - USE_INTERVAL_MS,
      ).rowsWritten > 0
    );
  }

  isUnknown(keyId: string, now: Millis): boolean {
    return (this.#unknown.get(keyId) ?? 0) > now;
  }

  addUnknown(keyId: string, now: Millis): void {
    if (this.#unknown.size >= MAX_UNKNOWN) this.#unknown.clear();
    this.#unknown.set(keyId, now + UNKNOWN_MS);
  }
}
