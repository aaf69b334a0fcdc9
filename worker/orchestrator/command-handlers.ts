import type {
  AuditContext,
  CommandResult,
  HeartbeatInput,
  IndependenceInput,
  Names,
  RegisterInput,
  RegisterValue,
} from "../contract/orchestrator.ts";
import type { Millis, PresenceView } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { fleetOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { adopt } from "./adopt.ts";
import { noteClock } from "./agent-clock.ts";
import { ACCEPTED, FULL, UNAVAILABLE, UNREGISTERED } from "./answers.ts";
import {
  auditOf,
  deregisterIntent,
  presenceIntent,
  registerIntent,
  registrationChange,
  reportIntent,
} from "./audit.ts";
import { mergeFeatures, NO_ROOM } from "./bounds.ts";
import {
  buryRecord,
  keptFields,
  leaveRecord,
  namesSetBy,
  registerRecord,
  renamed,
  restBeat,
  toggleIndependence,
} from "./commands.ts";
import { catchUp, tellConfigSoon, tellNames } from "./config-handler.ts";
import type { Core } from "./core.ts";
import { giveCredential, hasValidCredential, readmitIntent, refuseJoin } from "./credential-handlers.ts";
import { noteDropped } from "./dropped.ts";
import { replay } from "./message-handlers.ts";
import { independenceFrames } from "./outbound.ts";
import { namesOf } from "./profile.ts";
import { dropMasks, masksIn } from "./registration-masks.ts";
import { closeSocket, writeSocket } from "./sockets.ts";
import type { OrchestratorRecord } from "./state.ts";
import { wasContended } from "./takeover.ts";

const FOREIGN = {
  ok: false,
  code: "already_exists",
  message: "This orchestrator belongs to another organization.",
} as const;

export async function register(core: Core, input: RegisterInput): Promise<CommandResult<RegisterValue>> {
  // Without Postgres it is taken for a new one, and left to the alarm: one call of 5 s is enough to
  // wait for. What Postgres knows is adopted when it answers.
  const reachable = await adopt(core);
  const known = core.record;
  if (known?.lifecycle === "registered" && input.organizationId && input.organizationId !== known.organizationId) {
    return FOREIGN;
  }
  const now = Date.now();
  const refusal = known?.lifecycle === "registered" ? refuseJoin(core, input.join, now) : null;
  if (refusal) return refusal;
  if (known?.lifecycle === "registered" && core.outbox.isFull) return FULL;
  const given = keptFields(known, input.fields);
  const mask = input.isOwn ? null : masksIn(given);
  if (mask) return { ok: false, code: "validation_failed", message: "The request is not valid", details: [mask] };
  const { fields, dropped } = dropMasks(given);
  const readmitted = readmittedRecord(core, input, now);
  const organizationId = input.organizationId ?? readmitted?.organizationId ?? null;
  const sets = namesSetBy(known?.lifecycle === "registered" ? known : null, { ...input, fields });
  const asked = { ...input, organizationId, fields };
  const { record, created } = registerRecord(known, core.ownId, asked, core.seq(), now);
  core.save(record);
  if (created) startAnew(core, readmitted !== null);
  noteDropped(core, "registration", [...(input.dropped ?? []), ...dropped], now);
  const change = registrationChange(created ? null : known, record, fields);
  const audit = auditOf(record, created ? "orchestrator.register" : "orchestrator.update", input.audit, now, change);
  const id = core.outbox.enqueue(
    registerIntent(record, { ...fields, ...namesOf(record.profile) }, now, sets, audit),
    now,
  );
  if (readmitted) core.outbox.enqueue(readmitIntent(core, record, input.audit, now), now);
  if (created) core.reporter.log("INFO", `Orchestrator instance ${core.ownId} created successfully`, now);
  if (fields.session_config) tellConfigSoon(core);
  const stored = reachable && (await core.commit(id));
  const conflict = core.conflicts.delete(id);
  await core.report(created ? "registered" : "profile");
  await core.schedule();
  if (conflict) {
    return FOREIGN;
  }
  if (!stored) {
    if (created && !readmitted && core.record) core.save({ ...core.record, owesCredential: true });
    return ACCEPTED;
  }
  // So that the answer means that they are listed; if not now, the alarm does it.
  if (readmitted) await core.outbox.drain();
  if (known?.lifecycle === "deregistered") await forgetRefusals(core, known.organizationId);
  const isDue = (created && !readmitted) || input.join !== undefined || core.record?.owesCredential === true;
  const credential = isDue ? input.credential : undefined;
  if (credential) {
    // Another one may have joined meanwhile.
    const late = created ? null : refuseJoin(core, input.join, Date.now());
    if (late) return late;
    await giveCredential(core, credential, input.audit);
  }
  const value = { organizationId: core.record?.organizationId ?? record.organizationId, created };
  return { ok: true, value: { ...value, credentialIssued: credential !== undefined, dropped } };
}

/**
 * The record of a deregistered orchestrator whose tokens are to count again, or null. In another organization they never
 * do: its former organization handed them out, and whoever holds them is none of the other one's machines.
 */
function readmittedRecord(core: Core, input: RegisterInput, now: Millis): OrchestratorRecord | null {
  const known = core.record;
  if (!input.readmit || known?.lifecycle !== "deregistered") return null;
  const isElsewhere = input.organizationId !== null && input.organizationId !== known.organizationId;
  return isElsewhere || !hasValidCredential(core, now) ? null : known;
}

/** Nothing of an earlier registration is left, but for its tokens when they are to count again. */
function startAnew(core: Core, keepsTokens: boolean): void {
  core.store.clear();
  core.contest.clear();
  if (!keepsTokens) core.credentials.clear();
}

/** It was asked for while it knocked; where it belonged then, that is over. */
async function forgetRefusals(core: Core, organizationId: string): Promise<void> {
  await fleetOf(core.env, organizationId)
    .forgetRefusals(core.ownId)
    .catch((error: unknown) => writeLog(core.env, "WARNING", "A refusal stays listed", errorFields(error)));
}

/** Postgres has it already. */
export async function rename(core: Core, names: Names): Promise<boolean> {
  await adopt(core);
  const known = core.registered();
  if (!known) return false;
  const now = Date.now();
  core.save({ ...renamed(known, names), namedAt: now });
  core.outbox.yieldNames(names);
  if (core.record?.profile.name !== known.profile.name || core.record?.profile.location !== known.profile.location) {
    core.bumpSeq();
    tellNames(core);
    await core.report("profile");
    await core.schedule();
  }
  return true;
}

export async function deregister(
  core: Core,
  context: AuditContext,
): Promise<CommandResult<{ organizationId: string }>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  const known = core.record;
  if (!known) return UNREGISTERED;
  if (known.lifecycle === "deregistered") {
    // A deregistration that was accepted while Postgres was away: the caller may be the one who retries it.
    if (core.outbox.dueAt !== null) await core.deliver();
    return UNREGISTERED;
  }
  const now = Date.now();
  const buried = buryRecord(known, core.seq());
  core.save(buried);
  core.store.clear();
  core.contest.clear();
  const id = core.outbox.enqueue(
    deregisterIntent(known, [auditOf(known, "orchestrator.deregister", context, now)]),
    now,
  );
  core.dismissAll();
  core.reporter.log("INFO", `Orchestrator ${core.ownId} disconnected`, now);
  core.reporter.log("INFO", `Cleaned up connection for ${core.ownId}`, now);
  const stored = await core.commit(id);
  await core.report("deregistered");
  await core.schedule();
  if (!stored) return ACCEPTED;
  return { ok: true, value: { organizationId: known.organizationId } };
}

/** Nothing is deleted, and the next beat, registration or handshake goes on where this ends. */
export async function leave(core: Core, context: AuditContext): Promise<CommandResult<{ organizationId: string }>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  if (!core.registered()) return UNREGISTERED;
  const now = Date.now();
  const open = core.openSocket();
  // The old process of a rolling restart goes, and the new one stays. If it is the new one, its socket ends with it.
  const stays = core.listeningSocket() !== null && wasContended(core.contest.current, now);
  if (open && !stays) {
    writeSocket(open.ws, { ...open.state, phase: "closed" });
    closeSocket(open.ws, CLOSE.normal, "left");
    core.finishSession(open.state, "left", now);
  }
  const known = core.registered();
  if (!known) return UNREGISTERED;
  if (!stays) core.save(leaveRecord(known, now));
  core.activity("left", { by: context.actor, ...(stays && { stays: true }) }, now);
  const news = stays
    ? `[C-OCS] A process of orchestrator ${core.ownId} said that it is going; the session of another one goes on`
    : `[C-OCS] Orchestrator ${core.ownId} said that it is going`;
  core.reporter.log("INFO", news, now);
  core.outbox.enqueue(presenceIntent(core.view(), [auditOf(known, "orchestrator.leave", context, now)]), now);
  if (!stays) await core.report("left");
  await core.deliver();
  return { ok: true, value: { organizationId: known.organizationId } };
}

export async function setIndependence(core: Core, input: IndependenceInput): Promise<CommandResult<PresenceView>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  const known = core.registered();
  if (!known) return UNREGISTERED;
  const now = Date.now();
  const next = toggleIndependence(known, core.view(), input);
  if (next === null) {
    if (core.outbox.dueAt !== null && !(await core.outbox.drain())) return ACCEPTED;
    return { ok: true, value: core.view() };
  }
  const open = core.openSocket();
  // The next beat counts as the first one, which is reported at once: whoever switched it waits to see it.
  if (open) writeSocket(open.ws, { ...open.state, seq: next.seq, lastSeenAt: next.lastSeenAt, beatSeen: false });
  core.save({ ...next, restSavedAt: 0, awaitsIndependenceAck: open !== null });
  const audit = auditOf(known, "orchestrator.independence", input.audit, now, {
    before: { is_independent: known.isIndependent, privacy_mode: known.privacyMode },
    after: { is_independent: next.isIndependent, privacy_mode: next.privacyMode },
  });
  const id = core.outbox.enqueue(presenceIntent(core.view(), [audit]), now);
  const word = next.isIndependent ? "enabled" : "disabled";
  core.activity("independence", { is_independent: next.isIndependent, privacy_mode: next.privacyMode }, now);
  core.reporter.log("INFO", `Independence mode ${word} for ${core.ownId}`, now);
  if (open) {
    for (const frame of independenceFrames(next, now)) core.push(frame);
    core.reporter.log("INFO", `Independence setting sent to ${core.ownId}`, now);
  }
  if (!next.isIndependent) {
    catchUp(core);
    replay(core, now);
  }
  await core.report("independence");
  const stored = await core.commit(id);
  await core.schedule();
  if (!stored) return ACCEPTED;
  return { ok: true, value: core.view() };
}

/** One that was deregistered and goes on calling is seen like one that goes on connecting. */
async function refuseBeat(core: Core, { source }: HeartbeatInput): Promise<typeof UNREGISTERED> {
  if (core.record && source) {
    core.noteRefusal("deregistered", source, Date.now());
    await core.tellRefusals();
  }
  return UNREGISTERED;
}

/** A heartbeat over REST; writes at most one row in the report interval, or in half a TTL if that is shorter. */
export async function heartbeat(
  core: Core,
  input: HeartbeatInput,
): Promise<CommandResult<{ view: PresenceView; ignored: boolean }>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  const { now, ttlMs, reportIntervalMs } = core.clock();
  noteDropped(core, "heartbeat", input.dropped, now);
  noteClock(core, input.claimedAt, now);
  const features = core.registered()?.profile.features;
  if (features && mergeFeatures(features, input.features) === null) noteDropped(core, "heartbeat", [NO_ROOM], now);
  const known = core.registered();
  if (!known) return await refuseBeat(core, input);
  const next = restBeat(known, input, now);
  core.reporter.countBeat(known.isIndependent);
  const profileChanged = JSON.stringify(next.profile) !== JSON.stringify(known.profile);
  const changed = profileChanged || next.healthStatus !== known.healthStatus;
  if (changed || now - known.restSavedAt >= Math.min(reportIntervalMs, ttlMs / 2)) {
    core.save({ ...next, restSavedAt: now, seq: core.seq() + 1 });
    if (profileChanged) {
      core.outbox.enqueueProfile(reportIntent(next, "heartbeat", known.profile, now), now);
    }
    await core.report(profileChanged ? "profile" : changed ? "health" : null);
    await core.schedule();
  } else {
    core.record = next;
    await core.sendLogs();
  }
  return { ok: true, value: { view: core.view(), ignored: known.isIndependent } };
}
