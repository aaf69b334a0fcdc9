import { Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { formatCount, formatPercent, formatUsd } from "../../lib/numbers.ts";
import type { Costs } from "./api.ts";
import { toUnits } from "./money.ts";
import { monthOf, periodName, previousOf, shift } from "./period.ts";
import { changeOf } from "./series.ts";
import type { CostView } from "./view.ts";

interface SummaryProps {
  view: CostView;
  costs: Costs;
  /** undefined: not loaded yet, or not available. */
  previous: Costs | undefined;
}

/** The totals of the period and the forecast of the month. */
export function Summary(props: SummaryProps) {
  const forecast = () => {
    const { period } = props.view;
    const isRunning = period.kind === "month" && period.month === monthOf(now());
    return isRunning ? props.costs.forecast : null;
  };
  return (
    <dl class="panel cost-sums">
      <div class="cost-main">
        <dt>Cost</dt>
        <dd class="cost-total" title={`$${props.costs.total_cost_usd}`}>
          {formatUsd(props.costs.total_cost)}
        </dd>
        <dd class="hint">
          <Comparison view={props.view} costs={props.costs} previous={props.previous} />
        </dd>
      </div>
      <Show when={forecast()}>
        {(found) => (
          <div class="cost-main">
            <dt>Forecast for {periodName(props.view.period)}</dt>
            <dd class="cost-total">{formatUsd(found().end_of_month_cost)}</dd>
            <dd class="hint">
              At this month's average rate: {formatUsd(found().month_to_date_cost)} so far × length of the month ÷ time
              elapsed (UTC).
            </dd>
          </div>
        )}
      </Show>
      <div>
        <dt>Requests</dt>
        <dd>{formatCount(props.costs.total_requests)}</dd>
      </div>
      <div>
        <dt>Input tokens</dt>
        <dd>{formatCount(props.costs.total_input_tokens)}</dd>
      </div>
      <div>
        <dt>Output tokens</dt>
        <dd>{formatCount(props.costs.total_output_tokens)}</dd>
      </div>
    </dl>
  );
}

function Comparison(props: SummaryProps) {
  const before = () => periodName(shift(props.view.period, -1));
  const part = () => (previousOf(props.view.period, now()).isPart ? `the same period of ${before()}` : before());
  return (
    <Show when={props.previous}>
      {(previous) => {
        const change = () => changeOf(toUnits(props.costs.total_cost_usd), toUnits(previous().total_cost_usd));
        return (
          <Show when={change() !== null} fallback={`No usage in ${part()} to compare with.`}>
            <strong>{signed(change() ?? 0)}</strong> vs. {part()} ({formatUsd(previous().total_cost)})
          </Show>
        );
      }}
    </Show>
  );
}

function signed(share: number): string {
  return `${share > 0 ? "+" : share < 0 ? "−" : "±"}${formatPercent(Math.abs(share))}`;
}
