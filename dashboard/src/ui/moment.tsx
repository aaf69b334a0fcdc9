import { createSignal, Show } from "solid-js";
import { now } from "../lib/clock.ts";
import { exactTime, relativeTime } from "../lib/time.ts";

// One choice for the page: nobody compares "12s ago" with "10:02:14".
const [isExact, setExact] = createSignal(false);

/** How long ago; the exact time on hover and focus, and for all of them by a click. */
export function Moment(props: { at: number | null; never?: string }) {
  return (
    <Show when={props.at} fallback={<span class="muted">{props.never ?? "Never"}</span>}>
      {(at) => (
        <button
          class="moment"
          type="button"
          data-tip={isExact() ? relativeTime(at(), now()) : exactTime(at())}
          onClick={() => setExact(!isExact())}
        >
          <time datetime={new Date(at()).toISOString()}>{isExact() ? exactTime(at()) : relativeTime(at(), now())}</time>
          <span class="sr-only">{isExact() ? ", show as time since" : `, ${exactTime(at())}, show exact times`}</span>
        </button>
      )}
    </Show>
  );
}
