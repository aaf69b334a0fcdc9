import { Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { zone } from "../../lib/preferences.ts";
import { exactTime, momentOf } from "../../lib/time.ts";
import { endText } from "./expiry.ts";

/** When something expires. */
export function Until(props: { at: string | null }) {
  return (
    <Show when={momentOf(props.at)} fallback={<span class="muted">Never</span>}>
      {(at) => (
        <time class="moment" datetime={new Date(at()).toISOString()} title={exactTime(at(), zone())}>
          {endText(at(), now(), zone())}
        </time>
      )}
    </Show>
  );
}
