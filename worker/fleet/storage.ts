/** The steps that make the SQLite of a Fleet shard what it is; see platform/storage-steps.ts. */
export const FLEET_STEPS: readonly string[] = [
  // 1
  `
  CREATE TABLE members (orchestrator_id TEXT PRIMARY KEY, member TEXT NOT NULL, dirty INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE configs (organization_id TEXT PRIMARY KEY, config TEXT NOT NULL, told TEXT NOT NULL DEFAULT '');
  CREATE TABLE cursor (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
  CREATE TABLE scheduled (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
  CREATE TABLE boot (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
  CREATE TABLE logs (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, lines TEXT NOT NULL);
  CREATE TABLE refusals (
    orchestrator_id TEXT NOT NULL, reason TEXT NOT NULL, is_known INTEGER NOT NULL, last_at INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (orchestrator_id, reason)
  ) WITHOUT ROWID;
  CREATE TABLE feed (
    idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, orchestrator_id TEXT NOT NULL, organization_id TEXT NOT NULL,
    left_organization_id TEXT, is_row INTEGER NOT NULL, type TEXT, detail TEXT, repeats TEXT
  );
  CREATE TABLE feed_gone (id INTEGER PRIMARY KEY CHECK (id = 1), up_to INTEGER NOT NULL);
  CREATE TABLE feed_epoch (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
  `,
];
