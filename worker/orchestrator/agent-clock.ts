import { CLOCK_TOLERANCE_MS } from "../../common/clock.ts";
import type { InboundFrame } from "../contract/frames.ts";
import type { Millis } from "../contract/presence.ts";
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

export function isOff(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
}

/** What tells the operator of a wrong clock. */
export function clockEffects(id: string, offsetMs: number): Effect[] {
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
