import { createMemo, Show } from "solid-js";
import { now } from "../lib/clock.ts";
import { preferences, zone } from "../lib/preferences.ts";
import { exactTime, relativeTime, shortTime, standingTime } from "../lib/time.ts";
import { Tooltip } from "./tooltip.tsx";

interface MomentProps {
  at: number | null | undefined;
  /** It stands still on purpose: told by the clock, because a growing age would look like an alarm. */
  isFrozen?: boolean;
  /** For lists with many of them: the exact time is in the title alone, so that Tab does not stop at each. */
  isPlain?: boolean;
}

/** A moment, as the preferences want it; the exact time with its zone on hover and focus. */
export function Moment(props: MomentProps) {
  return (
    <Show when={props.at} fallback={<span class="muted">Never</span>}>
      {(at) => {
        const text = createMemo(() => {
          if (preferences.time !== "relative") return shortTime(at(), now(), zone());
          return props.isFrozen ? standingTime(at(), now()) : relativeTime(at(), now());
        });
        const exact = () => exactTime(at(), zone());
        return (
          <Show
            when={!props.isPlain}
            fallback={
              <time class="moment" datetime={new Date(at()).toISOString()} title={exact()}>
                {text()}
              </time>
            }
          >
            <Tooltip text={exact()}>
              {(target) => (
                <button class="moment" type="button" {...target}>
                  <time datetime={new Date(at()).toISOString()}>{text()}</time>
                </button>
              )}
            </Tooltip>
          </Show>
        );
      }}
    </Show>
  );
}
