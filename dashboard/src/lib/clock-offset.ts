/** Between what the controller's clock is ahead of this computer's: the true offset lies in it, below zero when this one is fast. */
export interface ClockOffset {
  leastMs: number;
  mostMs: number;
}

/** When a request left, when its answer came, both by this computer's clock, and what the controller's clock said between. */
export interface ClockSample {
  sentAt: number;
  receivedAt: number;
  serverAt: number;
}

/** An answer that took longer tells too little. */
const MAX_ROUND_TRIP_MS = 10_000;
/** Beyond this somebody should set their clock. */
export const NOTABLE_OFFSET_MS = 2 * 60_000;

/** What is known after another answer: what agrees with both, or only the new one when a clock was set meanwhile. */
export function nextOffset(
  known: ClockOffset | null,
  { sentAt, receivedAt, serverAt }: ClockSample,
): ClockOffset | null {
  const roundTripMs = receivedAt - sentAt;
  // Below zero: this computer's clock was set while the request was on its way.
  if (!Number.isFinite(serverAt) || roundTripMs < 0 || roundTripMs > MAX_ROUND_TRIP_MS) return known;
  const told = { leastMs: serverAt - receivedAt, mostMs: serverAt - sentAt };
  if (!known) return told;
  const both = { leastMs: Math.max(known.leastMs, told.leastMs), mostMs: Math.min(known.mostMs, told.mostMs) };
  if (both.leastMs > both.mostMs) return told;
  return both.leastMs === known.leastMs && both.mostMs === known.mostMs ? known : both;
}

/** The best guess; 0 while nothing is known. */
export function offsetOf(known: ClockOffset | null): number {
  return known ? Math.round((known.leastMs + known.mostMs) / 2) : 0;
}

/** "10 min fast", "3 h slow", or null when this computer's clock is right enough. */
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
