GRANT SELECT, INSERT, UPDATE, DELETE ON config_revisions, usage_reports, usage_hourly, users TO moolai_app;
--> statement-breakpoint
-- As before, and the configuration state of each orchestrator with it.
CREATE OR REPLACE FUNCTION apply_presence(reports jsonb, audit jsonb DEFAULT '[]') RETURNS text[] LANGUAGE plpgsql AS $$
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
-- Stores one message once, however often it is delivered; not for an orchestrator that is gone.
CREATE FUNCTION store_message(p jsonb, audit jsonb DEFAULT '[]') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orchestrator_messages (id, orchestrator_id, message_type, direction, content, message_metadata, delivered_at, created_at, updated_at)
  SELECT p->>'id', i.orchestrator_id, p->>'message_type', p->>'direction', p->>'content', coalesce(p->'metadata', '{}'),
         to_timestamp((p->>'delivered_at')::bigint / 1000.0), to_timestamp((p->>'created_at')::bigint / 1000.0),
         to_timestamp((p->>'created_at')::bigint / 1000.0)
  FROM orchestrator_instances i WHERE i.orchestrator_id = p->>'orchestrator_id'
  ON CONFLICT (id) DO NOTHING;
  PERFORM store_audit(audit);
END
$$;
--> statement-breakpoint
CREATE FUNCTION mark_messages_delivered(ids text[], at_ms bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE orchestrator_messages SET delivered_at = to_timestamp(at_ms / 1000.0), updated_at = now()
  WHERE id = ANY(ids) AND delivered_at IS NULL
$$;
--> statement-breakpoint
-- Accepts or dismisses a pending message; a decision stands. Outcome: applied | unchanged | decided | missing.
-- `organizations` null: the caller may see all. `orchestrator_id` null: of any orchestrator.
CREATE FUNCTION decide_message(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  known orchestrator_messages%ROWTYPE;
BEGIN
  SELECT m.* INTO known FROM orchestrator_messages m
  JOIN orchestrator_instances i ON i.orchestrator_id = m.orchestrator_id
  WHERE m.id = p->>'id'
    AND (p->>'orchestrator_id' IS NULL OR m.orchestrator_id = p->>'orchestrator_id')
    AND (jsonb_typeof(p->'organizations') IS DISTINCT FROM 'array' OR p->'organizations' ? i.organization_id)
  FOR UPDATE OF m;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('outcome', 'missing');
  END IF;
  IF known.status = p->>'status' THEN
    RETURN jsonb_build_object('outcome', 'unchanged', 'orchestrator_id', known.orchestrator_id, 'status', known.status);
  END IF;
  IF known.status <> 'pending' THEN
    RETURN jsonb_build_object('outcome', 'decided', 'orchestrator_id', known.orchestrator_id, 'status', known.status);
  END IF;
  UPDATE orchestrator_messages SET status = p->>'status', decided_by = p->>'actor', decided_at = now(), updated_at = now()
  WHERE id = known.id;
  PERFORM store_audit(audit);
  RETURN jsonb_build_object('outcome', 'applied', 'orchestrator_id', known.orchestrator_id, 'status', p->>'status');
END
$$;
--> statement-breakpoint
-- Publishes a configuration: parts that are given are merged per top-level key (`merge`) or replace the stored ones.
-- `expected` null: whatever is stored. Outcome: applied | unchanged | conflict (another revision is stored) | missing.
CREATE FUNCTION publish_config(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  o organizations%ROWTYPE;
  merge boolean := coalesce((p->>'merge')::boolean, false);
  next_features jsonb;
  next_settings jsonb;
  next_policies jsonb;
  digest text;
  outcome text := 'applied';
BEGIN
  SELECT * INTO o FROM organizations
  WHERE organization_id = p->>'organization_id'
    AND (jsonb_typeof(p->'organizations') IS DISTINCT FROM 'array' OR p->'organizations' ? organization_id)
  FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('outcome', 'missing');
  END IF;
  next_features := CASE WHEN p->'features' IS NULL THEN o.features WHEN merge THEN o.features || (p->'features') ELSE p->'features' END;
  next_settings := CASE WHEN p->'settings' IS NULL THEN o.settings WHEN merge THEN o.settings || (p->'settings') ELSE p->'settings' END;
  next_policies := CASE WHEN p->'policies' IS NULL THEN o.policies WHEN merge THEN o.policies || (p->'policies') ELSE p->'policies' END;
  IF jsonb_typeof(p->'expected') = 'number' AND (p->>'expected')::bigint <> o.config_revision THEN
    outcome := 'conflict';
  ELSIF (next_features, next_settings, next_policies) = (o.features, o.settings, o.policies) AND o.config_revision > 0 THEN
    outcome := 'unchanged';
  ELSE
    digest := encode(sha256(convert_to(jsonb_build_array(next_features, next_settings, next_policies)::text, 'UTF8')), 'hex');
    UPDATE organizations
    SET features = next_features, settings = next_settings, policies = next_policies,
        config_revision = o.config_revision + 1, config_hash = digest, updated_at = now()
    WHERE organization_id = o.organization_id
    RETURNING * INTO o;
    INSERT INTO config_revisions (organization_id, revision, hash, features, settings, policies, actor)
    VALUES (o.organization_id, o.config_revision, o.config_hash, o.features, o.settings, o.policies, p->>'actor');
    PERFORM store_audit(audit);
  END IF;
  RETURN jsonb_build_object('outcome', outcome, 'organization_id', o.organization_id, 'revision', o.config_revision,
    'hash', o.config_hash, 'features', o.features, 'settings', o.settings, 'policies', o.policies);
END
$$;
--> statement-breakpoint
-- Rolls one usage report up by hour, once for each report id.
CREATE FUNCTION store_usage(p jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_reports (orchestrator_id, report_id) VALUES (p->>'orchestrator_id', p->>'report_id')
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO usage_hourly AS u (organization_id, orchestrator_id, hour, model, provider, requests, input_tokens, output_tokens, cost_usd)
  SELECT p->>'organization_id', p->>'orchestrator_id',
         date_trunc('hour', to_timestamp((p->>'window_start')::bigint / 1000.0), 'UTC'),
         coalesce(item.model, ''), coalesce(item.provider, ''),
         sum(item.requests), sum(item.input_tokens), sum(item.output_tokens), sum(item.cost_usd)
  FROM jsonb_to_recordset(p->'items') AS item(
    model text, provider text, requests bigint, input_tokens bigint, output_tokens bigint, cost_usd numeric)
  GROUP BY 4, 5
  ON CONFLICT (organization_id, orchestrator_id, hour, model, provider) DO UPDATE SET
    requests = u.requests + EXCLUDED.requests,
    input_tokens = u.input_tokens + EXCLUDED.input_tokens,
    output_tokens = u.output_tokens + EXCLUDED.output_tokens,
    cost_usd = u.cost_usd + EXCLUDED.cost_usd;
END
$$;
