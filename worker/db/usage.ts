import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Millis } from "../contract/presence.ts";
import type { Database } from "./client.ts";
import { spreadUsage, type UsageItem } from "./usage-hours.ts";

export interface UsageReport {
  organizationId: string;
  reportId: string;
  windowStart: Millis;
  items: UsageItem[];
  /** Absent, as those below, in reports that older code queued; it counted all in the hour of the begin. */
  windowEnd?: Millis;
  /** The registration that it belongs to: each starts a new space of report ids. */
  generation?: number;
  /** Distinguishes a repeat from another report under the same id. */
  digest?: string;
}

const usageOutcome = z.enum(["stored", "duplicate", "conflict"]);
export type UsageOutcome = z.infer<typeof usageOutcome>;
const answers = z.array(z.object({ outcome: usageOutcome })).length(1);

/** Counts a report, spread over its window. A repeat changes nothing. */
export async function storeUsage(db: Database, orchestratorId: string, report: UsageReport): Promise<UsageOutcome> {
  const { windowStart, windowEnd = windowStart, items } = report;
  const payload = JSON.stringify({
    orchestrator_id: orchestratorId,
    organization_id: report.organizationId,
    report_id: report.reportId,
    generation: report.generation,
    digest: report.digest,
    hours: spreadUsage({ windowStart, windowEnd }, items).map((part) => ({
      hour: part.hour,
      model: part.model,
      provider: part.provider,
      requests: part.requests,
      input_tokens: part.inputTokens,
      output_tokens: part.outputTokens,
      cost_usd: part.costUsd,
    })),
  });
  const result = await db.execute(sql`SELECT count_usage(${payload}::jsonb) AS outcome`);
  return answers.parse(result.rows)[0]?.outcome ?? "stored";
}
