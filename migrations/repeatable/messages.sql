-- Stores messages once, however often they are delivered, and none of an orchestrator that is gone.
CREATE OR REPLACE FUNCTION store_messages(messages jsonb, audit jsonb DEFAULT '[]') RETURNS void LANGUAGE sql AS $$
  INSERT INTO orchestrator_messages (id, orchestrator_id, message_type, direction, content, message_metadata, delivered_at, created_at, updated_at)
  SELECT m.id, i.orchestrator_id, m.message_type, m.direction, m.content, coalesce(m.metadata, '{}'),
         to_timestamp(m.delivered_at / 1000.0), to_timestamp(m.created_at / 1000.0), to_timestamp(m.created_at / 1000.0)
  FROM jsonb_to_recordset(messages) AS m(
    id text, orchestrator_id text, message_type text, direction text, content text, metadata jsonb,
    delivered_at bigint, created_at bigint)
  JOIN orchestrator_instances i ON i.orchestrator_id = m.orchestrator_id
  ON CONFLICT (id) DO NOTHING;
  SELECT store_audit(audit);
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION mark_messages_delivered(ids text[], at_ms bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE orchestrator_messages SET delivered_at = to_timestamp(at_ms / 1000.0), updated_at = now()
  WHERE id = ANY(ids) AND delivered_at IS NULL
$$;
--> statement-breakpoint
-- Accepts or dismisses a pending message; the first decision stands. Outcome: applied | unchanged | decided | missing.
-- `organizations` null: the caller may see all. `orchestrator_id` null: the message may be of any orchestrator.
CREATE OR REPLACE FUNCTION decide_message(p jsonb, audit jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE plpgsql AS $$
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
