import type { Dropped } from "../contract/cleaning.ts";
import type { DroppedSummary } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";
import type { Core } from "./core.ts";
import { writeSocket } from "./sockets.ts";
import { isPrivate } from "./state.ts";
import type { Effect, Step } from "./step.ts";

/** Fields that are remembered by name: they ride in the socket's attachment, and each new one writes a row of activity. */
const FIELDS_KEPT = 8;
/** Without sessions, a pause of so long begins anew. */
const FORGOTTEN_MS = 86_400_000;

/** The frames and requests that may carry something unusable, and what holds all the same. */
const OUTCOMES = {
  handshake: ["Handshake", "the session is open"],
  heartbeat: ["Heartbeat", "the heartbeat counts"],
  registration: ["Registration", "the orchestrator is registered"],
  frame: ["A frame", "the rest of it counts"],
  usage: ["Items of a usage report", "its other items are counted"],
  uncounted_usage: ["A usage report", "nothing of it is counted"],
} as const;

type Told = Extract<Effect, { kind: "activity" | "log" }>;
type Carrier = keyof typeof OUTCOMES;

/** Counts what was dropped; `news` are the fields that were not named before. */
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

/** What tells the operator of it: the activity once for each field, the log once. */
function droppedEffects(id: string, carrier: Carrier, news: Dropped[], isFirst: boolean): Told[] {
  const [first] = news;
  if (!first) return [];
  const [subject, outcome] = OUTCOMES[carrier];
  const others = news.length > 1 ? ` and ${news.length - 1} more` : "";
  const message = `${subject} of ${id}: ${first.path}${others} could not be used (${first.reason}); ${outcome}`;
  return [
    {
      kind: "activity",
      type: "dropped",
      data: { in: carrier, fields: news.map(({ path, reason }) => ({ path, reason })) },
    },
    ...(isFirst ? [{ kind: "log", level: "WARNING", message } as const] : []),
  ];
}

/** The step of a frame, some of whose decoration could not be used. */
export function withDropped(step: Step, carrier: Carrier, dropped: Dropped[], now: Millis): Step {
  const { record, socket } = step;
  if (dropped.length === 0 || !record || socket.phase !== "open" || isPrivate(record)) return step;
  const known = socket.dropped ?? null;
  const { summary, news } = addDropped(known, dropped, now);
  // Money that is not counted is worth a word, whatever was said before.
  const isTold = known === null || carrier === "usage" || carrier === "uncounted_usage";
  const effects = droppedEffects(record.orchestratorId, carrier, news, isTold);
  return { record, socket: { ...socket, dropped: summary }, effects: [...step.effects, ...effects] };
}

/** The same for a request over REST: counted with the open session, or in the record when there is none. */
export function noteDropped(core: Core, carrier: Carrier, dropped: Dropped[] | undefined, now: Millis): void {
  const record = core.registered();
  if (!record || !dropped || dropped.length === 0 || isPrivate(record)) return;
  const open = core.openSocket();
  const stored = record.dropped && now - record.dropped.lastAt < FORGOTTEN_MS ? record.dropped : null;
  const known = open ? (open.state.dropped ?? null) : stored;
  const { summary, news } = addDropped(known, dropped, now);
  if (open) writeSocket(open.ws, { ...open.state, dropped: summary });
  else if (news.length > 0) core.save({ ...record, dropped: summary });
  else core.record = { ...record, dropped: summary };
  for (const effect of droppedEffects(core.ownId, carrier, news, known === null)) {
    if (effect.kind === "activity") core.activity(effect.type, effect.data, now);
    else core.reporter.log(effect.level, effect.message, now);
  }
}
