import { Show } from "solid-js";
import { now } from "../lib/clock.ts";
import type { Failure } from "../lib/failure.ts";
import { zone } from "../lib/preferences.ts";
import { clockTime } from "../lib/time.ts";

interface StaleBannerProps {
  /** A query of `useList`. */
  query: {
    readonly failure: Failure | null;
    readonly retryAt: number | null;
    readonly loadedAt: number | null;
    refetch(): unknown;
  };
}

/** Says how old the data is that stays on the screen after a failed reload. */
export function StaleBanner(props: StaleBannerProps) {
  const wait = () => {
    const at = props.query.retryAt;
    if (at === null) return "";
    const seconds = Math.ceil((at - now()) / 1000);
    return seconds > 0 ? `, retrying in ${seconds} s` : ", retrying…";
  };
  return (
    <div role="alert">
      <Show when={props.query.failure && props.query.loadedAt}>
        {(at) => (
          <div class="notice" data-tone="warning">
            <p>
              {props.query.failure?.message}. Showing data from <strong>{clockTime(at(), zone())}</strong>
              <span aria-live="off">{wait()}</span>.
            </p>
            <button class="button" type="button" onClick={() => props.query.refetch()}>
              Retry now
            </button>
          </div>
        )}
      </Show>
    </div>
  );
}
