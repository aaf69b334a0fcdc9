import { CLOCK_TOLERANCE_MS } from "../../common/clock.ts";
import type { InboundFrame } from "../contract/frames.ts";
import type { Millis } from "../contract/presence.ts";
import type { Core } from "./core.ts";
import type { Effect, Step } from "./step.ts";

/**
 * Notes how far the clock of an orchestrator is off, as its frame tells. A wrong clock changes nothing but this note: it
 * rides in the socket's attachment, and the operator is told once in a session.
 */
export function withClock(step: Step, frame: InboundFrame, now: Millis): Step {
  const { record, socket } = step;
  // Of an independent one nothing is noted.
  if (!record || record.isIndependent || socket.phase !== "open") return step;
  const offsetMs = offsetOf(frame, now);
  if (offsetMs === null) return step;
  const isNews = isOff(offsetMs) && !socket.clock?.isTold;
  const clock = { offsetMs, isTold: isNews || (socket.clock?.isTold ?? false) };
  const effects = isNews ? clockEffects(record.orchestratorId, offsetMs) : [];
  return { record, socket: { ...socket, clock }, effects: [...step.effects, ...effects] };
}

/** The same for a heartbeat over REST, which has no session: it is told when the clock has become wrong. */
export function noteClock(core: Core, claimedAt: Millis | undefined, now: Millis): void {
  const record = core.registered();
  if (!record || record.isIndependent || claimedAt === undefined) return;
  const offsetMs = claimedAt - now;
  core.record = { ...record, clockOffsetMs: offsetMs };
  // Half of the tolerance, so that one about to be wrong is not told again and again.
  if (!isOff(offsetMs) || isOff(2 * (record.clockOffsetMs ?? 0))) return;
  core.save(core.record);
  for (const effect of clockEffects(core.ownId, offsetMs)) {
    if (effect.kind === "activity") core.activity(effect.type, effect.data, now);
    else core.reporter.log(effect.level, effect.message, now);
  }
}

function isOff(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
}

/** What tells the operator of a wrong clock. */
function clockEffects(id: string, offsetMs: number): Extract<Effect, { kind: "activity" | "log" }>[] {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const message = `The clock of orchestrator ${id} is ${minutes} min ${offsetMs > 0 ? "fast" : "slow"}; its times are not used`;
  return [
    { kind: "activity", type: "clock", data: { offset_ms: offsetMs } },
    { kind: "log", level: "WARNING", message },
  ];
}

/** By how much its clock is ahead of ours, or null when the frame does not tell. */
function offsetOf(frame: InboundFrame, now: Millis): number | null {
  if ("timestamp" in frame && frame.timestamp !== undefined) return Date.parse(frame.timestamp) - now;
  if (frame.type !== "usage_report") return null;
  // Nobody reports what is yet to be used: its clock is fast by so much at least.
  const aheadMs = Date.parse(frame.data.window_end ?? frame.data.window_start ?? "") - now;
  return aheadMs > CLOCK_TOLERANCE_MS ? aheadMs : null;
}
