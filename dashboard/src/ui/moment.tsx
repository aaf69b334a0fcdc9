import { createSignal, Show } from "solid-js";
import { now } from "../lib/clock.ts";
import { exactTime, relativeTime, standingTime } from "../lib/time.ts";

// One choice for the page: nobody compares "12s ago" with "10:02:14".
const [isExact, setExact] = createSignal(false);

/**
 * How long ago; the exact time on hover and focus, and for all of them by a click. What stands still on purpose is told
 * by the clock instead: a growing age would look like an alarm.
 */
export function Moment(props: { at: number | null; isFrozen?: boolean }) {
  const short = (at: number) => (props.isFrozen ? standingTime(at, now()) : relativeTime(at, now()));
  return (
    <Show when={props.at} fallback={<span class="muted">Never</span>}>
      {(at) => (
        <button
          class="moment"
          type="button"
          data-tip={isExact() ? short(at()) : exactTime(at())}
          onClick={() => setExact(!isExact())}
        >
          <time datetime={new Date(at()).toISOString()}>{isExact() ? exactTime(at()) : short(at())}</time>
          <span class="sr-only">{isExact() ? ", show short times" : `, ${exactTime(at())}, show exact times`}</span>
        </button>
      )}
    </Show>
  );
}
