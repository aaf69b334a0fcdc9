ALTER TABLE "orchestrator_instances" ADD COLUMN "registration_at" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- What an object has to know of the stored row, in case it lost its own storage.
CREATE FUNCTION known_registration(outcome text, i orchestrator_instances) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('outcome', outcome, 'generation', i.generation, 'organization_id', i.organization_id,
    'epoch', i.presence_epoch, 'seq', i.presence_seq, 'is_independent', i.is_independent, 'privacy_mode', i.privacy_mode,
    'last_seen', (extract(epoch FROM i.last_seen) * 1000)::bigint)
$$;
--> statement-breakpoint
-- As before, but touches only instances of the organizations that it has locked: the locks come from one snapshot,
-- the update from a later one.
CREATE OR REPLACE FUNCTION apply_presence(reports jsonb, audit jsonb DEFAULT '[]') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  known text[];
  parents text[];
BEGIN
  SELECT coalesce(array_agg(locked.organization_id), '{}') INTO parents
  FROM (
    SELECT o.organization_id FROM organizations o
    WHERE o.organization_id IN (
      SELECT i.organization_id FROM orchestrator_instances i
      JOIN jsonb_to_recordset(reports) AS r(orchestrator_id text) ON r.orchestrator_id = i.orchestrator_id)
    ORDER BY o.organization_id
    FOR UPDATE
  ) locked;

  UPDATE orchestrator_instances i
  SET status = r.status,
      health_status = r.health_status,
      is_independent = r.is_independent,
      privacy_mode = r.privacy_mode,
      last_seen = greatest(i.last_seen, to_timestamp(r.last_seen / 1000.0)),
      last_activity = greatest(i.last_activity, to_timestamp(r.last_activity / 1000.0)),
      config_revision = coalesce(r.config_revision, i.config_revision),
      config_state = coalesce(r.config_state, i.config_state),
      config_error = CASE WHEN r.config_state IS NULL THEN i.config_error ELSE r.config_error END,
      presence_epoch = r.epoch,
      presence_seq = r.seq,
      updated_at = now()
  FROM jsonb_to_recordset(reports) AS r(
    orchestrator_id text, generation bigint, epoch bigint, seq bigint, status text, health_status text,
    is_independent boolean, privacy_mode boolean, last_seen bigint, last_activity bigint,
    config_revision bigint, config_state text, config_error text)
  WHERE i.orchestrator_id = r.orchestrator_id
    AND i.organization_id = ANY(parents)
    AND i.generation = r.generation
    AND (r.epoch, r.seq) > (i.presence_epoch, i.presence_seq);

  SELECT coalesce(array_agg(i.orchestrator_id), '{}') INTO known
  FROM orchestrator_instances i
  JOIN jsonb_to_recordset(reports) AS r(orchestrator_id text) ON r.orchestrator_id = i.orchestrator_id
  WHERE i.organization_id = ANY(parents);

  PERFORM refresh_organizations(parents);
  PERFORM store_audit(audit);
  RETURN known;
END
$$;
--> statement-breakpoint
-- As before, with the order of registrations within a generation.
CREATE OR REPLACE FUNCTION register_orchestrator(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  target text := p->>'orchestrator_id';
  parent text := p->>'organization_id';
  turn bigint := (p->>'generation')::bigint;
  f jsonb := coalesce(p->'fields', '{}');
  accepted bigint := coalesce((p->>'accepted_at')::bigint, 0);
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
    RETURN known_registration('stale', known);
  END IF;
  IF known.organization_id <> parent THEN
    RETURN known_registration('conflict', known);
  END IF;
  -- A call that was given up may still arrive after a newer one.
  IF known.generation = turn AND known.registration_at > accepted THEN
    PERFORM store_audit(audit);
    RETURN known_registration('applied', known);
  END IF;

  INSERT INTO organizations (organization_id, name, location, features)
  VALUES (parent, coalesce(f->>'name', parent), f->>'location', CASE WHEN p->>'source' = 'rest' THEN coalesce(f->'features', '{}') ELSE '{}' END)
  -- Locks the row too, and inserts it again when a deregistration deletes it meanwhile.
  ON CONFLICT (organization_id) DO UPDATE SET organization_id = EXCLUDED.organization_id;
  -- Only an organization of one takes name and location from its orchestrator (DESIGN §4).
  IF parent = target AND NOT EXISTS (
    SELECT FROM orchestrator_instances i WHERE i.organization_id = parent AND i.orchestrator_id <> target) THEN
    UPDATE organizations o
    SET name = coalesce(f->>'name', o.name), location = coalesce(f->>'location', o.location),
        metadata = coalesce(f->'metadata', o.metadata), updated_at = now()
    WHERE o.organization_id = parent;
  END IF;

  INSERT INTO orchestrator_instances AS i (
    orchestrator_id, organization_id, organization_name, name, location, metadata, features, session_config, internal_url,
    database_url, redis_url, environment_variables, container_id, image_name, phoenix_endpoint, admin_email, support_email,
    website, monitoring_enabled, is_independent, privacy_mode, generation, registration_at)
  SELECT target, parent, o.name, f->>'name', f->>'location', coalesce(f->'metadata', '{}'), coalesce(f->'features', '{}'),
    coalesce(f->'session_config', '{}'), f->>'internal_url', f->>'database_url', f->>'redis_url',
    coalesce(f->'environment_variables', '{}'), f->>'container_id', f->>'image_name', f->>'phoenix_endpoint',
    f->>'admin_email', f->>'support_email', f->>'website', coalesce((f->>'monitoring_enabled')::boolean, true),
    coalesce((p->>'is_independent')::boolean, false), coalesce((p->>'privacy_mode')::boolean, false), turn, accepted
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
    registration_at = accepted,
    updated_at = now()
  RETURNING * INTO known;

  PERFORM refresh_organizations(ARRAY[parent]);
  PERFORM store_audit(audit);
  RETURN known_registration('applied', known);
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION deregister_orchestrator(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  target text := p->>'orchestrator_id';
  turn bigint := (p->>'generation')::bigint;
  known orchestrator_instances%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(target, 0));
  SELECT * INTO known FROM orchestrator_instances i WHERE i.orchestrator_id = target;
  IF known.generation > turn THEN
    RETURN known_registration('stale', known);
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
