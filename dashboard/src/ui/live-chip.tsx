import { now } from "../lib/clock.ts";
import { preferences } from "../lib/preferences.ts";
import { useFleet } from "../live/context.ts";

const WORDS = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Polling",
  paused: "Paused",
};

/** Shows whether the page is up to date. */
export function LiveChip() {
  const fleet = useFleet();
  const mode = () => fleet.connection().mode;
  const hint = () => {
    const { retryAt } = fleet.connection();
    const wait = retryAt === null ? "" : ` Next attempt in ${Math.max(1, Math.ceil((retryAt - now()) / 1000))} s.`;
    switch (mode()) {
      case "connecting":
        return "Connecting to the controller.";
      case "live":
        return "Updates appear as they happen.";
      case "reconnecting":
        return `Connection lost.${wait}`;
      case "polling":
        return `No live connection. Refreshing every ${preferences.pollIntervalSec} s.${wait}`;
      case "paused":
        return "Updates are paused. The page does not change until you resume.";
    }
  };
  return (
    <span class="chip" data-state={mode()} role="status" title={hint()}>
      <span class="chip-dot" aria-hidden="true" />
      {WORDS[mode()]}
    </span>
  );
}
