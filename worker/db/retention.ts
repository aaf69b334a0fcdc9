import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "./client.ts";

export interface Deleted {
  messages: number;
  audit: number;
  usage: number;
}

const counts = z.array(z.object({ messages: z.number(), audit: z.number(), usage: z.number() })).length(1);

/** Deletes at most `batch` rows of each kind that are older than their date, the oldest first, in one statement. */
export async function deleteOld(
  db: Database,
  before: { messages: Date; audit: Date; usage: Date; reports: Date },
  batch: number,
): Promise<Deleted> {
  const result = await db.execute(sql`
    WITH messages AS (
      DELETE FROM orchestrator_messages WHERE id IN (
        SELECT id FROM orchestrator_messages WHERE created_at < ${before.messages.toISOString()}::timestamptz
        ORDER BY created_at LIMIT ${batch}::int)
      RETURNING 1),
    reports AS (
      DELETE FROM usage_reports WHERE (orchestrator_id, generation, report_id) IN (
        SELECT orchestrator_id, generation, report_id FROM usage_reports WHERE at < ${before.reports.toISOString()}::timestamptz
        ORDER BY at LIMIT ${batch}::int)
      RETURNING 1),
    hours AS (
      DELETE FROM usage_hourly WHERE (organization_id, orchestrator_id, hour, model, provider) IN (
        SELECT organization_id, orchestrator_id, hour, model, provider FROM usage_hourly
        WHERE hour < ${before.usage.toISOString()}::timestamptz ORDER BY hour LIMIT ${batch}::int)
      RETURNING 1)
    SELECT (SELECT count(*)::int FROM messages) AS messages,
           (SELECT count(*)::int FROM reports) + (SELECT count(*)::int FROM hours) AS usage,
           delete_old_audit(${before.audit.toISOString()}::timestamptz, ${batch}::int) AS audit`);
  const [row] = counts.parse(result.rows);
  return row ?? { messages: 0, audit: 0, usage: 0 };
}
