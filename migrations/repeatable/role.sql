-- The role of the Worker: it may change rows, never tables, and can only add to the audit. A right that is to go needs a
-- REVOKE here; to leave out its GRANT is not enough for a database that has it.
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
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_tokens, api_tokens, config_revisions, join_tokens, message_totals,
  one_time_links, orchestrator_instances, orchestrator_messages, organizations, tombstones, usage_hourly, usage_reports, users
TO moolai_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON activity_logs TO moolai_app;
--> statement-breakpoint
REVOKE ALL ON FUNCTION delete_old_audit(timestamptz, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION delete_old_audit(timestamptz, integer) TO moolai_app;
