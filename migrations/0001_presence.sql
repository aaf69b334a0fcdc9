-- The application role: data, never DDL, and an audit that it can only add to.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'moolai_app') THEN
    CREATE ROLE moolai_app NOLOGIN;
  END IF;
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO moolai_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON organizations, orchestrator_instances, orchestrator_messages, tombstones TO moolai_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON activity_logs TO moolai_app;
--> statement-breakpoint
-- Stores audit rows once, however often their change is delivered.
CREATE FUNCTION store_audit(entries jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO activity_logs (id, at, actor, action, target_type, target_id, organization_id, before, after, ip, user_agent, request_id)
  SELECT e.id, to_timestamp(e.at / 1000.0), e.actor, e.action, e.target_type, e.target_id, e.organization_id,
         e.before, e.after, left(e.ip, 64), left(e.user_agent, 512), e.request_id
  FROM jsonb_to_recordset(entries) AS e(
    id uuid, at bigint, actor text, action text, target_type text, target_id text, organization_id text,
    before jsonb, after jsonb, ip text, user_agent text, request_id text)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
-- Recomputes organizations from their instances. The caller holds their row locks: two plain concurrent
-- updates would each miss the other's instance and leave a wrong aggregate for ever.
CREATE FUNCTION refresh_organizations(ids text[]) RETURNS void LANGUAGE sql AS $$
  UPDATE organizations o
  SET status = CASE WHEN a.active > 0 THEN 'active' WHEN a.total > 0 AND a.independent = a.total THEN 'independent' ELSE 'inactive' END,
      is_independent = a.total > 0 AND a.independent = a.total,
      last_seen = coalesce(a.last_seen, o.last_seen),
      is_active = o.is_active OR a.connected,
      updated_at = now()
  FROM (
    SELECT k.id,
           count(i.*) AS total,
           count(i.*) FILTER (WHERE i.status = 'active') AS active,
           count(i.*) FILTER (WHERE i.is_independent) AS independent,
           max(i.last_seen) AS last_seen,
           coalesce(bool_or(i.last_seen IS NOT NULL), false) AS connected
    FROM unnest(ids) AS k(id)
    LEFT JOIN orchestrator_instances i ON i.organization_id = k.id
    GROUP BY k.id
  ) a
  WHERE o.organization_id = a.id
    AND (o.status, o.is_independent, o.last_seen, o.is_active) IS DISTINCT FROM (
      CASE WHEN a.active > 0 THEN 'active' WHEN a.total > 0 AND a.independent = a.total THEN 'independent' ELSE 'inactive' END,
      a.total > 0 AND a.independent = a.total,
      coalesce(a.last_seen, o.last_seen),
      o.is_active OR a.connected)
$$;
--> statement-breakpoint
-- One flush of presence (DESIGN §1): locks the organizations in id order, updates the instances fenced by
-- (epoch, seq) within their generation, re-aggregates. Never inserts. Returns the ids that have a row.
CREATE FUNCTION apply_presence(reports jsonb, audit jsonb DEFAULT '[]') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  known text[];
  parents text[];
BEGIN
  PERFORM 1 FROM organizations o
  WHERE o.organization_id IN (
    SELECT i.organization_id FROM orchestrator_instances i
    JOIN jsonb_to_recordset(reports) AS r(orchestrator_id text) ON r.orchestrator_id = i.orchestrator_id)
  ORDER BY o.organization_id
  FOR UPDATE;

  UPDATE orchestrator_instances i
  SET status = r.status,
      health_status = r.health_status,
      is_independent = r.is_independent,
      privacy_mode = r.privacy_mode,
      last_seen = greatest(i.last_seen, to_timestamp(r.last_seen / 1000.0)),
      last_activity = greatest(i.last_activity, to_timestamp(r.last_activity / 1000.0)),
      presence_epoch = r.epoch,
      presence_seq = r.seq,
      updated_at = now()
  FROM jsonb_to_recordset(reports) AS r(
    orchestrator_id text, generation bigint, epoch bigint, seq bigint, status text, health_status text,
    is_independent boolean, privacy_mode boolean, last_seen bigint, last_activity bigint)
  WHERE i.orchestrator_id = r.orchestrator_id
    AND i.generation = r.generation
    AND (r.epoch, r.seq) > (i.presence_epoch, i.presence_seq);

  SELECT coalesce(array_agg(i.orchestrator_id), '{}'), coalesce(array_agg(DISTINCT i.organization_id), '{}')
  INTO known, parents
  FROM orchestrator_instances i
  JOIN jsonb_to_recordset(reports) AS r(orchestrator_id text) ON r.orchestrator_id = i.orchestrator_id;

  PERFORM refresh_organizations(parents);
  PERFORM store_audit(audit);
  RETURN known;
END
$$;
--> statement-breakpoint
-- Creates or updates one orchestrator and, where it is new, its organization. Absent fields keep their value.
-- Outcome: applied | tombstoned | stale (a newer generation is stored) | conflict (belongs to another organization).
CREATE FUNCTION register_orchestrator(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  target text := p->>'orchestrator_id';
  parent text := p->>'organization_id';
  turn bigint := (p->>'generation')::bigint;
  f jsonb := coalesce(p->'fields', '{}');
  dead bigint;
  known orchestrator_instances%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(target, 0));
  SELECT t.generation INTO dead FROM tombstones t WHERE t.orchestrator_id = target;
  IF dead >= turn THEN
    RETURN jsonb_build_object('outcome', 'tombstoned', 'generation', dead);
  END IF;
  SELECT * INTO known FROM orchestrator_instances i WHERE i.orchestrator_id = target;
  IF known.generation > turn THEN
    RETURN jsonb_build_object('outcome', 'stale', 'generation', known.generation, 'organization_id', known.organization_id);
  END IF;
  IF known.organization_id <> parent THEN
    RETURN jsonb_build_object('outcome', 'conflict', 'generation', known.generation, 'organization_id', known.organization_id);
  END IF;

  INSERT INTO organizations (organization_id, name, location, features)
  VALUES (parent, coalesce(f->>'name', parent), f->>'location', CASE WHEN p->>'source' = 'rest' THEN coalesce(f->'features', '{}') ELSE '{}' END)
  -- Locks the row too, and inserts it again when a deregistration deletes it meanwhile.
  ON CONFLICT (organization_id) DO UPDATE SET organization_id = EXCLUDED.organization_id;
  IF parent = target THEN
    UPDATE organizations o
    SET name = coalesce(f->>'name', o.name), location = coalesce(f->>'location', o.location),
        metadata = coalesce(f->'metadata', o.metadata), updated_at = now()
    WHERE o.organization_id = parent;
  END IF;

  INSERT INTO orchestrator_instances AS i (
    orchestrator_id, organization_id, organization_name, name, location, metadata, features, session_config, internal_url,
    database_url, redis_url, environment_variables, container_id, image_name, phoenix_endpoint, admin_email, support_email,
    website, monitoring_enabled, is_independent, privacy_mode, generation)
  SELECT target, parent, o.name, f->>'name', f->>'location', coalesce(f->'metadata', '{}'), coalesce(f->'features', '{}'),
    coalesce(f->'session_config', '{}'), f->>'internal_url', f->>'database_url', f->>'redis_url',
    coalesce(f->'environment_variables', '{}'), f->>'container_id', f->>'image_name', f->>'phoenix_endpoint',
    f->>'admin_email', f->>'support_email', f->>'website', coalesce((f->>'monitoring_enabled')::boolean, true),
    coalesce((p->>'is_independent')::boolean, false), coalesce((p->>'privacy_mode')::boolean, false), turn
  FROM organizations o WHERE o.organization_id = parent
  ON CONFLICT (orchestrator_id) DO UPDATE SET
    organization_name = EXCLUDED.organization_name,
    name = coalesce(f->>'name', i.name),
    location = coalesce(f->>'location', i.location),
    metadata = coalesce(f->'metadata', i.metadata),
    features = coalesce(f->'features', i.features),
    session_config = coalesce(f->'session_config', i.session_config),
    internal_url = coalesce(f->>'internal_url', i.internal_url),
    database_url = coalesce(f->>'database_url', i.database_url),
    redis_url = coalesce(f->>'redis_url', i.redis_url),
    environment_variables = coalesce(f->'environment_variables', i.environment_variables),
    container_id = coalesce(f->>'container_id', i.container_id),
    image_name = coalesce(f->>'image_name', i.image_name),
    phoenix_endpoint = coalesce(f->>'phoenix_endpoint', i.phoenix_endpoint),
    admin_email = coalesce(f->>'admin_email', i.admin_email),
    support_email = coalesce(f->>'support_email', i.support_email),
    website = coalesce(f->>'website', i.website),
    monitoring_enabled = coalesce((f->>'monitoring_enabled')::boolean, i.monitoring_enabled),
    generation = turn,
    updated_at = now();

  PERFORM refresh_organizations(ARRAY[parent]);
  PERFORM store_audit(audit);
  RETURN jsonb_build_object('outcome', 'applied', 'generation', turn, 'organization_id', parent);
END
$$;
--> statement-breakpoint
-- Deletes one orchestrator, its messages and, when it was the last one, its organization; leaves a tombstone.
CREATE FUNCTION deregister_orchestrator(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  target text := p->>'orchestrator_id';
  turn bigint := (p->>'generation')::bigint;
  known orchestrator_instances%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(target, 0));
  SELECT * INTO known FROM orchestrator_instances i WHERE i.orchestrator_id = target;
  IF known.generation > turn THEN
    RETURN jsonb_build_object('outcome', 'stale', 'generation', known.generation, 'organization_id', known.organization_id);
  END IF;
  INSERT INTO tombstones AS t (orchestrator_id, generation) VALUES (target, turn)
  ON CONFLICT (orchestrator_id) DO UPDATE SET generation = greatest(t.generation, EXCLUDED.generation), at = now();
  PERFORM 1 FROM organizations o WHERE o.organization_id = known.organization_id FOR UPDATE;
  DELETE FROM orchestrator_messages m WHERE m.orchestrator_id = target;
  DELETE FROM orchestrator_instances i WHERE i.orchestrator_id = target;
  DELETE FROM organizations o
  WHERE o.organization_id = known.organization_id
    AND NOT EXISTS (SELECT FROM orchestrator_instances i WHERE i.organization_id = o.organization_id);
  PERFORM refresh_organizations(ARRAY[known.organization_id]);
  PERFORM store_audit(audit);
  RETURN jsonb_build_object('outcome', 'applied', 'generation', turn, 'organization_id', p->>'organization_id');
END
$$;
