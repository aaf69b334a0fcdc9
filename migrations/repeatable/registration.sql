-- Connection strings and environment variables of registrations are never read, so only the fact that they are set is
-- stored. The Worker reduces them before it sends them; these two make sure of it.
CREATE OR REPLACE FUNCTION only_whether_set(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN given IS NOT NULL THEN 'set' END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION only_names(given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN given IS NOT NULL THEN
    coalesce((SELECT jsonb_object_agg(name, 'set') FROM jsonb_object_keys(given) AS name), '{}') END
$$;
--> statement-breakpoint
-- The stored row as an object needs it when it has lost its own storage.
CREATE OR REPLACE FUNCTION known_registration(outcome text, i orchestrator_instances) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('outcome', outcome, 'generation', i.generation, 'organization_id', i.organization_id,
    'epoch', i.presence_epoch, 'seq', i.presence_seq, 'is_independent', i.is_independent, 'privacy_mode', i.privacy_mode,
    'last_seen', (extract(epoch FROM i.last_seen) * 1000)::bigint,
    'name', i.name, 'location', i.location, 'name_set', i.name_set, 'location_set', i.location_set)
$$;
--> statement-breakpoint
-- Creates or updates one orchestrator and, where it is new, its organization. Absent fields keep their value. A name or
-- location that somebody has set stays, unless this call sets it (`sets`); what the orchestrator reports is stored beside it.
-- An organization whose only orchestrator has its id shares both with it. Outcome: applied | tombstoned | stale (a newer
-- generation is stored) | conflict (the id belongs to another organization).
CREATE OR REPLACE FUNCTION register_orchestrator(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  target text := p->>'orchestrator_id';
  parent text := p->>'organization_id';
  turn bigint := (p->>'generation')::bigint;
  f jsonb := coalesce(p->'fields', '{}');
  accepted bigint := coalesce((p->>'accepted_at')::bigint, 0);
  over_rest boolean := p->>'source' = 'rest';
  sets_name boolean := coalesce((p->'sets'->>'name')::boolean, over_rest AND f ? 'name');
  sets_location boolean := coalesce((p->'sets'->>'location')::boolean, over_rest AND f ? 'location');
  owns_name boolean := sets_name OR coalesce((p->'owned'->>'name')::boolean, false);
  owns_location boolean := sets_location OR coalesce((p->'owned'->>'location')::boolean, false);
  own_name text := left(coalesce(f->>'reported_name', CASE WHEN NOT over_rest THEN f->'metadata'->>'name' END), 255);
  own_location text := left(coalesce(f->>'reported_location', CASE WHEN NOT over_rest THEN f->'metadata'->>'location' END), 255);
  shares boolean;
  dead bigint;
  known orchestrator_instances%ROWTYPE;
  org organizations%ROWTYPE;
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
  -- A call that timed out may still arrive after a newer one.
  IF known.generation = turn AND known.registration_at > accepted THEN
    PERFORM store_audit(audit);
    RETURN known_registration('applied', known);
  END IF;

  INSERT INTO organizations (organization_id, name, location, name_set, location_set, features)
  VALUES (parent, coalesce(f->>'name', parent), f->>'location', owns_name, owns_location,
    CASE WHEN over_rest THEN coalesce(p->'told_features', f->'features', '{}') ELSE '{}' END)
  -- Locks the row too, and inserts it again when a deregistration deletes it meanwhile.
  ON CONFLICT (organization_id) DO UPDATE SET organization_id = EXCLUDED.organization_id;
  shares := parent = target AND NOT EXISTS (
    SELECT FROM orchestrator_instances i WHERE i.organization_id = parent AND i.orchestrator_id <> target);
  IF shares THEN
    SELECT * INTO org FROM organizations WHERE organization_id = parent;
    IF sets_name OR NOT org.name_set THEN
      org.name := coalesce(f->>'name', org.name);
      org.name_set := org.name_set OR owns_name;
    END IF;
    IF sets_location OR NOT org.location_set THEN
      org.location := coalesce(f->>'location', org.location);
      org.location_set := org.location_set OR owns_location;
    END IF;
    UPDATE organizations SET
      edit_version = edit_version + ((name, location, name_set, location_set)
        IS DISTINCT FROM (org.name, org.location, org.name_set, org.location_set))::int,
      name = org.name, location = org.location, name_set = org.name_set, location_set = org.location_set,
      reported_name = coalesce(own_name, reported_name),
      reported_location = coalesce(own_location, reported_location),
      metadata = coalesce(f->'metadata' || set_metadata, metadata), updated_at = now()
    WHERE organization_id = parent;
  END IF;

  INSERT INTO orchestrator_instances AS i (
    orchestrator_id, organization_id, organization_name, name, location, name_set, location_set, reported_name,
    reported_location, metadata, features, session_config, internal_url,
    database_url, redis_url, environment_variables, container_id, image_name, phoenix_endpoint, admin_email, support_email,
    website, monitoring_enabled, is_independent, privacy_mode, generation, registration_at)
  SELECT target, parent, o.name, f->>'name', f->>'location', owns_name, owns_location, own_name,
    own_location, coalesce(f->'metadata', '{}'), coalesce(f->'features', '{}'),
    coalesce(f->'session_config', '{}'), f->>'internal_url', only_whether_set(f->>'database_url'), only_whether_set(f->>'redis_url'),
    coalesce(only_names(f->'environment_variables'), '{}'), f->>'container_id', f->>'image_name', f->>'phoenix_endpoint',
    f->>'admin_email', f->>'support_email', f->>'website', coalesce((f->>'monitoring_enabled')::boolean, true),
    coalesce((p->>'is_independent')::boolean, false), coalesce((p->>'privacy_mode')::boolean, false), turn, accepted
  FROM organizations o WHERE o.organization_id = parent
  ON CONFLICT (orchestrator_id) DO UPDATE SET
    organization_name = EXCLUDED.organization_name,
    name = CASE WHEN i.name_set AND NOT sets_name THEN i.name ELSE coalesce(f->>'name', i.name) END,
    location = CASE WHEN i.location_set AND NOT sets_location THEN i.location ELSE coalesce(f->>'location', i.location) END,
    name_set = i.name_set OR owns_name,
    location_set = i.location_set OR owns_location,
    reported_name = coalesce(EXCLUDED.reported_name, i.reported_name),
    reported_location = coalesce(EXCLUDED.reported_location, i.reported_location),
    metadata = coalesce(f->'metadata', i.metadata),
    features = coalesce(f->'features', i.features),
    session_config = coalesce(f->'session_config', i.session_config),
    internal_url = coalesce(f->>'internal_url', i.internal_url),
    database_url = coalesce(only_whether_set(f->>'database_url'), i.database_url),
    redis_url = coalesce(only_whether_set(f->>'redis_url'), i.redis_url),
    environment_variables = coalesce(only_names(f->'environment_variables'), i.environment_variables),
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
  IF shares THEN
    UPDATE orchestrator_instances i SET
      name = CASE WHEN org.name_set THEN org.name ELSE i.name END, name_set = i.name_set OR org.name_set,
      location = CASE WHEN org.location_set THEN org.location ELSE i.location END,
      location_set = i.location_set OR org.location_set
    WHERE i.orchestrator_id = target
      AND (org.name_set AND i.name IS DISTINCT FROM org.name OR org.location_set AND i.location IS DISTINCT FROM org.location
        OR org.name_set AND NOT i.name_set OR org.location_set AND NOT i.location_set)
    RETURNING * INTO known;
    IF NOT FOUND THEN
      SELECT * INTO known FROM orchestrator_instances i WHERE i.orchestrator_id = target;
    END IF;
  END IF;

  PERFORM refresh_organizations(ARRAY[parent]);
  PERFORM store_audit(audit);
  RETURN known_registration('applied', known);
END
$$;
--> statement-breakpoint
-- Deletes one orchestrator, its messages and, when it was the last one, its organization; leaves a tombstone.
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
