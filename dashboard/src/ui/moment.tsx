import { createMemo, Show } from "solid-js";
import { now } from "../lib/clock.ts";
import { preferences, zone } from "../lib/preferences.ts";
import { exactTime, relativeTime, shortTime, standingTime } from "../lib/time.ts";
import { Tooltip } from "./tooltip.tsx";

interface MomentProps {
  at: number | null | undefined;
  /** The time does not advance on purpose, so show the clock time: a growing age would look like an alarm. */
  isFrozen?: boolean;
  /** For lists with many times: not a tab stop; the exact time is only in the title. */
  isPlain?: boolean;
}

/** A time in the preferred format; hover and focus show the exact time with its zone. */
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
