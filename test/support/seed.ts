export interface SeedOptions {
  organizations: number;
  /** Organizations have from one to so many orchestrators. */
  maxOrchestrators?: number;
  messages?: number;
  auditEntries?: number;
  /** The first so many organizations have usage of the last 40 days. */
  usageOrganizations?: number;
}

type Run = (sql: string, params?: unknown[]) => Promise<unknown>;

const NAMES = [
  "Northwind Retail",
  "Harbor Health",
  "Blue Ridge Bank",
  "Cobalt Insurance",
  "Summit Logistics",
  "Juniper Energy",
  "Atlas Airways",
  "Meridian Media",
  "Oakfield University",
  "Redwood Robotics",
  "Silverline Telecom",
  "Polaris Pharma",
  "Granite Steel",
  "Evergreen Foods",
  "Lighthouse Legal",
  "Vector Games",
  "Copper Creek Mining",
  "Aurora Travel",
  "Sterling Motors",
  "Cascade Water",
];
const CITIES = [
  "Frankfurt",
  "Paris",
  "London",
  "Dublin",
  "Stockholm",
  "Madrid",
  "Warsaw",
  "Zürich",
  "New York",
  "Chicago",
  "Dallas",
  "Seattle",
  "Toronto",
  "São Paulo",
  "Mexico City",
  "Tokyo",
  "Seoul",
  "Singapore",
  "Sydney",
  "Mumbai",
  "Bengaluru",
  "Dubai",
  "Cape Town",
  "Nairobi",
  "Helsinki",
  "Lisbon",
];
const VERSIONS = ["2.4.1", "2.4.0", "2.3.2", "2.2.0", "1.9.7"];
const FAILURES = ["cache size is out of range", "unknown model in routing policy", "firewall rule 12 does not compile"];
const MODELS = ["gpt-5", "claude-sonnet", "gemini-pro", "llama-70b"];
const PROVIDERS = ["openai", "anthropic", "google", "self-hosted"];
const RECOMMENDATIONS = [
  "Enable semantic caching: 38 % of the prompts of the last day were repeated",
  "Route short prompts to the small model, about 21 % cheaper at equal quality",
  "Raise the timeout of the upstream: 2.1 % of the requests end at 30 s",
  "The firewall refused 412 prompts with personal data, review the policy",
  "Prompt tokens grew by 64 % in a week, look at the system prompt of the support bot",
];

/** Reproducible chance in percent: the same row gets the same values in every run. */
const chance = (column: string, salt: string) => `(hashtextextended((${column}) || '${salt}', 0) & 1023) % 100`;
const pick = (list: string, column: string, salt: string) =>
  `(${list})[1 + ((hashtextextended((${column}) || '${salt}', 0) & 1048575) % array_length(${list}, 1))::int]`;
const list = (place: number) => `ARRAY(SELECT jsonb_array_elements_text($${place}::jsonb))`;

/**
 * Fills an empty, migrated database with a fleet that looks real, for benchmarks and screenshots. Objects know nothing
 * of these rows, so that what is shown of presence is what stands here. About one in a hundred was never seen.
 */
export async function seed(run: Run, options: SeedOptions): Promise<void> {
  const { organizations, maxOrchestrators = 3, messages = organizations, auditEntries = organizations } = options;
  await run(
    `INSERT INTO organizations (organization_id, name, location, metadata, features, settings, config_revision, config_hash, is_active, created_at)
     SELECT id, name || ' ' || city, city, '{"plan": "enterprise"}', '{"caching": true, "firewall": true}', '{"timeout_sec": 30}',
            1, encode(sha256(id::bytea), 'hex'), true, now() - number * interval '13 minutes'
     FROM (SELECT number, name, city, replace(lower(name), ' ', '-') || '-' || lpad(number::text, 5, '0') AS id
           FROM (SELECT number, ${pick("names", "number::text", "name")} AS name, ${pick("cities", "number::text", "city")} AS city
                 FROM generate_series(1, $1::int) AS number, (SELECT ${list(2)} AS names, ${list(3)} AS cities) AS lists) AS named) AS made`,
    [organizations, NAMES, CITIES],
  );
  await run(
    `INSERT INTO orchestrator_instances (orchestrator_id, organization_id, organization_name, name, location, status, health_status,
       is_independent, last_seen, last_activity, metadata, features, config_revision, config_state, config_error, created_at)
     SELECT id, organization_id, organization_name, organization_name || ' ' || number, location,
       CASE WHEN luck < 8 THEN 'independent' WHEN luck < 19 THEN 'inactive' ELSE 'active' END,
       CASE WHEN luck = 18 THEN 'unknown' WHEN health < 85 THEN 'healthy' WHEN health < 93 THEN 'degraded' WHEN health < 96 THEN 'unhealthy' ELSE 'unknown' END,
       luck < 8,
       CASE WHEN luck = 18 THEN NULL WHEN luck < 8 THEN now() - luck * interval '5 hours'
            WHEN luck < 19 THEN now() - (luck - 7) * interval '4 hours' ELSE now() - luck * interval '300 milliseconds' END,
       now() - luck * interval '7 minutes',
       jsonb_build_object('version', ${pick(list(1), "CASE WHEN luck % 10 = 9 THEN id ELSE organization_id END", "version")}, 'hostname', id || '.internal', 'ip', '10.0.' || luck || '.' || health),
       '{"caching": true, "firewall": true}', 1, state,
       CASE WHEN state = 'failed' THEN ${pick(list(2), "id", "failure")} END, created_at
     FROM (SELECT i.*, ${chance("id", "luck")} AS luck, ${chance("id", "health")} AS health,
             CASE WHEN config < 82 THEN 'applied' WHEN config < 92 THEN 'sent' WHEN config < 95 THEN 'applying' WHEN config < 98 THEN 'queued' ELSE 'failed' END AS state
           FROM (SELECT o.organization_id || CASE WHEN number = 1 THEN '' ELSE '-' || number END AS id, o.organization_id,
                   o.name AS organization_name, o.location, o.created_at, number,
                   ${chance("(o.organization_id || number)", "config")} AS config
                 FROM organizations o,
                   generate_series(1, 1 + ((hashtextextended(o.organization_id, 1) & 1048575) % $3::int)::int) AS number) AS i) AS made`,
    [VERSIONS, FAILURES, maxOrchestrators],
  );
  await run("SELECT refresh_organizations(ARRAY(SELECT organization_id::text FROM organizations))");
  await run(
    `INSERT INTO config_revisions (organization_id, revision, hash, features, settings, actor, created_at)
     SELECT organization_id, 1, config_hash, features, settings, 'user:ada', created_at FROM organizations`,
  );
  await run(
    `INSERT INTO orchestrator_messages (id, orchestrator_id, message_type, direction, content, message_metadata, status, delivered_at, created_at)
     SELECT 'msg_' || lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 8, '0') || '-seed-' || number, orchestrator_id,
       CASE WHEN number % 3 = 0 THEN 'monitoring' ELSE 'recommendation' END, CASE WHEN number % 5 = 0 THEN 'outbound' ELSE 'inbound' END,
       ${pick(list(2), "number::text", "content")},
       jsonb_build_object('severity', ${pick("ARRAY['low', 'low', 'medium', 'medium', 'medium', 'high', 'critical']", "number::text", "severity")}, 'category', 'performance'),
       CASE WHEN number % 10 < 2 THEN 'pending' WHEN number % 10 < 8 THEN 'accepted' ELSE 'dismissed' END, at, at
     FROM (SELECT number, now() - number * interval '97 seconds' AS at,
             1 + (hashtextextended(number::text, 2) & 1048575) % (SELECT count(*) FROM orchestrator_instances) AS place
           FROM generate_series(1, $1::int) AS number) AS made
     JOIN (SELECT orchestrator_id, row_number() OVER (ORDER BY orchestrator_id) AS place FROM orchestrator_instances) AS i USING (place)`,
    [messages, RECOMMENDATIONS],
  );
  await run(
    `INSERT INTO usage_hourly (organization_id, orchestrator_id, hour, model, provider, requests, input_tokens, output_tokens, cost_usd)
     SELECT organization_id, organization_id, hour, model, provider, requests, requests * 900, requests * 240, requests * price
     FROM (SELECT o.organization_id, hour, m.model, m.provider, 0.0021 * m.place AS price,
             20 + ((hashtextextended(o.organization_id || hour || m.model, 3) & 1023) * (1 + 0.4 * sin(extract(epoch FROM hour) / 86400)) / m.place)::int AS requests
           FROM (SELECT organization_id FROM organizations ORDER BY organization_id LIMIT $1) AS o,
             generate_series(date_trunc('day', now()) - interval '40 days', now(), interval '4 hours') AS hour,
             (SELECT model, provider, place FROM jsonb_array_elements_text($2::jsonb) WITH ORDINALITY AS m(model, place)
              JOIN jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS p(provider, place) USING (place)) AS m) AS made`,
    [options.usageOrganizations ?? Math.min(organizations, 25), MODELS, PROVIDERS],
  );
  await run(
    `INSERT INTO activity_logs (at, actor, action, target_type, target_id, organization_id, before, after, ip, request_id)
     SELECT now() - number * interval '5 minutes', ${pick("ARRAY['user:ada', 'user:grace', 'user:linus', 'user:superadmin']", "number::text", "actor")},
       action, CASE WHEN action LIKE 'config%' THEN 'organization' ELSE 'orchestrator' END, organization_id, organization_id,
       NULL, CASE WHEN action LIKE 'config%' THEN '{"features": {"caching": true}}'::jsonb ELSE '{"is_independent": true}'::jsonb END,
       '192.0.2.' || number % 250, gen_random_uuid()::text
     FROM (SELECT number, ${pick("ARRAY['config.publish', 'orchestrator.independence', 'orchestrator.register', 'message.decide']", "number::text", "action")} AS action,
             1 + (hashtextextended(number::text, 4) & 1048575) % $2::int AS place
           FROM generate_series(1, $1::int) AS number) AS made
     JOIN (SELECT organization_id, row_number() OVER (ORDER BY organization_id) AS place FROM organizations) AS o USING (place)`,
    [auditEntries, organizations],
  );
  await run("ANALYZE");
}
