import type { Millis } from "../contract/presence.ts";
import { allUsernames } from "../db/users.ts";
import { errorFields, writeLog } from "../platform/console.ts";

/** The names are read from Postgres at most this often, however many unknown names are tried. */
const REFRESH_MS = 10_000;

/**
 * The names of all accounts, so that a guess at a real account can be told from one at a made-up name without a statement
 * for each. Stored in rows, to be available while Postgres is not.
 */
export class Accounts {
  readonly #env: Env;
  readonly #sql: SqlStorage;
  readonly #names: Set<string>;
  #readAt: Millis | null = null;
  #reading: Promise<void> | null = null;

  constructor(env: Env, sql: SqlStorage) {
    this.#env = env;
    this.#sql = sql;
    const rows = sql.exec<{ name: string }>("SELECT name FROM account_names").toArray();
    this.#names = new Set(rows.map(({ name }) => name));
  }

  async exists(name: string, now: Millis): Promise<boolean> {
    if (DEVELOPMENT_BUILD && name === this.#env.DEV_ADMIN_USERNAME) return true;
    if (!this.#names.has(name) && (this.#readAt === null || now - this.#readAt >= REFRESH_MS)) {
      this.#reading ??= this.#read(now).finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    return this.#names.has(name);
  }

  /** Writes only names that were added or removed. */
  async #read(now: Millis): Promise<void> {
    this.#readAt = now;
    const found = await allUsernames(this.#env).catch((error: unknown) => {
      // Any error: the refusal is still counted, as one for a made-up name.
      writeLog(this.#env, "WARNING", "The names of accounts cannot be read", errorFields(error));
      return null;
    });
    if (!found) return;
    const current = new Set(found);
    for (const name of this.#names) {
      if (current.has(name)) continue;
      this.#names.delete(name);
      this.#sql.exec("DELETE FROM account_names WHERE name = ?", name);
    }
    for (const name of current) {
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      this.#sql.exec("INSERT OR IGNORE INTO account_names (name) VALUES (?)", name);
    }
  }
}
