import type { OutboundFrame } from "../contract/frames.ts";
import type { Millis } from "../contract/presence.ts";
import type { UsageReport } from "../db/usage.ts";
import type { Core } from "./core.ts";
import { isPrivate } from "./state.ts";
import { type ReadUsage, usageAck, usageError, withFewModels } from "./usage.ts";

const DAY_MS = 86_400_000;

/** A usage report: its answer, and whether there is something to deliver to Postgres. */
export function receiveUsage(core: Core, usage: ReadUsage, now: Millis): { answer: OutboundFrame; queued: boolean } {
  const { report } = usage;
  const known = core.store.countedReport(report.reportId);
  if (known !== null && known !== report.digest) {
    tellConflict(core, report, now);
    const message = "Another report was counted under this report_id. Send this one under an id of its own.";
    return { answer: usageError("id_conflict", message, report.reportId, now), queued: false };
  }
  if (known !== null) return { answer: usageAck(usage, "duplicate", now), queued: false };
  core.store.addCountedReport(report.reportId, report.digest ?? "");
  const today = Math.floor(now / DAY_MS);
  const { items, note } = withFewModels(report.items, (name) => core.models.admits(name, today));
  core.outbox.enqueue({ kind: "usage", report: { ...report, items } }, now);
  const notes = [usage.note, note].filter((one) => one !== null);
  const told = { ...usage, note: notes.length > 0 ? notes.join(" ") : null };
  return { answer: usageAck(told, "new", now), queued: true };
}

/**
 * The object had forgotten the id of a report and acknowledged it, and Postgres has counted another one under it. The
 * orchestrator cannot be told any more, so the operator is.
 */
export function reportLateConflict(core: Core, report: UsageReport, now: Millis): void {
  if (core.record && !isPrivate(core.record)) tellConflict(core, report, now);
}

function tellConflict(core: Core, { reportId }: UsageReport, now: Millis): void {
  // A client that tries again and again must not push out all else that happened.
  const [last] = core.store.activity(1);
  if (last?.type === "usage_refused" && last.data.report_id === reportId) return;
  core.activity("usage_refused", { report_id: reportId, reason: "id_conflict" }, now);
  const message = `A usage report of ${core.ownId} was not counted: another one was counted under its id ${reportId} before`;
  core.reporter.log("WARNING", message, now);
}
