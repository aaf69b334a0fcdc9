import { Show } from "solid-js";
import { preferences } from "../../lib/preferences.ts";
import { useFleet } from "../../live/context.ts";

/** Says why the controller has no live view for this page, and what the page does instead. */
export function LiveNotice() {
  const fleet = useFleet();
  return (
    <div role="status">
      <Show when={fleet.connection().refusal}>
        {(refusal) => (
          <p class="notice live-notice" data-tone="warning">
            <strong>This page is not live.</strong> {refusal()} Until then it is updated every{" "}
            {preferences.pollIntervalSec} s, and tries again to go live every minute.
          </p>
        )}
      </Show>
    </div>
  );
}
