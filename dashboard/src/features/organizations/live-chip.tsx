import { toFailure } from "../../lib/failure.ts";
import type { PollerState } from "../../live/poller.ts";

/** Whether what is on the screen is what there is. */
export function LiveChip(props: { connection: PollerState; isLoaded: boolean }) {
  const state = () => {
    const { failures, error } = props.connection;
    if (failures > 0) return toFailure(error).code === "unreachable" ? "offline" : "polling";
    return props.isLoaded ? "live" : "connecting";
  };
  return (
    <span class="chip" data-state={state()} role="status" title={LOOKS[state()].hint}>
      <span class="chip-dot" aria-hidden="true" />
      {LOOKS[state()].word}
    </span>
  );
}

const LOOKS = {
  connecting: { word: "Connecting", hint: "Waiting for the first answer" },
  live: { word: "Live", hint: "Refreshed every 2 seconds while this page is visible" },
  polling: { word: "Polling", hint: "The controller answers with errors, so it is asked less often" },
  offline: { word: "Offline", hint: "The controller does not answer" },
};
