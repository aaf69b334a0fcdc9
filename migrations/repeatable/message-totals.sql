-- Triggers keep the totals of each organization, because a new message is checked against them. `pending` counts the
-- messages that orchestrators sent and that nobody has accepted or dismissed.

-- The size of one message: its text, and an estimate for its row.
CREATE OR REPLACE FUNCTION message_bytes(content text, metadata jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT 256 + octet_length(content) + octet_length(metadata::text)
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION add_to_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO message_totals AS t (organization_id, bytes, pending)
  SELECT i.organization_id, sum(message_bytes(m.content, m.message_metadata)), count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound')
  FROM added m JOIN orchestrator_instances i USING (orchestrator_id)
  GROUP BY i.organization_id ORDER BY i.organization_id
  ON CONFLICT (organization_id) DO UPDATE SET bytes = t.bytes + EXCLUDED.bytes, pending = t.pending + EXCLUDED.pending;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION change_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_totals t SET pending = greatest(0, t.pending + d.pending)
  FROM (
    SELECT i.organization_id, count(*) FILTER (WHERE n.status = 'pending' AND n.direction = 'inbound') - count(*) FILTER (WHERE o.status = 'pending' AND o.direction = 'inbound') AS pending
    FROM before_it o JOIN after_it n USING (id) JOIN orchestrator_instances i ON i.orchestrator_id = n.orchestrator_id
    GROUP BY i.organization_id) d
  WHERE t.organization_id = d.organization_id AND d.pending <> 0;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- When an orchestrator is deleted, its row is gone before this runs for its messages; the trigger on it subtracts them.
CREATE OR REPLACE FUNCTION take_from_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_totals t SET bytes = greatest(0, t.bytes - d.bytes), pending = greatest(0, t.pending - d.pending)
  FROM (
    SELECT i.organization_id, sum(message_bytes(m.content, m.message_metadata)) AS bytes,
           count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound') AS pending
    FROM gone m JOIN orchestrator_instances i USING (orchestrator_id)
    GROUP BY i.organization_id) d
  WHERE t.organization_id = d.organization_id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION take_instance_from_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_totals t SET bytes = greatest(0, t.bytes - d.bytes), pending = greatest(0, t.pending - d.pending)
  FROM (
    SELECT coalesce(sum(message_bytes(m.content, m.message_metadata)), 0) AS bytes,
           count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound') AS pending
    FROM orchestrator_messages m WHERE m.orchestrator_id = OLD.orchestrator_id) d
  WHERE t.organization_id = OLD.organization_id;
  RETURN OLD;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE TRIGGER message_totals_added AFTER INSERT ON orchestrator_messages
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_to_message_totals();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER message_totals_changed AFTER UPDATE ON orchestrator_messages
  REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION change_message_totals();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER message_totals_gone AFTER DELETE ON orchestrator_messages
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION take_from_message_totals();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER message_totals_instance_gone BEFORE DELETE ON orchestrator_instances
  FOR EACH ROW EXECUTE FUNCTION take_instance_from_message_totals();
