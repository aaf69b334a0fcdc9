import { createMemo, createSignal, For, Show } from "solid-js";
import { nameInText } from "../../../../common/text.ts";
import { LOCALE } from "../../lib/locale.ts";
import { formatUsd, plural } from "../../lib/numbers.ts";
import { ChartPlace, StackedBars } from "../charts/chart.tsx";
import { LOOKS } from "../charts/looks.ts";
import { Swatch } from "../charts/swatch.tsx";
import type { Costs } from "./api.ts";
import { sumUnits, toDollars, type Units } from "./money.ts";
import { pointName, shortPointName } from "./period.ts";
import { OTHERS, type Series } from "./series.ts";

interface CostChartProps {
  costs: Costs;
  series: readonly Series[];
  hidden: readonly string[];
  onHide: (hidden: string[]) => void;
}

const STRIDES = {
  hour: [1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 240],
  day: [1, 2, 5, 7, 14],
  week: [1, 2, 4],
  month: [1, 3, 6, 12],
};

/** Stacked bars, one per point in time. The legend shows amounts and hides series. */
export function CostChart(props: CostChartProps) {
  const [index, setIndex] = createSignal<number | null>(null);
  const history = () => props.costs.history;
  /** A reload may have brought fewer points. */
  const at = () => (index() !== null && (index() ?? 0) < history().length ? index() : null);
  const looked = createMemo(() => props.series.map((one, place) => ({ ...one, look: lookOf(one, place) })));
  const shown = createMemo(() => looked().filter(({ key }) => !props.hidden.includes(key)));
  const bars = createMemo(() => shown().map(({ look, costs }) => ({ look, values: costs.map(toDollars) })));
  const labels = createMemo(() => history().map(({ date }) => labelOf(date, props.costs.granularity)));
  const amount = (one: Series): Units => (at() === null ? one.total : (one.costs[at() ?? 0] ?? 0n));
  const sum = () => sumUnits(shown().map(amount));
  const name = () => {
    const point = history()[at() ?? -1];
    return point ? pointName(point.date, props.costs.granularity) : "Whole period";
  };

  const press = (event: KeyboardEvent) => {
    const last = history().length - 1;
    const now = at() ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") setIndex(null);
    if (next === undefined) return;
    event.preventDefault();
    setIndex(Math.min(Math.max(next, 0), last));
  };

  return (
    <section class="panel cost-chart" aria-labelledby="cost-chart-title">
      <header class="panel-head">
        <h2 id="cost-chart-title">Cost per {props.costs.granularity}</h2>
        <p class="number">
          <span class="muted">{name()}: </span>
          <strong>{formatUsd(toDollars(sum()))}</strong>
        </p>
      </header>
      {/* The arrow keys step through the points; with a mouse the same numbers follow the pointer. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: it is focusable, by the lower-case HTML attribute. */}
      <div
        class="cost-points"
        role="slider"
        tabindex="0"
        aria-label={`Cost per ${props.costs.granularity}`}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, history().length)}
        aria-valuenow={(at() ?? history().length - 1) + 1}
        aria-valuetext={`${name()}: ${formatUsd(toDollars(sum()))}`}
        onKeyDown={press}
        onBlur={() => setIndex(null)}
      >
        <ChartPlace size="large" instead="See the table below for the numbers.">
          <StackedBars
            series={bars()}
            labels={labels()}
            strides={STRIDES[props.costs.granularity]}
            formatValue={formatAxis}
            index={at()}
            onIndex={setIndex}
          />
        </ChartPlace>
      </div>
      <ul class="cost-legend" aria-label="Series">
        <For each={looked()}>
          {(one) => (
            <li>
              <button
                class="legend-item"
                type="button"
                aria-pressed={!props.hidden.includes(one.key)}
                title={one.key === OTHERS ? `${plural(one.groups, "smaller group")}` : nameInText(one.label)}
                onClick={() => props.onHide(toggled(props.hidden, one.key))}
              >
                <Swatch look={one.look} />
                <span class="clip">
                  <bdi>{one.label}</bdi>
                </span>
                <span class="number">{formatUsd(toDollars(amount(one)))}</span>
              </button>
            </li>
          )}
        </For>
        <Show when={props.hidden.length > 0}>
          <li>
            <button class="button" data-kind="quiet" type="button" onClick={() => props.onHide([])}>
              Show all
            </button>
          </li>
        </Show>
      </ul>
    </section>
  );
}

const WHOLE_USD = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD", maximumFractionDigits: 0 });

/** Axis labels show cents only for amounts that are not whole dollars. */
function formatAxis(dollars: number): string {
  return Number.isInteger(dollars) ? WHOLE_USD.format(dollars) : formatUsd(dollars);
}

/** The series of all others always has the last look. */
function lookOf(one: Series, place: number): number {
  return one.key === OTHERS ? LOOKS - 1 : place;
}

/** The hour within a day; the day at its start. */
function labelOf(date: string, granularity: Costs["granularity"]): string {
  return granularity === "hour" && !date.includes("T00:") ? date.slice(11, 16) : shortPointName(date, granularity);
}

function toggled(hidden: readonly string[], key: string): string[] {
  return hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key];
}
