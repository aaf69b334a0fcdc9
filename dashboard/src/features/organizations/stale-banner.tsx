import { Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { toFailure } from "../../lib/failure.ts";
import { clockTime } from "../../lib/time.ts";
import type { PollerState } from "../../live/poller.ts";

/** The old data stays on the screen; this says how old it is. */
export function StaleBanner(props: { connection: PollerState; loadedAt: number | null; onRetry: () => void }) {
  const reason = () => {
    const failure = toFailure(props.connection.error);
    return failure.code === "unreachable" ? "The controller does not answer." : `${failure.message}.`;
  };
  const wait = () => {
    const { nextAt } = props.connection;
    return nextAt === null ? "Trying again…" : `Next attempt in ${Math.max(1, Math.ceil((nextAt - now()) / 1000))} s.`;
  };
  return (
    <div role="alert">
      <Show when={props.connection.failures > 0 && props.loadedAt}>
        {(at) => (
          <div class="notice" data-tone="warning">
            <p>
              {reason()} Showing what it said at <strong>{clockTime(at())}</strong>.{" "}
              <span class="muted" aria-live="off">
                {wait()}
              </span>
            </p>
            <button class="button" type="button" onClick={() => props.onRetry()}>
              Try now
            </button>
          </div>
        )}
      </Show>
    </div>
  );
}
