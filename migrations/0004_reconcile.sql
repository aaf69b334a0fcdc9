-- Orchestrators that no object answers for: nobody is there to report them, so they are set inactive here.
CREATE FUNCTION mark_absent(ids text[]) RETURNS integer LANGUAGE plpgsql AS $$
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
