import { sql } from "drizzle-orm";
import type { Millis } from "../contract/presence.ts";
import type { Database } from "./client.ts";

export interface UsageItem {
  model: string;
  provider: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

export interface UsageReport {
  organizationId: string;
  reportId: string;
  windowStart: Millis;
  items: UsageItem[];
}

/** Rolls a report up by hour; one that was counted already changes nothing. */
export async function storeUsage(db: Database, orchestratorId: string, report: UsageReport): Promise<void> {
  const payload = JSON.stringify({
    orchestrator_id: orchestratorId,
    organization_id: report.organizationId,
    report_id: report.reportId,
    window_start: report.windowStart,
    items: report.items.map((item) => ({
      model: item.model,
      provider: item.provider,
      requests: item.requests,
      input_tokens: item.inputTokens,
      output_tokens: item.outputTokens,
      cost_usd: item.costUsd,
    })),
  });
  await db.execute(sql`SELECT store_usage(${payload}::jsonb)`);
}
