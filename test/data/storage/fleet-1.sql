CREATE TABLE boot (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
CREATE TABLE configs (organization_id TEXT PRIMARY KEY, config TEXT NOT NULL, told TEXT NOT NULL DEFAULT '');
CREATE TABLE cursor (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
CREATE TABLE feed (
    idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, orchestrator_id TEXT NOT NULL, organization_id TEXT NOT NULL,
    left_organization_id TEXT, is_row INTEGER NOT NULL, type TEXT, detail TEXT, repeats TEXT
  );
CREATE TABLE feed_epoch (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
CREATE TABLE feed_gone (id INTEGER PRIMARY KEY CHECK (id = 1), up_to INTEGER NOT NULL);
CREATE TABLE logs (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, lines TEXT NOT NULL);
CREATE TABLE members (orchestrator_id TEXT PRIMARY KEY, member TEXT NOT NULL, dirty INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE refusals (
    orchestrator_id TEXT NOT NULL, reason TEXT NOT NULL, is_known INTEGER NOT NULL, last_at INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (orchestrator_id, reason)
  ) WITHOUT ROWID;
CREATE TABLE scheduled (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
INSERT INTO boot (id, value) VALUES (1, 'f922a60b-f32d-464d-8471-187db936d855');
INSERT INTO configs (organization_id, config, told) VALUES ('crowd', '{"revision":4,"hash":"h4","features":{"cache":true},"settings":{},"policies":{}}', '');
INSERT INTO cursor (id, value) VALUES (1, 'kept-cursor');
INSERT INTO feed (idx, at, orchestrator_id, organization_id, left_organization_id, is_row, type, detail, repeats) VALUES (1, 1925035200000, 'kept-1', 'crowd', null, 1, 'registered', null, null);
INSERT INTO feed (idx, at, orchestrator_id, organization_id, left_organization_id, is_row, type, detail, repeats) VALUES (2, 1925035200000, 'kept-1', 'crowd', null, 1, 'health', 'degraded → healthy', null);
INSERT INTO feed (idx, at, orchestrator_id, organization_id, left_organization_id, is_row, type, detail, repeats) VALUES (3, 1925035200000, 'kept-2', 'crowd', null, 1, 'registered', null, null);
INSERT INTO feed_epoch (id, value) VALUES (1, 'c14c3707-dd2e-4bea-8132-51a64a57ab64');
INSERT INTO feed_gone (id, up_to) VALUES (1, 0);
INSERT INTO logs (id, size, lines) VALUES (1, 2, '[{"at":1925035200000,"level":"INFO","message":"A kept line","orchestratorId":"kept-1","organizationId":"crowd","count":1,"n":1925035200000000},{"at":1925035200000,"level":"WARNING","message":"[C-OCS] Connection as kept-1 from 192.0.2.8 refused: it has no valid token","orchestratorId":"kept-1","organizationId":"crowd","count":1,"n":1925035200000001}]');
INSERT INTO members (orchestrator_id, member, dirty) VALUES ('kept-1', '{"view":{"orchestratorId":"kept-1","organizationId":"crowd","generation":1,"epoch":1,"seq":6,"status":"inactive","connected":false,"connectedAt":null,"healthStatus":"healthy","isIndependent":false,"privacyMode":false,"lastSeenAt":null,"lastActivityAt":null,"configRevision":0,"configState":"none","configError":null,"expiresAt":null},"profile":{"name":"Kept","location":null,"metadata":{},"features":{}}}', 1);
INSERT INTO members (orchestrator_id, member, dirty) VALUES ('kept-2', '{"view":{"orchestratorId":"kept-2","organizationId":"crowd","generation":1,"epoch":1,"seq":1,"status":"inactive","connected":false,"connectedAt":null,"healthStatus":"healthy","isIndependent":false,"privacyMode":false,"lastSeenAt":null,"lastActivityAt":null,"configRevision":0,"configState":"none","configError":null,"expiresAt":null},"profile":{"name":"Kept","location":null,"metadata":{},"features":{}}}', 1);
INSERT INTO refusals (orchestrator_id, reason, is_known, last_at, body) VALUES ('kept-1', 'wrong_token', 1, 1925035200000, '{"orchestratorId":"kept-1","organizationId":"crowd","address":"192.0.2.8","reason":"wrong_token","count":3,"since":1925035200000,"lastAt":1925035200000}');
INSERT INTO scheduled (id, at) VALUES (1, 1925035199000);
