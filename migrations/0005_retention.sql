CREATE INDEX "orchestrator_messages_created_at" ON "orchestrator_messages" USING btree ("created_at","id");--> statement-breakpoint
-- The application role can only add to the audit. This lets it delete what is old, and never the last 30 days, so that
-- whoever takes over the application cannot wipe out the traces.
CREATE FUNCTION delete_old_audit(older_than timestamptz, batch integer) RETURNS integer
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
--> statement-breakpoint
REVOKE ALL ON FUNCTION delete_old_audit(timestamptz, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION delete_old_audit(timestamptz, integer) TO moolai_app;
