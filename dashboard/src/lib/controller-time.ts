import { createSignal } from "solid-js";
import { type ClockOffset, type ClockSample, nextOffset, offsetOf } from "./clock-offset.ts";

// Beside the signal, so that asking for the time makes nothing depend on it.
let current: ClockOffset | null = null;
const [clockOffset, setClockOffset] = createSignal<ClockOffset | null>(null);

/** How this computer's clock differs from the controller's; null before the first answer. */
export { clockOffset };

/** The time of the controller: what a moment of the API is compared with, whatever this computer's clock says. */
export function controllerNow(): number {
  return toControllerTime(Date.now());
}

/** What the controller's clock showed when this computer's showed `localAt`. */
export function toControllerTime(localAt: number): number {
  return localAt + offsetOf(current);
}

/** Takes the time of the controller from an answer. */
export function noteServerTime(sample: ClockSample): void {
  current = nextOffset(current, sample);
  setClockOffset(current);
}
