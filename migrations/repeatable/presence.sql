-- Applies one batch of presence reports: locks the organizations in the order of their ids, updates the instances whose
-- stored (epoch, seq) of the same generation is older, and recomputes the organizations. Inserts nothing. Returns the ids
-- that have a row. It touches only instances of the organizations that it has locked: the locks come from one snapshot of
-- the database, the update from a later one.
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
      config_revision = r.config_revision,
      config_state = r.config_state,
      config_error = r.config_error,
      config_since = to_timestamp(r.config_since / 1000.0),
      config_running_revision = r.config_running_revision,
      presence_epoch = r.epoch,
      presence_seq = r.seq,
      updated_at = now()
  FROM jsonb_to_recordset(reports) AS r(
    orchestrator_id text, generation bigint, epoch bigint, seq bigint, status text, health_status text,
    is_independent boolean, privacy_mode boolean, last_seen bigint, last_activity bigint,
    config_revision bigint, config_state text, config_error text, config_since bigint, config_running_revision bigint)
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
-- Sets orchestrators inactive whose object does not exist: no report will ever say so.
CREATE OR REPLACE FUNCTION mark_absent(ids text[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  changed integer;
BEGIN
  PERFORM 1 FROM organizations o
  WHERE o.organization_id IN (SELECT i.organization_id FROM orchestrator_instances i WHERE i.orchestrator_id = ANY(ids))
  ORDER BY o.organization_id
  FOR UPDATE;
  UPDATE orchestrator_instances i SET status = 'inactive', updated_at = now()
  WHERE i.orchestrator_id = ANY(ids) AND i.status = 'active';
  GET DIAGNOSTICS changed = ROW_COUNT;
  PERFORM refresh_organizations(ARRAY(
    SELECT DISTINCT i.organization_id FROM orchestrator_instances i WHERE i.orchestrator_id = ANY(ids)));
  RETURN changed;
END
$$;
