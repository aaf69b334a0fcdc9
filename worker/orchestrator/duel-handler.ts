import type { Millis } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
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

/**
 * Two live machines use this id: kept once as its activity, and shown with its presence by the report that the caller
 * sends. Log and audit have it from the Fleet shard.
 */
export function announceDuel(core: Core, socket: Readonly<SocketState>, now: Millis): void {
  core.activity("duplicate_identity", { address: socket.address ?? null }, now);
  core.bumpSeq();
}
