-- Stores audit rows once, however often their change is delivered.
CREATE OR REPLACE FUNCTION store_audit(entries jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO activity_logs (id, at, actor, action, target_type, target_id, organization_id, before, after, ip, user_agent, request_id)
  SELECT e.id, to_timestamp(e.at / 1000.0), e.actor, e.action, e.target_type, e.target_id, e.organization_id,
         e.before, e.after, left(e.ip, 64), left(e.user_agent, 512), e.request_id
  FROM jsonb_to_recordset(entries) AS e(
    id uuid, at bigint, actor text, action text, target_type text, target_id text, organization_id text,
    before jsonb, after jsonb, ip text, user_agent text, request_id text)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
-- The application role can only add to the audit. Through this function it deletes old rows, but never those of the last
-- 30 days, so that somebody who takes over the application cannot remove the traces.
CREATE OR REPLACE FUNCTION delete_old_audit(older_than timestamptz, batch integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM public.activity_logs
    WHERE id IN (
      SELECT l.id FROM public.activity_logs l
      WHERE l.at < least(older_than, now() - interval '30 days')
      ORDER BY l.at LIMIT batch)
    RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;
