import { CLOSE } from "../contract/frames.ts";
import type { Millis } from "../contract/presence.ts";
import { auditOf } from "./audit.ts";
import type { Core } from "./core.ts";
import type { SocketState } from "./state.ts";
import { noteAnswer } from "./takeover.ts";

/** A socket that lost its session was closed by its client. True: two live machines use this id, which is news. */
export function noteEvicted(core: Core, socket: Readonly<SocketState>, code: number, now: Millis): boolean {
  if (socket.phase !== "closed" || code !== CLOSE.replaced) return false;
  const noted = noteAnswer(core.contest.current, socket.id, core.record?.session?.machine ?? null, now);
  if (noted) core.contest.keep(noted.contest, now, false);
  return noted?.isNews ?? false;
}

/** Two live machines use this id: said once in the log, the activity and the audit. The caller delivers. */
export function announceDuel(core: Core, socket: Readonly<SocketState>, now: Millis): void {
  const { record } = core;
  if (!record) return;
  const address = socket.address ?? null;
  const from = address === null ? "" : `, one of them from ${address}`;
  const change = { before: null, after: { code: "duplicate_identity", address } };
  const context = { actor: `agent:${core.ownId}`, ip: address, userAgent: null, requestId: socket.id };
  core.activity("duplicate_identity", { address }, now);
  core.reporter.log("WARNING", `[C-OCS] Two machines use the id ${core.ownId} at the same time${from}`, now);
  core.outbox.enqueue({ kind: "audit", audit: [auditOf(record, "access.denied", context, now, change)] }, now);
}
