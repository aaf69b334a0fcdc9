CREATE TABLE access_changes (username TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE account_names (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE api_tokens (
    key_id TEXT PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, organizations TEXT,
    expires_at INTEGER, revoked INTEGER NOT NULL, used_at INTEGER, maker TEXT
  ) WITHOUT ROWID;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL
  );
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
CREATE TABLE known_logins (
    name TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (name, address)
  ) WITHOUT ROWID;
CREATE TABLE refusal_lines (key TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, username TEXT NOT NULL, role TEXT NOT NULL, organizations TEXT, opened_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL, method TEXT NOT NULL, id_token TEXT
  ) WITHOUT ROWID;
CREATE TABLE sso_attempts (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX attempts_address ON attempts (address, at);
CREATE INDEX attempts_name ON attempts (name, at);
CREATE INDEX sessions_username ON sessions (username);
INSERT INTO access_changes (username, at) VALUES ('left', 1925035200000);
INSERT INTO account_names (name) VALUES ('ada');
INSERT INTO api_tokens (key_id, digest, name, scopes, organizations, expires_at, revoked, used_at, maker) VALUES ('keystorage', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 'ci', '["read"]', null, null, 0, null, 'user:ada');
INSERT INTO api_tokens (key_id, digest, name, scopes, organizations, expires_at, revoked, used_at, maker) VALUES ('revoked', '', '', '[]', null, null, 1, null, null);
INSERT INTO attempts (id, name, address, at) VALUES (2, 'eve', '192.0.2.7', 1925035200000);
INSERT INTO attempts (id, name, address, at) VALUES (3, 'eve', '192.0.2.7', 1925035200000);
INSERT INTO attempts (id, name, address, at) VALUES (4, 'eve', '192.0.2.7', 1925035200000);
INSERT INTO attempts (id, name, address, at) VALUES (5, 'eve', '192.0.2.7', 1925035200000);
INSERT INTO attempts (id, name, address, at) VALUES (6, 'eve', '192.0.2.7', 1925035200000);
INSERT INTO audit (id, entry) VALUES (1, '{"id":"3522b244-6425-4e0d-8261-16b9826d206f","at":1925035200000,"action":"access.denied","targetType":"route","targetId":"GET /","organizationId":null,"before":null,"after":{"code":"forbidden","count":1},"context":{"actor":"user:eve","ip":"192.0.2.7","userAgent":null,"requestId":"r"}}');
INSERT INTO known_logins (name, address, at) VALUES ('ada', '192.0.2.1', 1925035200000);
INSERT INTO refusal_lines (key, line) VALUES ('["actorAt","access.denied","forbidden","route","user:eve","user:eve","192.0.2.7",""]', '{"organization":"","key":"[\"actorAt\",\"access.denied\",\"forbidden\",\"route\",\"user:eve\",\"user:eve\",\"192.0.2.7\",\"\"]","detail":"actorAt","owner":"user:eve","day":22280,"event":{"action":"access.denied","target":{"type":"route","id":"GET /"},"code":"forbidden","context":{"actor":"user:eve","ip":"192.0.2.7","userAgent":null,"requestId":"r"},"organizationId":null},"count":1,"addresses":[],"rows":1,"rowAt":1925035200000}');
INSERT INTO sessions (digest, username, role, organizations, opened_at, used_at, method, id_token) VALUES ('of-ada', 'ada', 'admin', null, 1925035200000, 1925035200000, 'password', null);
INSERT INTO sessions (digest, username, role, organizations, opened_at, used_at, method, id_token) VALUES ('of-sso', 'sso', 'viewer', '["acme"]', 1925035200000, 1925035200000, 'sso', 'eyJ');
INSERT INTO sso_attempts (digest, at) VALUES ('attempt-1', 1925035200000);
