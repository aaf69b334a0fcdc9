import { Show } from "solid-js";
import { preferences } from "../../lib/preferences.ts";
import { useFleet } from "../../live/context.ts";

/** Explains why the controller refused live updates, and what the page does instead. */
export function LiveNotice() {
  const fleet = useFleet();
  return (
    <div role="status">
      <Show when={fleet.connection().refusal}>
        {(refusal) => (
          <p class="notice live-notice" data-tone="warning">
            <strong>This page is not live.</strong> {refusal()} Until then the page refreshes every{" "}
            {preferences.pollIntervalSec} s and tries to reconnect every minute.
          </p>
        )}
      </Show>
    </div>
  );
}
