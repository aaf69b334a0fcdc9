import { createSignal, createUniqueId, Show } from "solid-js";
import { GRANULARITIES } from "../../../../worker/contract/values/lists.ts";
import { now } from "../../lib/clock.ts";
import { useCommands } from "../../lib/commands.ts";
import { Chevron } from "../../ui/icons.tsx";
import { Segments } from "../../ui/segments.tsx";
import { boundsOf, dayOf, fits, hasNext, isDay, monthOf, periodName, shift } from "./period.ts";
import type { CostControls } from "./use-view.ts";
import type { CostView } from "./view.ts";

const GROUPS: { value: CostView["group"]; label: string }[] = [
  { value: "organization", label: "Organization" },
  { value: "orchestrator", label: "Orchestrator" },
  { value: "model", label: "Model" },
  { value: "provider", label: "Provider" },
];
const GRANULARITY_LABELS = { hour: "Hour", day: "Day", week: "Week", month: "Month" };

/** The controls for period, grouping and granularity. */
export function PeriodBar(props: { controls: CostControls }) {
  const view = () => props.controls.view();
  const [isChoosing, setChoosing] = createSignal(false);
  const isRunningMonth = () => {
    const { period } = view();
    return period.kind === "month" && period.month === monthOf(now());
  };
  const step = (by: 1 | -1) => {
    if (by === -1 || hasNext(view().period, now())) props.controls.change({ period: shift(view().period, by) });
  };
  // Radio buttons and the chart use the arrow keys themselves.
  const isFree = () => document.activeElement?.matches("input, select, [role=slider]") !== true;
  useCommands(() => [
    {
      id: "costs:back",
      title: "Costs: previous period",
      group: "Costs",
      keys: "ArrowLeft",
      isEnabled: isFree,
      run: () => step(-1),
    },
    {
      id: "costs:on",
      title: "Costs: next period",
      group: "Costs",
      keys: "ArrowRight",
      isEnabled: isFree,
      run: () => step(1),
    },
  ]);
  const unit = () => (view().period.kind === "month" ? "month" : "period");

  return (
    <>
      <div class="cost-bar">
        <div class="cost-stepper">
          <button
            class="icon-button"
            type="button"
            aria-label={`Previous ${unit()}`}
            title={`Previous ${unit()} (←)`}
            onClick={() => step(-1)}
          >
            <span class="flip">
              <Chevron />
            </span>
          </button>
          <h2 aria-live="polite">{periodName(view().period)}</h2>
          <abbr class="hint" title="Days and hours are in UTC">
            UTC
          </abbr>
          <button
            class="icon-button"
            type="button"
            aria-label={`Next ${unit()}`}
            title={`Next ${unit()} (→)`}
            aria-disabled={!hasNext(view().period, now())}
            onClick={() => step(1)}
          >
            <Chevron />
          </button>
          <Show when={!isRunningMonth()}>
            <button
              class="button"
              type="button"
              onClick={() => props.controls.change({ period: { kind: "month", month: monthOf(now()) } })}
            >
              This month
            </button>
          </Show>
          <button
            class="button"
            data-kind="quiet"
            type="button"
            aria-expanded={isChoosing()}
            onClick={() => setChoosing((is) => !is)}
          >
            Custom range
          </button>
        </div>
        <div class="cost-choices">
          <Segments
            label="Group by"
            options={GROUPS}
            value={view().group}
            onChange={(group) => props.controls.change({ group })}
          />
          <Segments
            label="Granularity"
            options={GRANULARITIES.filter((granularity) => fits(view().period, granularity)).map((granularity) => ({
              value: granularity,
              label: GRANULARITY_LABELS[granularity],
            }))}
            value={view().granularity}
            onChange={(granularity) => props.controls.change({ granularity })}
          />
        </div>
      </div>
      <Show when={isChoosing()}>
        <RangeForm controls={props.controls} onDone={() => setChoosing(false)} />
      </Show>
    </>
  );
}

function RangeForm(props: { controls: CostControls; onDone: () => void }) {
  const bounds = boundsOf(props.controls.view().period);
  const [from, setFrom] = createSignal(dayOf(bounds.startAt));
  const [to, setTo] = createSignal(dayOf(Math.min(bounds.endAt - 1, now())));
  const [message, setMessage] = createSignal("");
  const [fromId, toId, errorId] = [createUniqueId(), createUniqueId(), createUniqueId()];

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isDay(from()) || !isDay(to())) return setMessage("Enter both dates.");
    if (from() > to()) return setMessage("The start date must not be after the end date.");
    props.controls.change({ period: { kind: "range", from: from(), to: to() } });
    props.onDone();
  };

  return (
    <form class="panel cost-range" onSubmit={submit}>
      <div class="field">
        <label for={fromId}>Start date</label>
        <input
          id={fromId}
          type="date"
          required
          autofocus
          max={dayOf(now())}
          value={from()}
          aria-describedby={errorId}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={toId}>End date</label>
        <input
          id={toId}
          type="date"
          required
          max={dayOf(now())}
          value={to()}
          aria-describedby={errorId}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      <button class="button" data-kind="primary" type="submit">
        Show
      </button>
      <p class="hint">Dates are in UTC.</p>
      <p id={errorId} class="field-error" role="alert">
        {message()}
      </p>
    </form>
  );
}
