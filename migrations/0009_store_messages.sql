-- As store_message, for many at once: one insert for all messages and one for their audit rows. The old function stays
-- for the Worker that still runs while this is applied.
CREATE FUNCTION store_messages(messages jsonb, audit jsonb DEFAULT '[]') RETURNS void LANGUAGE sql AS $$
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
