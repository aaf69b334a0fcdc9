import { createHash } from "node:crypto";
import { CLOCK_TOLERANCE_MS } from "../../common/clock.ts";
import type { FrameErrorCode, InboundFrame, OutboundFrame } from "../contract/frames.ts";
import { errorFrame } from "../contract/parse-frame.ts";
import type { Millis } from "../contract/presence.ts";
import type { ReportedItem, UnusableItem } from "../contract/usage.ts";
import { MAX_MODELS, MODEL_FORGOTTEN_DAYS } from "../contract/values/limits.ts";
import { toDollars, toUnits } from "../db/dollars.ts";
import type { UsageReport } from "../db/usage.ts";
import type { UsageItem } from "../db/usage-hours.ts";
import { redact } from "../platform/redact.ts";
import type { Draft } from "./draft.ts";
import { noteDropped } from "./heartbeat.ts";
import { iso, isPrivate, type OrchestratorRecord } from "./state.ts";
import type { Effect } from "./turn.ts";

const DAY_MS = 86_400_000;

/** What is older belongs to a clock that is wrong; it is also how long usage is kept unless a setting says otherwise. */
const OLDEST_MS = 400 * 86_400_000;

/** Refused items that an answer names; more only say the same. */
const MOST_NAMED = 100;

type UsageFrame = Extract<InboundFrame, { type: "usage_report" }>;

interface RefusedItem extends UnusableItem {
  index: number;
}

export interface ReadUsage {
  report: UsageReport;
  /** How many items are counted. */
  counted: number;
  refused: RefusedItem[];
  /** Why it is counted at another time than the one it names. */
  note: string | null;
}

/** A report as it is counted: its usable items, and a window that the controller's clock allows. Pure. */
export function readUsage(record: OrchestratorRecord, { data }: UsageFrame, now: Millis): ReadUsage {
  const usable = data.items.filter((item): item is ReportedItem => !("problem" in item));
  const refused = data.items.flatMap((item, index) => ("problem" in item ? [{ index, ...item }] : []));
  const items = sumByModel(usable);
  const [start, end] = [momentOf(data.window_start), momentOf(data.window_end)];
  const window = placeWindow(start, end, now);
  const report: UsageReport = {
    organizationId: record.organizationId,
    generation: record.generation,
    reportId: data.report_id,
    digest: digestOf([start, end, items]),
    windowStart: window.start,
    windowEnd: window.end,
    items,
  };
  return { report, counted: usable.length, refused, note: window.note };
}

function momentOf(text: string | undefined): Millis | null {
  return text === undefined ? null : Date.parse(text);
}

/**
 * Where a window is counted. What lies ahead of the controller's clock counts up to now, and an end or a begin that
 * cannot be true, or cannot be read, is replaced by the nearest moment that can: money is never lost to a wrong clock.
 */
export function placeWindow(
  start: Millis | null,
  end: Millis | null,
  now: Millis,
): { start: Millis; end: Millis; note: string | null } {
  const oldest = now - OLDEST_MS;
  const placedEnd = end !== null && end >= oldest && end <= now ? end : now;
  const placedStart = start !== null && start >= oldest && start <= placedEnd ? start : placedEnd;
  return { start: placedStart, end: placedEnd, note: noteOf(start, end, placedStart, now) };
}

function noteOf(start: Millis | null, end: Millis | null, placedStart: Millis, now: Millis): string | null {
  if (start === null || end === null) return "The window cannot be read; counted up to the time of receipt.";
  if (start > now + CLOCK_TOLERANCE_MS)
    return "The window lies in the future by the controller's clock; counted at the time of receipt.";
  if (end > now + CLOCK_TOLERANCE_MS)
    return "The window ends in the future by the controller's clock; counted up to the time of receipt.";
  const isPlaced = placedStart === Math.min(start, now);
  return isPlaced ? null : "The window begins over 400 days back; counted at its end or at the time of receipt.";
}

/**
 * One item for each model of each provider, in an order of its own, so that equal reports are equal. Nobody is told these
 * names, so that they are masked where they are stored; afterwards two of them may be one.
 */
function sumByModel(reported: ReportedItem[]): UsageItem[] {
  const items = reported.map((item) => ({
    ...item,
    model: redact(item.model ?? ""),
    provider: redact(item.provider ?? ""),
  }));
  const groups = Map.groupBy(items, ({ model, provider }) => JSON.stringify([model, provider]));
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({
      model: group[0]?.model ?? "",
      provider: group[0]?.provider ?? "",
      requests: sum(group, ({ requests }) => requests),
      inputTokens: sum(group, ({ input_tokens }) => input_tokens),
      outputTokens: sum(group, ({ output_tokens }) => output_tokens),
      costUsd: toDollars(group.reduce((total, { cost_usd }) => total + toUnits(cost_usd ?? 0), 0n)),
    }));
}

/** The group that has no name of its own. */
const OTHER_MODELS = "(other models)";

/**
 * The items under few enough names: those that `admits` refuses are counted together. A name only tells money apart, and each
 * new one is a row for every hour, so that a client that makes names up would fill the database.
 */
export function withFewModels(
  items: UsageItem[],
  admits: (name: string) => boolean,
): { items: UsageItem[]; note: string | null } {
  const { named = [], others = [] } = Object.groupBy(items, ({ model, provider }) => {
    return admits(JSON.stringify([model, provider])) ? "named" : "others";
  });
  if (others.length === 0) return { items, note: null };
  const together: UsageItem = {
    model: OTHER_MODELS,
    provider: "",
    requests: others.reduce((total, { requests }) => total + requests, 0),
    inputTokens: others.reduce((total, { inputTokens }) => total + inputTokens, 0),
    outputTokens: others.reduce((total, { outputTokens }) => total + outputTokens, 0),
    costUsd: toDollars(others.reduce((total, { costUsd }) => total + toUnits(costUsd), 0n)),
  };
  const note = `More than ${MAX_MODELS} models were reported: ${others.length} of them are counted together as "${OTHER_MODELS}".`;
  return { items: [...named, together], note };
}

function sum(items: ReportedItem[], numberOf: (item: ReportedItem) => number | undefined): number {
  return items.reduce((total, item) => total + (numberOf(item) ?? 0), 0);
}

function digestOf(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** The answer to a report: `duplicate` when it was counted before, `private` when nothing of it may be kept. */
function usageAck(
  { report, counted, refused, note }: ReadUsage,
  kind: "new" | "duplicate" | "private",
  now: Millis,
): OutboundFrame {
  const isStored = kind !== "private";
  return {
    type: "usage_ack",
    report_id: report.reportId,
    stored: isStored,
    ...(kind === "duplicate" && { duplicate: true }),
    counted: isStored ? counted : 0,
    refused: refused.slice(0, MOST_NAMED).map((item) => ({ index: item.index, reason: reasonOf(item) })),
    ...(note !== null && { note }),
    ts: iso(now),
  };
}

function reasonOf({ field, problem }: UnusableItem): string {
  return field === null ? problem : `${field} ${problem}`;
}

/** A usage report of an open session. Items that cannot be counted are refused alone. Returns the answer. */
export function receiveUsage(draft: Draft, record: OrchestratorRecord, frame: UsageFrame): OutboundFrame {
  const usage = readUsage(record, frame, draft.now);
  const [first] = usage.refused;
  const answer = usage.counted === 0 && first ? uncounted(draft, usage, first) : count(draft, record, usage);
  const unusable = usage.refused.map(({ field, problem }) => ({ path: `data.items.${field ?? "…"}`, reason: problem }));
  noteDropped(draft, usage.counted > 0 ? "usage" : "uncounted_usage", unusable);
  return answer;
}

function uncounted({ now }: Draft, { report }: ReadUsage, first: RefusedItem): OutboundFrame {
  const message = `data/items/${first.index}: ${reasonOf(first)}. No item of this report can be counted.`;
  return usageError("invalid_frame", message, report.reportId, now);
}

/** Counts a report once for each of its ids; the answer to it. */
function count(draft: Draft, record: OrchestratorRecord, usage: ReadUsage): OutboundFrame {
  const { report } = usage;
  const { now } = draft;
  if (isPrivate(record)) return usageAck(usage, "private", now);
  const known = draft.rows.countedReport(report.reportId);
  if (known !== null && known !== report.digest) {
    noteConflict(draft, report);
    const message = "Another report was counted under this report_id. Send this one under an id of its own.";
    return usageError("id_conflict", message, report.reportId, now);
  }
  if (known !== null) return usageAck(usage, "duplicate", now);
  draft.add({ kind: "counted", reportId: report.reportId, digest: report.digest ?? "" });
  const { items, note } = withFewModels(report.items, admission(draft));
  draft.queue({ kind: "usage", report: { ...report, items } });
  draft.add({ kind: "deliver" });
  const notes = [usage.note, note].filter((one) => one !== null);
  return usageAck({ ...usage, note: notes.length > 0 ? notes.join(" ") : null }, "new", now);
}

/**
 * Whether usage may be counted under a name of a model: it is known, or there is room for one more. A name is a row, which is
 * written at most once a day; those that were not reported for some weeks make room.
 */
function admission(draft: Draft): (name: string) => boolean {
  const today = Math.floor(draft.now / DAY_MS);
  const effect: Extract<Effect, { kind: "models" }> = { kind: "models", names: [], today, forgetBefore: 0 };
  const written: number[] = [];
  const hasRoom = () => {
    const added = written.filter((day) => day < effect.forgetBefore).length;
    return draft.rows.modelsSince(effect.forgetBefore) + added < MAX_MODELS;
  };
  return (name) => {
    const day = draft.rows.modelDay(name) ?? -1;
    if (day < effect.forgetBefore && !hasRoom()) {
      effect.forgetBefore = today - MODEL_FORGOTTEN_DAYS;
      if (!hasRoom()) return false;
    }
    if (day === today) return true;
    if (effect.names.length === 0) draft.add(effect);
    effect.names.push(name);
    written.push(day);
    return true;
  };
}

/**
 * One entry of activity and one line of the log: a report was not counted, because another one was counted under its id. When
 * only Postgres finds that, the report is acknowledged already, so that nobody but the operator can learn of it.
 */
export function noteConflict(draft: Draft, { reportId }: UsageReport): void {
  // A client that tries again and again must not push everything else out.
  const last = draft.lastActivity();
  if (last?.type === "usage_refused" && last.data.report_id === reportId) return;
  draft.activity("usage_refused", { report_id: reportId, reason: "id_conflict" });
  const what = `A usage report of ${draft.ownId} was not counted: another one was counted under its id ${reportId} before`;
  draft.log("WARNING", what);
}

/** Refuses a report; `id` says which, to a client that has sent several. */
function usageError(code: FrameErrorCode, message: string, id: string, now: Millis): OutboundFrame {
  return errorFrame({ code, message, ref: "usage_report", id }, false, now);
}
