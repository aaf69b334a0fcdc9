import { For, Show } from "solid-js";
import { nameInText } from "../../../../../common/text.ts";
import { capitalize } from "../../../lib/capital.ts";
import { FILTER_VALUES, type FilterKey, withValues } from "../../../lib/filter.ts";
import { Chip } from "../../../ui/chip.tsx";
import type { ListState } from "../list/state.ts";

const WORDS: Readonly<Record<FilterKey, string>> = {
  status: "Status",
  health: "Health",
  config: "Configuration",
  location: "Location",
  version: "Version",
  seen: "Last seen",
};

/** The parts of the filter, each with a remove button. */
export function FilterChips(props: { state: ListState }) {
  const filter = () => props.state.filter();
  const remove = (key: FilterKey) => props.state.setFilter(withValues(filter(), key, []));
  return (
    <ul class="filter-chips" aria-label="Active filters">
      <Show when={filter().text}>
        <li>
          <Chip
            removeLabel={`Remove filter: ${filter().text}`}
            onRemove={() => props.state.setFilter({ ...filter(), text: "" })}
          >
            “{filter().text}”
          </Chip>
        </li>
      </Show>
      <For each={filter().terms}>
        {(term) => (
          <li>
            <Chip removeLabel={`Remove filter: ${WORDS[term.key]}`} onRemove={() => remove(term.key)}>
              <span class="muted">{WORDS[term.key]}</span> {term.values.map(valueText).join(" or ")}
            </Chip>
          </li>
        )}
      </For>
      <li>
        <button class="button" data-kind="quiet" type="button" onClick={() => props.state.setText("")}>
          Clear all
        </button>
      </li>
    </ul>
  );
}

/** The parts of the filter that are not valid, with suggestions. */
export function FilterProblems(props: { state: ListState }) {
  return (
    <For each={props.state.parsed().problems}>
      {(problem) => (
        <p class="hint" data-incomplete={problem.isIncomplete}>
          {problem.message}{" "}
          <Show when={problem.suggestion}>
            {(suggestion) => (
              <>
                {suggestion().label.startsWith('"') ? "Search for the text" : "Did you mean"}{" "}
                <button class="link" type="button" onClick={() => props.state.setText(suggestion().text)}>
                  {suggestion().label}
                </button>
                ?
              </>
            )}
          </Show>
        </p>
      )}
    </For>
  );
}

const FIXED = new Set<string>(Object.values(FILTER_VALUES).flat());

function valueText(value: string): string {
  if (value === "never") return "never";
  if (/^[<>]\d+[smhd]$/.test(value)) {
    return `${value.startsWith(">") ? "more" : "less"} than ${value.slice(1)} ago`;
  }
  return FIXED.has(value) ? capitalize(value) : nameInText(value);
}
