import { A } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import { formatUsd } from "../../lib/numbers.ts";
import { useMonthCosts } from "./use-overview.ts";

/** The costs of the current month so far, and the forecast. */
export function CostsPanel() {
  const query = useMonthCosts();
  const forecast = () => query.data?.forecast;
  return (
    <section class="panel month-costs" aria-labelledby="month-costs-title">
      <header class="panel-head">
        <h2 id="month-costs-title">
          Costs this month{" "}
          <abbr class="hint" title="The month starts in UTC">
            UTC
          </abbr>
        </h2>
        <A href="/costs">All costs</A>
      </header>
      <Switch fallback={<p class="changes-none muted">Loading…</p>}>
        <Match when={forecast()}>
          {(month) => (
            <dl class="month-sums">
              <div>
                <dt>So far</dt>
                <dd>
                  <A href="/costs">{formatUsd(month().month_to_date_cost)}</A>
                </dd>
              </div>
              <div>
                <dt>Forecast</dt>
                <dd>
                  <Show when={month().month_to_date_cost > 0} fallback="–">
                    {formatUsd(month().end_of_month_cost)}
                  </Show>
                </dd>
              </div>
            </dl>
          )}
        </Match>
        <Match when={query.failure}>
          <p class="changes-none muted">Could not load costs: {query.failure?.message}.</p>
        </Match>
      </Switch>
    </section>
  );
}
