import type { OrganizationConfig } from "../contract/config.ts";
import type { AuditContext, CommandResult } from "../contract/orchestrator.ts";
import type { PresenceView } from "../contract/presence.ts";
import { UNREGISTERED } from "./answers.ts";
import { auditOf } from "./audit.ts";
import { receiveConfig, tell } from "./config.ts";
import type { Core } from "./core.ts";
import { configFrames } from "./outbound.ts";

/**
 * Takes a configuration that Postgres has stored and pushes it to a connected orchestrator. False: it is not newer,
 * so that none is told an older one after a newer. The caller reports.
 */
export function configure(core: Core, config: OrganizationConfig): boolean {
  const known = core.registered();
  if (!known) return false;
  const reachable = core.openSocket() !== null && !known.isIndependent;
  const next = receiveConfig(known, config, reachable);
  if (!next) return false;
  core.save(next);
  core.bumpSeq();
  if (reachable) pushConfig(core);
  return true;
}

/** Tells what was published while the orchestrator was independent. */
export function catchUp(core: Core): void {
  const known = core.registered();
  if (!known || known.toldConfig.revision === known.config.revision || !core.openSocket()) return;
  core.save({ ...known, ...tell(known) });
  pushConfig(core);
}

/** Tells a connected orchestrator the desired configuration once more, whatever it has said of it. */
export async function repeatConfig(core: Core, context: AuditContext): Promise<CommandResult<PresenceView>> {
  const known = core.registered();
  if (!known) return UNREGISTERED;
  if (known.isIndependent) {
    return { ok: false, code: "independent", message: "This orchestrator operates independently." };
  }
  if (!core.openSocket()) {
    return { ok: false, code: "not_connected", message: "This orchestrator is not connected." };
  }
  const now = Date.now();
  const { config } = known;
  core.save({ ...known, toldConfig: config, configState: config.revision === 0 ? "none" : "sent", configError: null });
  core.bumpSeq();
  pushConfig(core);
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

/** Sends the told configuration to the open session. */
export function pushConfig(core: Core): void {
  const { record } = core;
  if (!core.openSocket() || !record) return;
  const now = Date.now();
  for (const frame of configFrames(record, record.session?.dialect ?? "handshake", "change", now)) core.push(frame);
  core.activity("provision", { revision: record.toldConfig.revision }, now);
}
