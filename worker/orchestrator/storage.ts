/** The steps that make the SQLite of an orchestrator's object what it is; see platform/storage-steps.ts. */
export const ORCHESTRATOR_STEPS: readonly string[] = [
  // 1
  `
  CREATE TABLE record (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, intent TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  );
  CREATE TABLE undelivered (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, frame TEXT NOT NULL, sent_in TEXT
  );
  CREATE TABLE received (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL, digest TEXT NOT NULL
  );
  CREATE TABLE counted_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT, report_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL
  );
  CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, data TEXT NOT NULL);
  CREATE TABLE activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
    first_at INTEGER, count INTEGER NOT NULL DEFAULT 1
  );
  CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, label TEXT,
    created_by TEXT NOT NULL, created_at INTEGER NOT NULL, lifetime_ms INTEGER, expires_at INTEGER, revoked_at INTEGER,
    first_used_at INTEGER
  );
  CREATE TABLE contest (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
  CREATE TABLE models (name TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE message_quota (
    id INTEGER PRIMARY KEY CHECK (id = 1), reached TEXT NOT NULL, known_at INTEGER NOT NULL
  );
  CREATE TABLE untold_refusals (key TEXT PRIMARY KEY, report TEXT NOT NULL) WITHOUT ROWID;
  `,
];
