import type { CommandResult, Names } from "../contract/orchestrator.ts";
import type { PresenceView } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { tokensIntent } from "./credentials.ts";
import type { Draft } from "./draft.ts";
import { reassertIntent } from "./intents.ts";
import { replay } from "./messages.ts";
import { configFrames, independenceFrames } from "./outbound.ts";
import { endSession, isOwed, queueAgain, receiveConfig, tell } from "./presence.ts";
import { newRecord, nextSeq, type OrchestratorRecord, type SocketState } from "./state.ts";
import { wasContended } from "./takeover.ts";
import { type Answer, afterDelivery, DONE, type InputOf, now } from "./turn.ts";

/** Deregistered is final until REST registers the id again: only what must keep rising is kept. */
export function buryRecord(record: OrchestratorRecord, open: SocketState | null): OrchestratorRecord {
  const { orchestratorId, organizationId, generation, epoch, registeredAt } = record;
  const fresh = newRecord(orchestratorId, organizationId, registeredAt);
  return { ...fresh, lifecycle: "deregistered", generation, epoch, seq: nextSeq(record, open) };
}

export function deregister(
  draft: Draft,
  { audit }: InputOf<"deregister">,
): Answer<CommandResult<{ organizationId: string }>> {
  const known = draft.record;
  if (!known) return now(draft.unknown);
  if (known.lifecycle === "deregistered") {
    // Accepted while Postgres was away: this call may be the retry.
    if (draft.outbox.dueAt !== null) draft.add({ kind: "deliver" });
    return now(draft.unknown);
  }
  const { organizationId, generation } = known;
  draft.queue({
    kind: "deregister",
    organizationId,
    generation,
    audit: [draft.audit("orchestrator.deregister", audit)],
  });
  draft.save(buryRecord(known, draft.open));
  draft.clear({ withCredentials: false });
  draft.dismissAll();
  draft.log("INFO", `Orchestrator ${draft.ownId} disconnected`);
  draft.log("INFO", `Cleaned up connection for ${draft.ownId}`);
  draft.report("deregistered", "delivery");
  return afterDelivery({ ok: true, value: { organizationId } });
}

/** Nothing is deleted, and the next beat, registration or handshake goes on where this ends. */
export function leave(draft: Draft, { audit }: InputOf<"leave">): Answer<CommandResult<{ organizationId: string }>> {
  if (!draft.registered) return now(draft.unknown);
  const { open } = draft;
  // In a rolling restart the old process goes and the new one stays. If the call came from the new one, its socket ends too.
  const stays = draft.listening !== null && wasContended(draft.contest, draft.now);
  if (open && !stays) {
    draft.close(open, CLOSE.normal, "left");
    draft.finish(open, "left");
  }
  const known = draft.registered;
  // The next beat counts at once, because nothing holds its row back.
  if (!stays) draft.save({ ...endSession(known, null, draft.now), restSavedAt: 0 });
  draft.activity("left", { by: audit.actor, ...(stays && { stays: true }) });
  const news = stays
    ? `[C-OCS] A process of orchestrator ${draft.ownId} said that it is going; the session of another one goes on`
    : `[C-OCS] Orchestrator ${draft.ownId} said that it is going`;
  draft.log("INFO", news);
  draft.queue({ kind: "presence", view: draft.view(), audit: [draft.audit("orchestrator.leave", audit)] });
  if (!stays) draft.report("left");
  draft.add({ kind: "deliver" });
  return now({ ok: true, value: { organizationId: known.organizationId } });
}

/**
 * Switches independence. The report comes before Postgres: the Fleet must not raise an alarm over an orchestrator that was
 * just set independent, not even while the database is away.
 */
export function setIndependence(
  draft: Draft,
  { isIndependent, privacyMode, audit }: InputOf<"set_independence">,
): Answer<CommandResult<PresenceView>> {
  const known = draft.registered;
  if (!known) return now(draft.unknown);
  const before = { is_independent: known.isIndependent, privacy_mode: known.privacyMode };
  const after = { is_independent: isIndependent, privacy_mode: privacyMode ?? known.privacyMode };
  if (before.is_independent === after.is_independent && before.privacy_mode === after.privacy_mode) {
    return afterDelivery({ ok: true, value: draft.view() });
  }
  const { open } = draft;
  const { lastSeenAt } = draft.view();
  const next = { ...known, isIndependent, privacyMode: after.privacy_mode, lastSeenAt, restSavedAt: 0 };
  draft.save({ ...next, awaitsIndependenceAck: open !== null });
  draft.raise();
  // The next beat counts as the first one, which is reported at once: somebody has switched it and waits to see it.
  draft.mark({ lastSeenAt, beatSeen: false });
  const entry = draft.audit("orchestrator.independence", audit, { before, after });
  draft.queue({ kind: "presence", view: draft.view(), audit: [entry] });
  draft.activity("independence", after);
  draft.log("INFO", `Independence mode ${isIndependent ? "enabled" : "disabled"} for ${draft.ownId}`);
  if (open) {
    for (const frame of independenceFrames(next, draft.now)) draft.push(frame);
    draft.log("INFO", `Independence setting sent to ${draft.ownId}`);
  }
  if (!isIndependent) {
    catchUp(draft);
    replay(draft);
  }
  draft.report("independence");
  return afterDelivery({ ok: true, value: draft.view() });
}

/** Somebody has set these names, and Postgres has them already. */
export function rename(draft: Draft, { name, location }: InputOf<"rename">): Answer<boolean> {
  const known = draft.registered;
  if (!known) return now(false);
  const names = { ...(name !== undefined && { name }), ...(location !== undefined && { location }) };
  const next = { ...renamed(known, names), namedAt: draft.now };
  draft.save(next);
  draft.add({ kind: "yield_names", names });
  if (next.profile.name !== known.profile.name || next.profile.location !== known.profile.location) {
    draft.raise();
    tellNames(draft);
    draft.report("profile");
  }
  return now(true);
}

/** The record after somebody has named it, or the organization that it shares its name with. */
export function renamed(record: OrchestratorRecord, { name, location }: Names): OrchestratorRecord {
  const { profile, owned } = record;
  return {
    ...record,
    profile: { ...profile, name: name ?? profile.name, location: location === undefined ? profile.location : location },
    owned: { name: owned.name || name !== undefined, location: owned.location || location !== undefined },
  };
}

/** Postgres has no row of this orchestrator: it is registered there again, with its tokens. */
export function reassert(draft: Draft): Answer<boolean> {
  const record = draft.registered;
  if (!record) return now(false);
  if (draft.outbox.dueAt !== null) return now(true);
  draft.queue(reassertIntent(record, draft.now));
  if (draft.credentials.length > 0) draft.queue(tokensIntent(draft.credentials, []));
  draft.add({ kind: "deliver" });
  return now(true);
}

// --- The configuration -----------------------------------------------------------------------------------------------

/** The organization has published a configuration, and Postgres has stored it. */
export function applyConfig(draft: Draft, { kind: _, ...config }: InputOf<"apply_config">): Answer<null> {
  if (configure(draft, config)) draft.report("config");
  return DONE;
}

/**
 * Takes a configuration that Postgres has stored, and sends it if somebody listens. False: it is not newer, so that an
 * older one is never sent after a newer. The caller reports.
 */
export function configure(draft: Draft, config: Omit<InputOf<"apply_config">, "kind">): boolean {
  const known = draft.registered;
  if (!known) return false;
  const { again, ...desired } = config;
  const { configState } = known;
  // The same was published again: an orchestrator that has not confirmed it gets it once more.
  const repeats = desired.revision === known.config.revision && configState !== "applied" && configState !== "queued";
  const next = receiveConfig(known, desired, draft.now) ?? (again && repeats ? queueAgain(known, draft.now) : null);
  if (!next) return false;
  draft.save(next);
  draft.raise();
  tellConfig(draft);
  return true;
}

/** Sends what was published, registered or named while the orchestrator was independent. */
export function catchUp(draft: Draft): void {
  const known = draft.registered;
  if (known && (draft.open?.owesConfig || isOwed(known))) tellConfig(draft);
}

/** Sends the configuration now, or as the answer to the next frame. */
export function tellConfigSoon(draft: Draft): void {
  if (!tellConfig(draft)) draft.mark({ owesConfig: true });
}

/**
 * Sends the desired configuration to the open session. False: the orchestrator is independent, silent or behind with
 * reading, and gets it with its next frame at the latest. `isAnswer`: a frame has just come, so that the size is free.
 */
export function tellConfig(draft: Draft, { isAnswer = false } = {}): boolean {
  const known = draft.registered;
  const open = isAnswer ? draft.open : draft.listening;
  if (!known || !open || known.isIndependent) return false;
  const told = tell(known, draft.now);
  const frames = configFrames(told, known.session?.dialect ?? "handshake", "change", draft.now);
  if (isAnswer) draft.answer(open.id, ...frames);
  else if (!draft.push(...frames)) {
    draft.mark({ owesConfig: true });
    return false;
  }
  draft.mark({ owesConfig: false });
  draft.save(told);
  draft.raise();
  draft.activity("provision", { revision: told.toldConfig.revision });
  return true;
}

/** Sends the desired configuration to a connected orchestrator once more, whatever it has reported about it. */
export function pushConfig(draft: Draft, { audit }: InputOf<"push_config">): Answer<CommandResult<PresenceView>> {
  const known = draft.registered;
  if (!known) return now(draft.unknown);
  if (known.isIndependent) {
    return now({ ok: false, code: "independent", message: "This orchestrator operates independently." });
  }
  if (draft.unreachable) return now(draft.unreachable);
  const after = { revision: known.config.revision };
  draft.queue({ kind: "audit", audit: [draft.audit("config.push", audit, { before: null, after })] });
  draft.save(queueAgain(known, draft.now) ?? known);
  draft.raise();
  tellConfig(draft);
  draft.log("INFO", `Configuration sent to ${draft.ownId} again`);
  draft.report("config");
  draft.add({ kind: "deliver" });
  return now({ ok: true, value: draft.view() });
}

/** Sends the open session a new name or location. Only the dialect of the Python client has names. */
export function tellNames(draft: Draft): void {
  const { record, open } = draft;
  if (!open || record?.session?.dialect !== "handshake") return;
  draft.activity("rename", { name: record.profile.name, location: record.profile.location });
  tellConfigSoon(draft);
}
