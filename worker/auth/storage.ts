/** The steps that make the SQLite of the Auth object what it is; see platform/storage-steps.ts. */
export const AUTH_STEPS: readonly string[] = [
  // 1
  `
  CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, username TEXT NOT NULL, role TEXT NOT NULL, organizations TEXT, opened_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL, method TEXT NOT NULL, id_token TEXT
  ) WITHOUT ROWID;
  CREATE INDEX sessions_username ON sessions (username);
  CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL
  );
  CREATE INDEX attempts_address ON attempts (address, at);
  CREATE INDEX attempts_name ON attempts (name, at);
  CREATE TABLE known_logins (
    name TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (name, address)
  ) WITHOUT ROWID;
  CREATE TABLE access_changes (username TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE sso_attempts (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE api_tokens (
    key_id TEXT PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, organizations TEXT,
    expires_at INTEGER, revoked INTEGER NOT NULL, used_at INTEGER, maker TEXT
  ) WITHOUT ROWID;
  CREATE TABLE account_names (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
  CREATE TABLE refusal_lines (key TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
  `,
];
