/** The bounds of how far the controller's clock is ahead of this computer's; negative when this computer's is fast. */
export interface ClockOffset {
  leastMs: number;
  mostMs: number;
}

/** When a request was sent and answered, by this computer's clock, and the controller's time in between. */
export interface ClockSample {
  sentAt: number;
  receivedAt: number;
  serverAt: number;
}

/** Slower responses are too imprecise. */
const MAX_ROUND_TRIP_MS = 10_000;
/** Beyond this, the user should correct their clock. */
export const NOTABLE_OFFSET_MS = 2 * 60_000;

/** Narrows the offset with another response: the overlap of both, or only the new one if a clock was set in between. */
export function nextOffset(
  known: ClockOffset | null,
  { sentAt, receivedAt, serverAt }: ClockSample,
): ClockOffset | null {
  const roundTripMs = receivedAt - sentAt;
  // A negative round trip means this computer's clock was set during the request.
  if (!Number.isFinite(serverAt) || roundTripMs < 0 || roundTripMs > MAX_ROUND_TRIP_MS) return known;
  const sampled = { leastMs: serverAt - receivedAt, mostMs: serverAt - sentAt };
  if (!known) return sampled;
  const both = { leastMs: Math.max(known.leastMs, sampled.leastMs), mostMs: Math.min(known.mostMs, sampled.mostMs) };
  if (both.leastMs > both.mostMs) return sampled;
  return both.leastMs === known.leastMs && both.mostMs === known.mostMs ? known : both;
}

/** The best estimate; 0 before the first response. */
export function offsetOf(known: ClockOffset | null): number {
  return known ? Math.round((known.leastMs + known.mostMs) / 2) : 0;
}

/** "10 min fast", "3 h slow", or null when this computer's clock is close enough. */
export function describeClock(known: ClockOffset): string | null {
  const offsetMs = offsetOf(known);
  const off = Math.abs(offsetMs);
  if (off <= NOTABLE_OFFSET_MS) return null;
  const minutes = Math.round(off / 60_000);
  const amount =
    minutes < 120
      ? `${minutes} min`
      : minutes < 2880
        ? `${Math.round(minutes / 60)} h`
        : `${Math.round(minutes / 1440)} days`;
  return `${amount} ${offsetMs < 0 ? "fast" : "slow"}`;
}
