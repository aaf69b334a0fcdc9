import type { InboundFrame } from "../contract/frames.ts";
import type { Millis } from "../contract/presence.ts";
import type { UsageReport } from "../db/usage.ts";
import type { OrchestratorRecord } from "./state.ts";

const OLDEST_MS = 400 * 86_400_000;
/** How far an agent's clock may be ahead. */
const AHEAD_MS = 3_600_000;

type UsageFrame = Extract<InboundFrame, { type: "usage_report" }>;

/** The report as it is stored, or null when its window cannot be true. */
export function usageOf(record: OrchestratorRecord, { data }: UsageFrame, now: Millis): UsageReport | null {
  const windowStart = Date.parse(data.window_start);
  if (windowStart > now + AHEAD_MS || windowStart < now - OLDEST_MS) return null;
  return {
    organizationId: record.organizationId,
    reportId: data.report_id,
    windowStart,
    items: data.items.map((item) => ({
      model: item.model ?? "",
      provider: item.provider ?? "",
      requests: item.requests,
      inputTokens: item.input_tokens,
      outputTokens: item.output_tokens,
      costUsd: item.cost_usd,
    })),
  };
}
