import { CLOCK_TOLERANCE_MS } from "../../common/clock.ts";
import type { Dropped } from "../contract/cleaning.ts";
import type { InboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { BeatHistory, CommandResult, DroppedSummary } from "../contract/orchestrator.ts";
import type { HealthStatus, Millis, PresenceView } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
import type { Draft } from "./draft.ts";
import { type ReportCause, reportIntent } from "./intents.ts";
import { keepaliveAck } from "./outbound.ts";
import { healthAfter } from "./presence.ts";
import { mergeFeatures } from "./profile.ts";
import { isPrivate, type OrchestratorRecord } from "./state.ts";
import { type Answer, type InputOf, now } from "./turn.ts";

/** Viewers get the beats of an orchestrator at most this often. */
const SIGHT_INTERVAL_MS = 1_000;

const MINUTES_KEPT = 60;
const RECENT_KEPT = 20;
const MINUTE_MS = 60_000;

/** The history with one more beat; keeps 60 one-minute buckets and the last 20 beats. */
function recordBeat(history: BeatHistory, now: Millis, ignored: boolean): BeatHistory {
  const minute = Math.floor(now / MINUTE_MS);
  const kept = history.minutes.filter((bucket) => bucket.minute > minute - MINUTES_KEPT);
  const last = kept.at(-1);
  const current = last?.minute === minute ? last : { minute, processed: 0, ignored: 0 };
  const next = {
    minute,
    processed: current.processed + (ignored ? 0 : 1),
    ignored: current.ignored + (ignored ? 1 : 0),
  };
  return {
    minutes: [...(current === last ? kept.slice(0, -1) : kept), next],
    recent: [...history.recent, { at: now, ignored }].slice(-RECENT_KEPT),
  };
}

/** What a heartbeat may report, whether it comes as a frame or over REST. */
interface Reported {
  healthStatus?: HealthStatus | undefined;
  features?: JsonObject | undefined;
}

/** Health and features after a heartbeat; those of an independent orchestrator stay as they are. */
function changesOf(record: OrchestratorRecord, { healthStatus, features }: Reported) {
  const known = record.profile.features;
  if (record.isIndependent) return { health: record, features: known, isFull: false };
  const merged = mergeFeatures(known, features);
  return { health: healthAfter(record, healthStatus), features: merged ?? known, isFull: merged === null };
}

const NO_ROOM = { path: "features", reason: "too large together with those that are known" };

type Beat = Extract<InboundFrame, { type: "i_am_alive" | "keepalive" }>;

/** A heartbeat changes the attachment alone; it writes a row only when health or features change. */
export function beat(draft: Draft, record: OrchestratorRecord, socketId: string, frame: Beat): void {
  const { now } = draft;
  const socket = draft.socket(socketId);
  if (!socket) return;
  const ignored = record.isIndependent;
  const reported = ignored || !frame.metrics ? socket.metrics : JSON.stringify(frame.metrics);
  draft.put({
    ...socket,
    beatSeen: true,
    ...(!ignored && frame.features && { featuresAt: now }),
    lastSeenAt: ignored ? socket.lastSeenAt : now,
    beats: recordBeat(socket.beats, now, ignored),
    unreported: {
      processed: socket.unreported.processed + (ignored ? 0 : 1),
      ignored: socket.unreported.ignored + (ignored ? 1 : 0),
    },
    metrics: isPrivate(record) ? null : reported,
  });
  draft.answer(socketId, keepaliveAck(record, now));
  const text = ignored ? "Ignoring heartbeat from independent" : "Processing heartbeat from";
  draft.add({ kind: "trace", message: `[C-OCS] ${text} orchestrator ${record.orchestratorId}` });

  const { health, features, isFull } = changesOf(record, {
    healthStatus: frame.health_status,
    features: frame.features,
  });
  if (isFull) noteDropped(draft, "heartbeat", [NO_ROOM]);
  const healthChanged = health.healthStatus !== record.healthStatus;
  const featuresChanged = JSON.stringify(features) !== JSON.stringify(record.profile.features);
  // Also when it reports for the first time what was assumed of it.
  const changed = healthChanged || featuresChanged || health.healthSaid !== record.healthSaid;
  const isDue = now - socket.lastReportAt >= draft.clock.reportIntervalMs;
  if (!(changed || isDue) && socket.beatSeen) {
    const { watch } = socket;
    if (!watch || now >= watch.untilMs || now - watch.sightAt < SIGHT_INTERVAL_MS) return;
    draft.raise();
    draft.mark({ watch: { ...watch, sightAt: now } });
    draft.add({ kind: "sight" });
    return;
  }
  if (changed) {
    const { healthStatus, healthSaid } = health;
    draft.save({ ...record, healthStatus, healthSaid, profile: { ...record.profile, features } });
  }
  draft.raise();
  draft.mark({ lastReportAt: now });
  if (healthChanged) draft.activity("health", { health_status: health.healthStatus });
  if (featuresChanged) queueReport(draft, "heartbeat", record);
  draft.report(healthChanged ? "health" : featuresChanged ? "profile" : socket.beatSeen ? null : "first_beat");
}

/** Queues what the orchestrator reports about itself, compared with the record as it was. */
export function queueReport(draft: Draft, cause: ReportCause, before: OrchestratorRecord): void {
  if (!draft.record) return;
  const intent = reportIntent(draft.record, cause, before.profile, draft.clock);
  draft.add({ kind: "queue_profile", intent });
}

/** A heartbeat over REST. It writes at most one row in the report interval, or in half a TTL if that is shorter. */
export function restBeat(
  draft: Draft,
  input: InputOf<"beat">,
): Answer<CommandResult<{ view: PresenceView; ignored: boolean }>> {
  const { ttlMs, reportIntervalMs } = draft.clock;
  noteDropped(draft, "heartbeat", input.dropped);
  noteRestClock(draft, input.claimedAt);
  const known = draft.registered;
  if (!known) {
    // A deregistered orchestrator that goes on calling is listed like one that goes on connecting.
    if (draft.record && input.source) draft.refuse("deregistered", input.source);
    return now(draft.unknown);
  }
  const { health, features, isFull } = changesOf(known, input);
  if (isFull) noteDropped(draft, "heartbeat", [NO_ROOM]);
  const ignored = known.isIndependent;
  const { healthStatus, healthSaid } = health;
  const next: OrchestratorRecord = {
    ...(draft.record ?? known),
    lastSignalAt: draft.now,
    beats: recordBeat(known.beats, draft.now, ignored),
    ...(!ignored && {
      ...(input.features && { featuresAt: draft.now }),
      ...{ lastSeenAt: draft.now, healthStatus, healthSaid },
      metrics: input.metrics ? JSON.stringify(input.metrics) : known.metrics,
      profile: { ...known.profile, features },
    }),
  };
  draft.add({ kind: "beats", counts: ignored ? { processed: 0, ignored: 1 } : { processed: 1, ignored: 0 } });
  const profileChanged = JSON.stringify(features) !== JSON.stringify(known.profile.features);
  const changed = profileChanged || healthStatus !== known.healthStatus;
  if (changed || draft.now - known.restSavedAt >= Math.min(reportIntervalMs, ttlMs / 2)) {
    draft.save({ ...next, restSavedAt: draft.now });
    draft.raise();
    if (profileChanged) queueReport(draft, "heartbeat", known);
    draft.report(profileChanged ? "profile" : changed ? "health" : null);
  } else draft.record = next;
  return now({ ok: true, value: { view: draft.view(), ignored } });
}

/*
 * What the operator learns of an orchestrator that sends something unusable: values that were dropped, and a clock that is
 * wrong. Both are counted where they cost nothing, in the attachment of the open session, or else in the record.
 */

/** Fields that are kept by name: they are part of the socket's attachment, and each new one writes a row of activity. */
const FIELDS_KEPT = 8;
/** Without sessions, the count starts again after a pause of this length. */
const FORGOTTEN_MS = 86_400_000;

/** The frames and requests that may carry something unusable, and what counts all the same. */
const OUTCOMES = {
  handshake: ["Handshake", "the session is open"],
  heartbeat: ["Heartbeat", "the heartbeat counts"],
  registration: ["Registration", "the orchestrator is registered"],
  frame: ["A frame", "the rest of it counts"],
  usage: ["Items of a usage report", "its other items are counted"],
  uncounted_usage: ["A usage report", "nothing of it is counted"],
} as const;

type Carrier = keyof typeof OUTCOMES;

/** Counts what was dropped. Each field is an activity once, and the first of a session a line of the log. */
export function noteDropped(draft: Draft, carrier: Carrier, dropped: Dropped[] = []): void {
  const { registered: record, open, now } = draft;
  if (!record || dropped.length === 0 || isPrivate(record)) return;
  const stored = record.dropped && now - record.dropped.lastAt < FORGOTTEN_MS ? record.dropped : null;
  const known = open ? (open.dropped ?? null) : stored;
  const { summary, news } = addDropped(known, dropped, now);
  if (open) draft.mark({ dropped: summary });
  else if (news.length > 0) draft.save({ ...record, dropped: summary });
  else draft.record = { ...record, dropped: summary };
  const [first] = news;
  if (!first) return;
  draft.activity("dropped", { in: carrier, fields: news.map(({ path, reason }) => ({ path, reason })) });
  // Money that is not counted is worth a line each time.
  if (known !== null && carrier !== "usage" && carrier !== "uncounted_usage") return;
  const [subject, outcome] = OUTCOMES[carrier];
  const others = news.length > 1 ? ` and ${news.length - 1} more` : "";
  const what = `${first.path}${others} could not be used (${first.reason})`;
  draft.log("WARNING", `${subject} of ${draft.ownId}: ${what}; ${outcome}`);
}

/** The count with what was dropped now; `news` are the fields that had no name in it before. */
function addDropped(
  known: DroppedSummary | null,
  dropped: Dropped[],
  now: Millis,
): { summary: DroppedSummary; news: Dropped[] } {
  const fields = [...(known?.fields ?? [])];
  const news: Dropped[] = [];
  for (const { path, reason } of dropped) {
    const name = redact(path);
    if (fields.length >= FIELDS_KEPT || fields.includes(name)) continue;
    fields.push(name);
    news.push({ path: name, reason: redact(reason) });
  }
  const reason = redact(dropped.at(-1)?.reason ?? "");
  return { summary: { count: (known?.count ?? 0) + dropped.length, fields, reason, lastAt: now }, news };
}

/**
 * Notes how far the clock of an orchestrator is off, as its frame shows. A wrong clock changes nothing but this note, and
 * the operator learns of it once in a session. Of an independent orchestrator nothing is noted.
 */
export function noteClock(draft: Draft, frame: InboundFrame): void {
  const { registered: record, open } = draft;
  if (!record || record.isIndependent || !open) return;
  const offsetMs = offsetOf(frame, draft.now);
  if (offsetMs === null) return;
  const isNews = isOff(offsetMs) && !open.clock?.isTold;
  draft.mark({ clock: { offsetMs, isTold: isNews || (open.clock?.isTold ?? false) } });
  if (isNews) tellClock(draft, offsetMs);
}

/** The same for a heartbeat over REST, which has no session: the operator learns of it when the clock becomes wrong. */
export function noteRestClock(draft: Draft, claimedAt: Millis | undefined): void {
  const { registered: record } = draft;
  if (!record || record.isIndependent || claimedAt === undefined) return;
  const offsetMs = claimedAt - draft.now;
  draft.record = { ...record, clockOffsetMs: offsetMs };
  // Half of the tolerance, so that a clock at the edge is not reported again and again.
  if (!isOff(offsetMs) || isOff(2 * (record.clockOffsetMs ?? 0))) return;
  draft.save(draft.record);
  tellClock(draft, offsetMs);
}

function isOff(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
}

function tellClock(draft: Draft, offsetMs: number): void {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const direction = offsetMs > 0 ? "fast" : "slow";
  draft.activity("clock", { offset_ms: offsetMs });
  draft.log(
    "WARNING",
    `The clock of orchestrator ${draft.ownId} is ${minutes} min ${direction}; its times are not used`,
  );
}

/** By how much its clock is ahead of ours, or null when the frame carries no time. */
function offsetOf(frame: InboundFrame, now: Millis): number | null {
  if ("timestamp" in frame && frame.timestamp !== undefined) return Date.parse(frame.timestamp) - now;
  if (frame.type !== "usage_report") return null;
  // Nobody reports usage of the future: the clock is fast by that much at least.
  const aheadMs = Date.parse(frame.data.window_end ?? frame.data.window_start ?? "") - now;
  return aheadMs > CLOCK_TOLERANCE_MS ? aheadMs : null;
}
