import type { Names } from "../contract/orchestrator.ts";
import { later, type Millis } from "../contract/presence.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import { findMask, redact } from "../platform/redact.ts";
import { authenticate, exchangeCredential, issueCredential, revokeCredential } from "./credentials.ts";
import { Draft } from "./draft.ts";
import { receive } from "./frames.ts";
import { restBeat } from "./heartbeat.ts";
import type { Intent } from "./intents.ts";
import {
  applyConfig,
  buryRecord,
  configure,
  deregister,
  leave,
  pushConfig,
  reassert,
  rename,
  renamed,
  setIndependence,
  tellNames,
} from "./lifecycle.ts";
import { announceDecision, createMessage, learnTotals, send } from "./messages.ts";
import { register, registered } from "./registration.ts";
import { alarm, closed, sweep, upgrade, watch, woke } from "./session.ts";
import { type Clock, isPrivate, newRecord, type OrchestratorRecord, seqOf } from "./state.ts";
import {
  type Answer,
  type AnswerTo,
  DONE,
  type Input,
  type InputKind,
  type InputOf,
  now,
  type State,
  type Turn,
} from "./turn.ts";
import { noteConflict } from "./usage.ts";

type Rule<K extends InputKind> = (draft: Draft, input: InputOf<K>) => Answer<AnswerTo<K>>;

/** The rule for each kind of input. */
const RULES: { [K in InputKind]: Rule<K> } = {
  woke,
  upgrade,
  frame: receive,
  closed,
  alarm,
  register,
  registered,
  deregister,
  leave,
  set_independence: setIndependence,
  rename,
  beat: restBeat,
  authenticate: (draft, presented) => {
    const { organizationId } = (authenticate(draft, presented) && draft.record) ?? {};
    return now(organizationId === undefined ? null : { organizationId });
  },
  issue_credential: issueCredential,
  exchange_credential: exchangeCredential,
  revoke_credential: revokeCredential,
  create_message: createMessage,
  announce_decision: announceDecision,
  send,
  apply_config: applyConfig,
  push_config: pushConfig,
  refused: (draft, { reason, source }) => {
    if (draft.record) draft.refuse(reason, source);
    return now(draft.record !== null);
  },
  look: () => DONE,
  sweep,
  watch,
  reassert,
  settled,
  stored,
  replied,
};

/** Before these call an orchestrator unknown, they ask Postgres: the storage of the object may be what was lost. */
const ASKS_FIRST: ReadonlySet<InputKind> = new Set([
  "register",
  "deregister",
  "leave",
  "set_independence",
  "rename",
  "beat",
  "issue_credential",
  "revoke_credential",
  "look",
]);

/**
 * What one input does: the state after it, the effects, and the answer. A pure function. It reads no clock, makes no ids and
 * waits for nothing: what has to be asked is an effect whose reply comes back as another input.
 */
export function decide<K extends InputKind>(state: State, input: InputOf<K>, clock: Clock): Turn<AnswerTo<K>> {
  const draft = new Draft(state, clock);
  const answer = answerTo(draft, input);
  return { state: draft.state, effects: draft.effects, answer };
}

function answerTo<K extends InputKind>(draft: Draft, input: InputOf<K>): Answer<AnswerTo<K>> {
  if (!draft.record && !draft.reply && ASKS_FIRST.has(input.kind)) {
    return { is: "asked", question: "registration", next: input as unknown as Input };
  }
  return RULES[input.kind](draft, input);
}

/** The reply to a question, and then the input that asked it. */
function replied(draft: Draft, { reply, next }: InputOf<"replied">): Answer<unknown> {
  draft.reply = reply;
  if (reply.to === "registration" && reply.found !== "unavailable") adopt(draft, reply.found);
  if (reply.to === "message_totals" && reply.totals) learnTotals(draft, reply.totals);
  return next ? answerTo(draft, next) : DONE;
}

// --- What Postgres answers -------------------------------------------------------------------------------------------

const DONE_WITH_IT = now({ next: null, isConflict: false });

/**
 * Decides what Postgres' answer to an intent means. Any answer but `applied` says that Postgres holds something newer than
 * this object: the storage of the object was lost, and it adopts what Postgres holds.
 */
export function settled(
  draft: Draft,
  { intent, outcome }: InputOf<"settled">,
): Answer<{ next: Intent | null; isConflict: boolean }> {
  const { record } = draft;
  announce(draft, intent);
  if (outcome.totals) learnTotals(draft, outcome.totals);
  if (intent.kind === "usage" && outcome.usage === "conflict" && record && !isPrivate(record)) {
    noteConflict(draft, intent.report);
  }
  if ((intent.kind !== "register" && intent.kind !== "deregister") || !record) return DONE_WITH_IT;
  const fromHandshake = intent.kind === "register" && intent.source === "handshake";
  switch (outcome.outcome) {
    case "applied": {
      const registered = fromHandshake
        ? `[C-OCS] DB: Registered ${draft.ownId} in both tables`
        : `DB registration successful for ${draft.ownId}`;
      draft.log(
        "INFO",
        intent.kind === "register" ? registered : `Orchestrator ${draft.ownId} deregistered from database`,
      );
      // After a deregistration there is no row left to be behind.
      if (intent.kind === "register") {
        raiseTo(draft, outcome);
        adoptNames(draft, outcome, intent.acceptedAt);
      }
      if (outcome.config) configure(draft, outcome.config);
      draft.report(null, "delivery");
      return DONE_WITH_IT;
    }
    case "conflict": {
      const organizationId = outcome.organization_id ?? record.organizationId;
      draft.save({ ...record, organizationId });
      raiseTo(draft, outcome);
      if (!fromHandshake) return now({ next: null, isConflict: true });
      const audit = intent.audit.map((entry) => ({ ...entry, organizationId }));
      const next = { ...intent, organizationId, generation: outcome.generation, audit };
      return now({ next, isConflict: false });
    }
    case "tombstoned":
      if (!fromHandshake) return retry(draft, intent, { ...outcome, generation: outcome.generation + 1 });
      draft.save({ ...buryRecord(record, draft.open), generation: outcome.generation });
      draft.clear({ withCredentials: false });
      draft.dismissAll();
      return DONE_WITH_IT;
    case "stale":
      return retry(draft, intent, outcome);
  }
}

function retry(
  draft: Draft,
  intent: Extract<Intent, { generation: number }>,
  outcome: RegistrationOutcome,
): Answer<{ next: Intent; isConflict: false }> {
  raiseTo(draft, outcome);
  const next = { ...intent, generation: Math.max(intent.generation, outcome.generation) };
  return now({ next, isConflict: false });
}

/** Postgres has stored a registration, so that the Fleet may write presence into its row. */
export function stored(draft: Draft, { transition }: InputOf<"stored">): Answer<null> {
  draft.raise();
  draft.report(transition);
  return DONE;
}

/**
 * An object without a record asks Postgres before it calls an orchestrator unknown, because its storage may be the part
 * that was lost. A handshake may have come in the meantime, which counts.
 */
export function adopt(draft: Draft, found: RegistrationOutcome | null): void {
  if (!found?.organization_id || draft.record) return;
  const record = newRecord(draft.ownId, found.organization_id, draft.now);
  draft.save(withKnownNames(withKnown(record, found, 0), found, draft.now));
}

function adoptNames(draft: Draft, outcome: RegistrationOutcome, since: Millis): void {
  if (!draft.record) return;
  const next = withKnownNames(draft.record, outcome, since);
  if (next === draft.record) return;
  draft.save(next);
  draft.raise();
  tellNames(draft);
  draft.report("profile", "delivery");
}

/**
 * The record with the name and location that somebody has set, as Postgres stores them; the same when they are no news.
 * `since` is when the question was asked: a name that was set after that is newer than the answer.
 */
function withKnownNames(record: OrchestratorRecord, known: RegistrationOutcome, since: Millis): OrchestratorRecord {
  if (record.namedAt > since) return record;
  const { name, location = null } = known;
  const names: Names = {
    ...(known.name_set && name && isNews(name, record.profile.name) && { name }),
    ...(known.location_set && isNews(location, record.profile.location) && { location }),
  };
  return Object.keys(names).length > 0 ? renamed(record, names) : record;
}

/** Postgres holds the copy for viewers: a masked text there is not the name. */
function isNews(stored: string | null, own: string | null): boolean {
  return stored !== own && stored !== (own && redact(own)) && findMask(stored) === null;
}

function raiseTo(draft: Draft, outcome: RegistrationOutcome): void {
  const { record } = draft;
  if (!record) return;
  const next = withKnown(record, outcome, seqOf(record, draft.open));
  if (next.generation !== record.generation || next.epoch !== record.epoch) draft.save(next);
}

/** The record, raised above what Postgres holds when that is the newer of the two. */
function withKnown(record: OrchestratorRecord, known: RegistrationOutcome, seq: number): OrchestratorRecord {
  const generation = Math.max(record.generation, known.generation);
  const { epoch = 0, seq: knownSeq = 0 } = known;
  const isBehind = epoch > record.epoch || (epoch === record.epoch && knownSeq > seq);
  if (!isBehind) return { ...record, generation };
  return {
    ...record,
    generation,
    epoch: epoch + 1,
    isIndependent: known.is_independent ?? record.isIndependent,
    privacyMode: known.privacy_mode ?? record.privacyMode,
    lastSeenAt: later(record.lastSeenAt, known.last_seen ?? null),
  };
}

/** Postgres has it now, so that a dashboard that shows the event finds it. Of a private orchestrator nothing is announced. */
function announce(draft: Draft, intent: Intent): void {
  const { record } = draft;
  if (!record || isPrivate(record)) return;
  const { organizationId } = record;
  if (intent.kind === "message") {
    const { type, direction } = intent.message;
    const detail = `${type} ${direction === "inbound" ? "received" : "sent"}`;
    draft.add({ kind: "announce", event: { type: "message", organizationId, detail } });
  }
  if (intent.kind === "decision") {
    const detail = "by the orchestrator";
    draft.add({ kind: "announce", event: { type: "message_decided", organizationId, detail } });
  }
}
