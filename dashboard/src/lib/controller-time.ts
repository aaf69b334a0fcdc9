import { createSignal } from "solid-js";
import { type ClockOffset, type ClockSample, nextOffset, offsetOf } from "./clock-offset.ts";

// Kept besides the signal, so that reading the time creates no dependency.
let current: ClockOffset | null = null;
const [clockOffset, setClockOffset] = createSignal<ClockOffset | null>(null);

/** The difference between this computer's clock and the controller's; null before the first response. */
export { clockOffset };

/** The controller's current time. Compare timestamps of the API with this, not with this computer's clock. */
export function controllerNow(): number {
  return toControllerTime(Date.now());
}

/** Converts a time of this computer's clock to the controller's. */
export function toControllerTime(localAt: number): number {
  return localAt + offsetOf(current);
}

/** Updates the offset from a response. */
export function noteServerTime(sample: ClockSample): void {
  current = nextOffset(current, sample);
  setClockOffset(current);
}
