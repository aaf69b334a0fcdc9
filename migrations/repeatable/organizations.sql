-- Recomputes organizations from their instances. The caller must hold their row locks: otherwise two concurrent updates
-- would each miss the other's instance, and the aggregate would stay wrong.
CREATE OR REPLACE FUNCTION refresh_organizations(ids text[]) RETURNS void LANGUAGE sql AS $$
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
