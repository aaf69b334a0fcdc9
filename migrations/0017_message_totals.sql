CREATE TABLE "message_totals" (
	"organization_id" varchar(64) PRIMARY KEY NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"pending" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "message_totals" ADD CONSTRAINT "message_totals_organization_id_organizations_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("organization_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON message_totals TO moolai_app;--> statement-breakpoint
-- pending: what orchestrators sent and nobody has decided about. Nobody has to decide about what the controller sent.
-- What one message counts for: its text, and something for its row.
CREATE FUNCTION message_bytes(content text, metadata jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT 256 + octet_length(content) + octet_length(metadata::text)
$$;--> statement-breakpoint
CREATE FUNCTION add_to_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO message_totals AS t (organization_id, bytes, pending)
  SELECT i.organization_id, sum(message_bytes(m.content, m.message_metadata)), count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound')
  FROM added m JOIN orchestrator_instances i USING (orchestrator_id)
  GROUP BY i.organization_id ORDER BY i.organization_id
  ON CONFLICT (organization_id) DO UPDATE SET bytes = t.bytes + EXCLUDED.bytes, pending = t.pending + EXCLUDED.pending;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION change_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_totals t SET pending = greatest(0, t.pending + d.pending)
  FROM (
    SELECT i.organization_id, count(*) FILTER (WHERE n.status = 'pending' AND n.direction = 'inbound') - count(*) FILTER (WHERE o.status = 'pending' AND o.direction = 'inbound') AS pending
    FROM before_it o JOIN after_it n USING (id) JOIN orchestrator_instances i ON i.orchestrator_id = n.orchestrator_id
    GROUP BY i.organization_id) d
  WHERE t.organization_id = d.organization_id AND d.pending <> 0;
  RETURN NULL;
END
$$;--> statement-breakpoint
-- Those of an orchestrator that goes are counted with it, below: here it is not to be found any more.
CREATE FUNCTION take_from_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
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
$$;--> statement-breakpoint
CREATE FUNCTION take_instance_from_message_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_totals t SET bytes = greatest(0, t.bytes - d.bytes), pending = greatest(0, t.pending - d.pending)
  FROM (
    SELECT coalesce(sum(message_bytes(m.content, m.message_metadata)), 0) AS bytes,
           count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound') AS pending
    FROM orchestrator_messages m WHERE m.orchestrator_id = OLD.orchestrator_id) d
  WHERE t.organization_id = OLD.organization_id;
  RETURN OLD;
END
$$;--> statement-breakpoint
CREATE TRIGGER message_totals_added AFTER INSERT ON orchestrator_messages
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_to_message_totals();--> statement-breakpoint
CREATE TRIGGER message_totals_changed AFTER UPDATE ON orchestrator_messages
  REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION change_message_totals();--> statement-breakpoint
CREATE TRIGGER message_totals_gone AFTER DELETE ON orchestrator_messages
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION take_from_message_totals();--> statement-breakpoint
CREATE TRIGGER message_totals_instance_gone BEFORE DELETE ON orchestrator_instances
  FOR EACH ROW EXECUTE FUNCTION take_instance_from_message_totals();--> statement-breakpoint
INSERT INTO message_totals (organization_id, bytes, pending)
SELECT i.organization_id, sum(message_bytes(m.content, m.message_metadata)), count(*) FILTER (WHERE m.status = 'pending' AND m.direction = 'inbound')
FROM orchestrator_messages m JOIN orchestrator_instances i USING (orchestrator_id)
GROUP BY i.organization_id;
