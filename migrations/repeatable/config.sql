-- Publishes a configuration: parts that are given are merged per top-level key (`merge`) or replace the stored ones.
-- `expected` null: whatever is stored. Outcome: applied | unchanged | conflict (another revision is stored) | missing.
-- Orchestrators refuse a revision that is not newer than theirs. A database that was restored from a backup lacks what was
-- published after the backup, so the next revision is numbered above the highest that an orchestrator has reported, and is
-- stored even if nothing else changes.
CREATE OR REPLACE FUNCTION publish_config(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  o organizations%ROWTYPE;
  merge boolean := coalesce((p->>'merge')::boolean, false);
  next_features jsonb;
  next_settings jsonb;
  next_policies jsonb;
  digest text;
  outcome text := 'applied';
  newest bigint;
BEGIN
  SELECT * INTO o FROM organizations
  WHERE organization_id = p->>'organization_id'
    AND (jsonb_typeof(p->'organizations') IS DISTINCT FROM 'array' OR p->'organizations' ? organization_id)
  FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('outcome', 'missing');
  END IF;
  SELECT greatest(o.config_revision, max(i.config_revision)) INTO newest
  FROM orchestrator_instances i WHERE i.organization_id = o.organization_id;
  next_features := CASE WHEN p->'features' IS NULL THEN o.features WHEN merge THEN o.features || (p->'features') ELSE p->'features' END;
  next_settings := CASE WHEN p->'settings' IS NULL THEN o.settings WHEN merge THEN o.settings || (p->'settings') ELSE p->'settings' END;
  next_policies := CASE WHEN p->'policies' IS NULL THEN o.policies WHEN merge THEN o.policies || (p->'policies') ELSE p->'policies' END;
  IF jsonb_typeof(p->'expected') = 'number' AND (p->>'expected')::bigint <> o.config_revision THEN
    outcome := 'conflict';
  ELSIF (next_features, next_settings, next_policies) = (o.features, o.settings, o.policies) AND o.config_revision > 0
        AND newest = o.config_revision THEN
    outcome := 'unchanged';
  ELSE
    digest := encode(sha256(convert_to(jsonb_build_array(next_features, next_settings, next_policies)::text, 'UTF8')), 'hex');
    UPDATE organizations
    SET features = next_features, settings = next_settings, policies = next_policies,
        config_revision = newest + 1, config_hash = digest, updated_at = now()
    WHERE organization_id = o.organization_id
    RETURNING * INTO o;
    INSERT INTO config_revisions (organization_id, revision, hash, features, settings, policies, actor)
    VALUES (o.organization_id, o.config_revision, o.config_hash, o.features, o.settings, o.policies, p->>'actor');
    IF audit->0->'after' IS NOT NULL THEN
      audit := jsonb_set(audit, '{0,after,revision}', to_jsonb(o.config_revision));
    END IF;
    PERFORM store_audit(audit);
  END IF;
  RETURN jsonb_build_object('outcome', outcome, 'organization_id', o.organization_id, 'revision', o.config_revision,
    'hash', o.config_hash, 'features', o.features, 'settings', o.settings, 'policies', o.policies);
END
$$;
