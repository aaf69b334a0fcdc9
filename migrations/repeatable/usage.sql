-- Adds a usage report, which is already split by hour, once for each report id within a registration of its orchestrator.
-- Outcome: stored | duplicate | conflict (another report was counted under this id).
CREATE OR REPLACE FUNCTION count_usage(p jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  -- An object that lost its storage starts again with a low generation, so the stored one counts when it is higher.
  life bigint := greatest((p->>'generation')::bigint, 0, (
    SELECT i.generation FROM orchestrator_instances i WHERE i.orchestrator_id = p->>'orchestrator_id'));
  known text;
BEGIN
  INSERT INTO usage_reports (orchestrator_id, generation, report_id, digest)
  VALUES (p->>'orchestrator_id', life, p->>'report_id', p->>'digest')
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT r.digest INTO known FROM usage_reports r
    WHERE r.orchestrator_id = p->>'orchestrator_id' AND r.generation = life AND r.report_id = p->>'report_id';
    -- Reports without a digest cannot be compared.
    RETURN CASE WHEN known <> p->>'digest' THEN 'conflict' ELSE 'duplicate' END;
  END IF;
  INSERT INTO usage_hourly AS u (organization_id, orchestrator_id, hour, model, provider, requests, input_tokens, output_tokens, cost_usd)
  SELECT p->>'organization_id', p->>'orchestrator_id',
         date_trunc('hour', to_timestamp(part.hour / 1000.0), 'UTC'), coalesce(part.model, ''), coalesce(part.provider, ''),
         sum(part.requests), sum(part.input_tokens), sum(part.output_tokens), sum(part.cost_usd)
  FROM jsonb_to_recordset(p->'hours') AS part(
    hour bigint, model text, provider text, requests bigint, input_tokens bigint, output_tokens bigint, cost_usd numeric)
  GROUP BY 3, 4, 5
  ON CONFLICT (organization_id, orchestrator_id, hour, model, provider) DO UPDATE SET
    requests = u.requests + EXCLUDED.requests,
    input_tokens = u.input_tokens + EXCLUDED.input_tokens,
    output_tokens = u.output_tokens + EXCLUDED.output_tokens,
    cost_usd = u.cost_usd + EXCLUDED.cost_usd;
  RETURN 'stored';
END
$$;
