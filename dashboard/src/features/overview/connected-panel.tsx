import { createMemo, Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { formatCompact, formatCount } from "../../lib/numbers.ts";
import { zone } from "../../lib/preferences.ts";
import { clockTime } from "../../lib/time.ts";
import { ChartPlace, StepLine } from "../charts/chart.tsx";
import { describeLine, toLine } from "./history.ts";
import { useConnectedHistory } from "./use-overview.ts";

/** A chart of connected orchestrators since the page was opened. */
export function ConnectedPanel() {
  const history = useConnectedHistory();
  const line = createMemo(() => toLine(history(), now()));
  const first = () => history()[0]?.at;
  const current = () => history().at(-1)?.value;
  return (
    <section class="panel" aria-labelledby="connected-title">
      <header class="panel-head">
        <h2 id="connected-title">Connected orchestrators</h2>
        <Show when={current() != null}>
          <strong class="connected-now">{formatCount(current() ?? 0)}</strong>
        </Show>
      </header>
      <Show
        when={first()}
        fallback={<p class="changes-none muted">The chart appears when the live connection is established.</p>}
      >
        {(since) => (
          <>
            <div
              class="connected-line"
              role="img"
              aria-label={`Connected orchestrators since ${clockTime(since(), zone())}: ${describeLine(history())}`}
            >
              <ChartPlace size="small" instead="See the number above for the current value.">
                <StepLine
                  moments={line().moments}
                  values={line().values}
                  formatTime={(at) => clockTime(at, zone())}
                  formatValue={formatCompact}
                />
              </ChartPlace>
            </div>
            <p class="hint panel-note">
              Since {clockTime(since(), zone())}, when you opened this page. The controller does not store this history.
            </p>
          </>
        )}
      </Show>
    </section>
  );
}
