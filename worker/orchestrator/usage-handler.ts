import type { OutboundFrame } from "../contract/frames.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { Millis } from "../contract/presence.ts";
import type { UsageReport } from "../db/usage.ts";
import type { Core } from "./core.ts";
import { isPrivate } from "./state.ts";
import { type ReadUsage, usageAck } from "./usage.ts";

/** A usage report: its answer, and whether there is something to deliver to Postgres. */
export function receiveUsage(core: Core, usage: ReadUsage, now: Millis): { answer: OutboundFrame; queued: boolean } {
  const { report, counted, refused } = usage;
  const known = core.store.countedReport(report.reportId);
  if (known !== null && known !== report.digest) {
    const message = `Another report was counted under the report_id ${report.reportId}. Send this one under an id of its own.`;
    core.activity("usage_refused", { report_id: report.reportId, reason: "id_conflict" }, now);
    return { answer: errorFrame({ code: "id_conflict", message, ref: report.reportId }, false, now), queued: false };
  }
  if (known !== null) return { answer: usageAck(usage, "duplicate", now), queued: false };
  core.store.addCountedReport(report.reportId, report.digest ?? "");
  core.outbox.enqueue({ kind: "usage", report }, now);
  if (refused.length > 0) {
    const [first] = refused;
    const data = { report_id: report.reportId, counted, refused: refused.length, reason: first?.reason ?? "" };
    core.activity("usage_refused", data, now);
  }
  return { answer: usageAck(usage, "new", now), queued: true };
}

/**
 * The object had forgotten the id of a report and acknowledged it, and Postgres has counted another one under it. The
 * orchestrator cannot be told any more, so the operator is.
 */
export function reportLateConflict(core: Core, { reportId }: UsageReport, now: Millis): void {
  if (!core.record || isPrivate(core.record)) return;
  core.activity("usage_refused", { report_id: reportId, reason: "id_conflict" }, now);
  const message = `A usage report of ${core.ownId} was not counted: another one was counted under its id ${reportId} before`;
  core.reporter.log("WARNING", message, now);
}
