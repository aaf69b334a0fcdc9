CREATE TABLE activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
    first_at INTEGER, count INTEGER NOT NULL DEFAULT 1
  );
CREATE TABLE contest (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
CREATE TABLE counted_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT, report_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL
  );
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, label TEXT,
    created_by TEXT NOT NULL, created_at INTEGER NOT NULL, lifetime_ms INTEGER, expires_at INTEGER, revoked_at INTEGER,
    first_used_at INTEGER
  );
CREATE TABLE message_quota (
    id INTEGER PRIMARY KEY CHECK (id = 1), reached TEXT NOT NULL, known_at INTEGER NOT NULL
  );
CREATE TABLE models (name TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, intent TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  );
CREATE TABLE received (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL, digest TEXT NOT NULL
  );
CREATE TABLE record (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE undelivered (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, frame TEXT NOT NULL, sent_in TEXT
  );
CREATE TABLE untold_refusals (key TEXT PRIMARY KEY, report TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (1, 1925035200000, 'handshake', '{"epoch":1,"dialect":"handshake","replaced":false}', null, 1);
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (2, 1925035200000, 'provision', '{"revision":4}', null, 1);
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (3, 1925035200000, 'config_status', '{"revision":4,"status":"applied"}', null, 1);
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (4, 1925035200000, 'message_received', '{"message_id":"msg_01c0350a-0e00-7174-815a-97368c34d66f","message_type":"recommendation"}', null, 1);
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (5, 1925035200000, 'health', '{"health_status":"degraded"}', null, 1);
INSERT INTO activity (id, at, type, data, first_at, count) VALUES (6, 1925035200000, 'message_sent', '{"message_id":"msg_01c0350a-0e00-7174-815a-981bd0c60f54"}', null, 1);
INSERT INTO contest (id, body) VALUES (1, '{"pair":null}');
INSERT INTO counted_reports (id, report_id, digest) VALUES (1, 'usage-1', 'dfb47d056279fe6d2db66ea4ae4f0f927860c72d1d878cea19a4b0f7faa0576b');
INSERT INTO credentials (id, key_id, digest, label, created_by, created_at, lifetime_ms, expires_at, revoked_at, first_used_at) VALUES (1, 'keystorage', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 'kept', 'user:ada', 1925035200000, null, null, null, null);
INSERT INTO message_quota (id, reached, known_at) VALUES (1, 'pending_messages_per_organization', 1925035200000);
INSERT INTO models (name, day) VALUES ('["m","p"]', 22280);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (1, '{"kind":"register","organizationId":"storage-v1-org","generation":1,"acceptedAt":1925035200000,"isIndependent":false,"privacyMode":false,"owned":{"name":true,"location":true},"source":"rest","fields":{"name":"Kept","location":"Bern","metadata":{"rack":7}},"sets":{"name":true,"location":true},"audit":[{"id":"314add12-7db9-4aef-bff4-d26fd27403e8","at":1925035200000,"action":"orchestrator.register","targetType":"orchestrator","targetId":"storage-v1","organizationId":"storage-v1-org","context":{"actor":"user:ada","ip":"192.0.2.1","userAgent":null,"requestId":"r"},"before":null,"after":{"name":"Kept","location":"Bern","reported_name":null,"reported_location":null,"metadata":{"rack":7},"features":{},"session_config":{},"monitoring_enabled":true}}]}', 5, 1925035215000);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (2, '{"kind":"credential","tokens":[{"keyId":"keystorage","label":"kept","createdBy":"user:ada","createdAt":1925035200000,"expiresAt":null,"revokedAt":null}],"audit":[{"id":"79ff584b-0f20-41be-9283-3605233188bd","at":1925035200000,"action":"credential.create","targetType":"orchestrator","targetId":"storage-v1","organizationId":"storage-v1-org","context":{"actor":"user:ada","ip":"192.0.2.1","userAgent":null,"requestId":"r"},"before":null,"after":{"key_id":"keystorage","label":"kept","expires_at":null}}]}', 0, 1925035210000);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (3, '{"kind":"register","organizationId":"storage-v1-org","generation":1,"acceptedAt":1925035200000,"isIndependent":false,"privacyMode":false,"owned":{"name":true,"location":true},"source":"handshake","fields":{"name":"Kept","location":"Bern","metadata":{"rack":7,"hostname":"h"},"features":{}},"audit":[{"id":"2438ede6-684b-40d6-b695-2a64312f7fe0","at":1925035200000,"action":"orchestrator.handshake","targetType":"orchestrator","targetId":"storage-v1","organizationId":"storage-v1-org","context":{"actor":"agent:storage-v1","ip":null,"userAgent":null,"requestId":""},"before":{"metadata":{}},"after":{"metadata":{"hostname":"h"}}}]}', 0, 1925035210000);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (4, '{"kind":"usage","report":{"organizationId":"storage-v1-org","generation":1,"reportId":"usage-1","digest":"dfb47d056279fe6d2db66ea4ae4f0f927860c72d1d878cea19a4b0f7faa0576b","windowStart":1925035140000,"windowEnd":1925035200000,"items":[{"model":"m","provider":"p","requests":1,"inputTokens":2,"outputTokens":3,"costUsd":"0.50000000"}]}}', 0, 1925035210000);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (5, '{"kind":"message","message":{"id":"msg_01c0350a-0e00-7174-815a-97368c34d66f","orchestratorId":"storage-v1","type":"recommendation","direction":"inbound","content":"Scale up","metadata":{},"createdAt":1925035200000,"deliveredAt":1925035200000},"audit":[]}', 0, 1925035210000);
INSERT INTO outbox (id, intent, attempts, due_at) VALUES (6, '{"kind":"message","message":{"id":"msg_01c0350a-0e00-7174-815a-981bd0c60f54","orchestratorId":"storage-v1","type":"monitoring","direction":"outbound","content":"Look at the cache","metadata":{},"createdAt":1925035200000,"deliveredAt":null},"audit":[{"id":"2e8998ba-4d96-4d52-9211-221d99e8fb70","at":1925035200000,"action":"message.create","targetType":"orchestrator","targetId":"storage-v1","organizationId":"storage-v1-org","context":{"actor":"user:ada","ip":"192.0.2.1","userAgent":null,"requestId":"r"},"before":null,"after":{"message_id":"msg_01c0350a-0e00-7174-815a-981bd0c60f54","message_type":"monitoring"}}]}', 0, 1925035210000);
INSERT INTO received (id, client_id, message_id, digest) VALUES (1, 'own-1', 'msg_01c0350a-0e00-7174-815a-97368c34d66f', 'ce73b26b74611c8a9b1c0e67e52b4da5d49e0e49d9ab57e8616faf07f39e4dbc');
INSERT INTO record (id, body) VALUES (1, '{"orchestratorId":"storage-v1","organizationId":"storage-v1-org","lifecycle":"registered","generation":1,"registeredAt":1925035200000,"epoch":1,"seq":3,"profile":{"name":"Kept","location":"Bern","reportedName":null,"reportedLocation":null,"metadata":{"rack":7,"hostname":"h"},"features":{}},"owned":{"name":true,"location":true},"registeredMetadata":{"rack":7},"namedAt":0,"sessionConfig":{},"config":{"revision":4,"hash":"h4","features":{"cache":true},"settings":{},"policies":{}},"toldConfig":{"revision":4,"hash":"h4","features":{"cache":true},"settings":{},"policies":{}},"configState":"applied","configError":null,"configSince":1925035200000,"runningRevision":4,"toldAt":1925035200000,"publishedFeatures":["cache"],"featuresAt":null,"allFeaturesAt":null,"monitoringEnabled":true,"awaitsIndependenceAck":false,"isIndependent":false,"privacyMode":false,"healthStatus":"degraded","healthSaid":true,"session":{"id":"e27e63ab-96b4-4968-9d72-57c994a34915","openedAt":1925035200000,"dialect":"handshake","machine":"e19e8c92ba453bd5.1d8fc6ceb1f94c63","machineSeenAt":1925035200000},"lostAt":null,"lastSeenAt":1925035200000,"lastSignalAt":1925035200000,"lastActivityAt":1925035200000,"beats":{"minutes":[],"recent":[]},"metrics":null,"dropped":null,"clockOffsetMs":null,"restSavedAt":0,"owesCredential":true}');
INSERT INTO snapshot (id, at, data) VALUES (1, 1925035200000, '{"mode":"fast"}');
INSERT INTO undelivered (id, message_id, frame, sent_in) VALUES (1, 'msg_01c0350a-0e00-7174-815a-981bd0c60f54', '{"type":"message","orchestrator_id":"storage-v1","data":{"id":"msg_01c0350a-0e00-7174-815a-981bd0c60f54","message_id":"msg_01c0350a-0e00-7174-815a-981bd0c60f54","message_type":"monitoring","content":"Look at the cache","metadata":{},"created_at":"2031-01-01T12:00:00.000Z"},"timestamp":"2031-01-01T12:00:00.000Z"}', 'e27e63ab-96b4-4968-9d72-57c994a34915');
INSERT INTO untold_refusals (key, report) VALUES ('wrong_token 192.0.2.9', '{"orchestratorId":"storage-v1","organizationId":"storage-v1-org","reason":"wrong_token","address":"192.0.2.9","count":1,"since":1925035200000,"lastAt":1925035200000}');
