import type { OrganizationConfig } from "../contract/config.ts";
import { receiveConfig, tell } from "./config.ts";
import type { Core } from "./core.ts";
import { configFrames } from "./outbound.ts";
import { sendFrame } from "./sockets.ts";

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

/** Sends the told configuration to the open session. */
export function pushConfig(core: Core): void {
  const open = core.openSocket();
  const { record } = core;
  if (!open || !record) return;
  const { now } = core.clock();
  for (const frame of configFrames(record, record.session?.dialect ?? "handshake", "change", now)) {
    sendFrame(open.ws, frame);
  }
  core.activity("provision", { revision: record.toldConfig.revision }, now);
}
