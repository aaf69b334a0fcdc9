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

/** Whether what is on the screen is what there is. */
export function LiveChip() {
  const fleet = useFleet();
  const mode = () => fleet.connection().mode;
  const hint = () => {
    const { retryAt } = fleet.connection();
    const wait = retryAt === null ? "" : ` Next attempt in ${Math.max(1, Math.ceil((retryAt - now()) / 1000))} s.`;
    switch (mode()) {
      case "connecting":
        return "Waiting for the first answer.";
      case "live":
        return "Changes appear as they happen.";
      case "reconnecting":
        return `The connection was lost.${wait}`;
      case "polling":
        return `No live connection: asked anew every ${preferences.pollIntervalSec} s.${wait}`;
      case "paused":
        return "Nothing on the page changes until you resume.";
    }
  };
  return (
    <span class="chip" data-state={mode()} role="status" title={hint()}>
      <span class="chip-dot" aria-hidden="true" />
      {WORDS[mode()]}
    </span>
  );
}
