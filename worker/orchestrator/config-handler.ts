import type { OrganizationConfig } from "../contract/config.ts";
import type { AuditContext, CommandResult } from "../contract/orchestrator.ts";
import type { PresenceView } from "../contract/presence.ts";
import { UNREGISTERED, unreachable } from "./answers.ts";
import { auditOf } from "./audit.ts";
import { isOwed, queueAgain, receiveConfig, tell } from "./config.ts";
import type { Core } from "./core.ts";
import { configFrames } from "./outbound.ts";
import type { OrchestratorRecord } from "./state.ts";

/**
 * Takes a configuration that Postgres has stored and tells it to who can hear it. False: it is not newer, so that none is
 * told an older one after a newer. The caller reports.
 */
export function configure(core: Core, config: OrganizationConfig): boolean {
  const known = core.registered();
  if (!known) return false;
  const { again, ...desired } = config;
  const now = Date.now();
  const next = receiveConfig(known, desired, now) ?? (again && repeats(known, desired) ? queueAgain(known, now) : null);
  if (!next) return false;
  core.save(next);
  core.bumpSeq();
  tellConfig(core);
  return true;
}

/** The same was published again: who has not confirmed it is told once more. */
function repeats({ config, configState }: OrchestratorRecord, { revision }: OrganizationConfig): boolean {
  return revision === config.revision && configState !== "applied" && configState !== "queued";
}

/** Tells what was published, registered or named while the orchestrator was independent. */
export function catchUp(core: Core): void {
  const known = core.registered();
  if (known && (core.openSocket()?.state.owesConfig || isOwed(known))) tellConfig(core);
}

/** Tells the configuration now, or with the next frame that can be answered with it. */
export function tellConfigSoon(core: Core): void {
  if (!tellConfig(core)) core.markSocket({ owesConfig: true });
}

/**
 * Tells the desired configuration to the open session. False: it is independent, silent or behind with reading, and is
 * told later, by the next frame at the latest. `isAnswer`: it has just sent a frame, and so may be sent any size.
 */
export function tellConfig(core: Core, { isAnswer = false } = {}): boolean {
  const known = core.registered();
  const open = isAnswer ? core.openSocket() : core.listeningSocket();
  if (!known || !open || known.isIndependent) return false;
  const now = Date.now();
  const told = tell(known, now);
  const frames = configFrames(told, known.session?.dialect ?? "handshake", "change", now);
  if (isAnswer) core.answer(...frames);
  else if (!core.push(...frames)) {
    core.markSocket({ owesConfig: true });
    return false;
  }
  core.markSocket({ owesConfig: false });
  core.save(told);
  core.bumpSeq();
  core.activity("provision", { revision: told.toldConfig.revision }, now);
  return true;
}

/** Tells a connected orchestrator the desired configuration once more, whatever it has said of it. */
export async function repeatConfig(core: Core, context: AuditContext): Promise<CommandResult<PresenceView>> {
  const known = core.registered();
  if (!known) return UNREGISTERED;
  if (known.isIndependent) {
    return { ok: false, code: "independent", message: "This orchestrator operates independently." };
  }
  const refusal = unreachable(core);
  if (refusal) return refusal;
  const now = Date.now();
  const { config } = known;
  core.save(queueAgain(known, now) ?? known);
  core.bumpSeq();
  tellConfig(core);
  const after = { revision: config.revision };
  const audit = auditOf(known, "config.push", context, now, { before: null, after });
  core.outbox.enqueue({ kind: "audit", audit: [audit] }, now);
  core.reporter.log("INFO", `Configuration sent to ${core.ownId} again`, now);
  // Where the push can be seen does not wait for the database.
  await core.report("config");
  await core.deliver();
  await core.schedule();
  return { ok: true, value: core.view() };
}

/** Tells the open session what somebody has named it. Only the dialect of the Python client knows names. */
export function tellNames(core: Core): void {
  const { record } = core;
  if (!core.openSocket() || record?.session?.dialect !== "handshake") return;
  core.activity("rename", { name: record.profile.name, location: record.profile.location }, Date.now());
  tellConfigSoon(core);
}
