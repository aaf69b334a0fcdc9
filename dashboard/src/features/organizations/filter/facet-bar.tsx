import { For, Show } from "solid-js";
import { capitalize } from "../../../lib/capital.ts";
import { FILTER_VALUES, type FilterKey, toggleValue, valuesOf, withValues } from "../../../lib/filter.ts";
import { formatCount } from "../../../lib/numbers.ts";
import { Name } from "../../../ui/name.tsx";
import { Popover } from "../../../ui/popover.tsx";
import type { ListState } from "../list/state.ts";
import type { FacetCounts } from "./completion.ts";

interface FacetBarProps {
  state: ListState;
  counts: FacetCounts;
}

const SEEN = [
  { value: "<5m", word: "In the last 5 minutes" },
  { value: "<1h", word: "In the last hour" },
  { value: ">5m", word: "Not in the last 5 minutes" },
  { value: ">1h", word: "Not in the last hour" },
  { value: ">1d", word: "Not in the last day" },
  { value: "never", word: "Never" },
];

/** All filters with their values and numbers of matches. */
export function FacetBar(props: FacetBarProps) {
  return (
    <fieldset class="facets">
      <legend class="sr-only">Filters</legend>
      <For each={FILTER_VALUES.status}>
        {(value) => (
          <button
            class="toggle-chip"
            type="button"
            data-status={value}
            aria-pressed={valuesOf(props.state.filter(), "status").includes(value)}
            onClick={() => props.state.setFilter(toggleValue(props.state.filter(), "status", value))}
          >
            {capitalize(value)} <Count of={countOf(props.counts, "status", value)} />
          </button>
        )}
      </For>
      <Facet {...props} facet="health" label="Health" options={FILTER_VALUES.health} />
      <Facet {...props} facet="config" label="Config" options={FILTER_VALUES.config} />
      <Facet {...props} facet="location" label="Location" options={freeOptions(props, "location")} />
      <Facet {...props} facet="version" label="Version" options={freeOptions(props, "version")} />
      <SeenFacet {...props} />
    </fieldset>
  );
}

function Facet(props: FacetBarProps & { facet: FilterKey; label: string; options: readonly string[] }) {
  const chosen = () => valuesOf(props.state.filter(), props.facet);
  const isFree = () => props.facet === "location" || props.facet === "version";
  return (
    <Popover
      label={props.label}
      isOn={chosen().length > 0}
      button={
        <>
          {props.label}
          <Show when={chosen().length > 0}>
            <span class="facet-on">{chosen().length}</span>
          </Show>
        </>
      }
    >
      <For each={props.options} fallback={<p class="hint popover-note">No values yet</p>}>
        {(value) => (
          <label class="facet-option">
            <input
              type="checkbox"
              checked={chosen().includes(value)}
              onChange={() => props.state.setFilter(toggleValue(props.state.filter(), props.facet, value))}
            />
            <span>{isFree() ? <Name of={value} or="(empty)" /> : capitalize(value)}</span>{" "}
            <Count of={countOf(props.counts, props.facet, value)} />
          </label>
        )}
      </For>
      <Show when={isFree()}>
        <p class="hint popover-note">
          Most frequent values. For others, type <code>{props.facet}:eu-*</code> in the search box.
        </p>
      </Show>
    </Popover>
  );
}

function SeenFacet(props: FacetBarProps) {
  const chosen = () => valuesOf(props.state.filter(), "seen");
  return (
    <Popover label="Last seen" isOn={chosen().length > 0} button="Last seen">
      <For each={[{ value: "", word: "Any time" }, ...SEEN]}>
        {({ value, word }) => (
          <label class="facet-option">
            <input
              type="radio"
              name="seen"
              checked={value === "" ? chosen().length === 0 : chosen().includes(value)}
              onChange={() =>
                props.state.setFilter(withValues(props.state.filter(), "seen", value === "" ? [] : [value]))
              }
            />
            <span>{word}</span>
          </label>
        )}
      </For>
    </Popover>
  );
}

function Count(props: { of: number | null }) {
  return (
    <Show when={props.of !== null}>
      <span class="facet-count number">{formatCount(props.of ?? 0)}</span>
    </Show>
  );
}

function freeOptions(props: FacetBarProps, key: "location" | "version"): string[] {
  const chosen = valuesOf(props.state.filter(), key);
  const known = (props.counts[key] ?? []).map(({ value }) => value);
  return [...chosen.filter((value) => !known.includes(value)), ...known];
}

/** null: not loaded yet, or not counted. */
function countOf(counts: FacetCounts, key: FilterKey, value: string): number | null {
  const counted = counts[key];
  if (!counted) return null;
  const found = counted.find((entry) => entry.value === value)?.count;
  return found ?? (key === "location" || key === "version" ? null : 0);
}
