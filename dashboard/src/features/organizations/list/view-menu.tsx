import { For, Show } from "solid-js";
import { preferences, setPreference } from "../../../lib/preferences.ts";
import { Popover } from "../../../ui/popover.tsx";
import { Segments } from "../../../ui/segments.tsx";
import { Select } from "../../../ui/select.tsx";
import { DENSITY_CHOICES } from "../../preferences/choices.ts";
import { COLUMN_IDS, COLUMNS, isColumnShown, toggleColumn } from "./columns.ts";
import type { ListState, Sort } from "./state.ts";

const SORTS: readonly { value: Sort; label: string }[] = [
  { value: "name", label: "Name, A to Z" },
  { value: "-name", label: "Name, Z to A" },
  { value: "-health", label: "Worst health first" },
  { value: "health", label: "Best health first" },
  { value: "status", label: "Status, active first" },
  { value: "-status", label: "Status, independent first" },
  { value: "-last_seen", label: "Last seen, newest first" },
  { value: "last_seen", label: "Last seen, oldest first" },
  { value: "-created_at", label: "Newest organizations first" },
  { value: "created_at", label: "Oldest organizations first" },
  { value: "location", label: "Location, A to Z" },
  { value: "-location", label: "Location, Z to A" },
  { value: "organization_id", label: "ID, A to Z" },
  { value: "-organization_id", label: "ID, Z to A" },
];

/** The menu for layout, sort order, density and columns. */
export function ViewMenu(props: { state: ListState }) {
  return (
    <Popover label="View" button="View">
      <div class="view-menu">
        <Show when={!props.state.isNarrow()}>
          <Segments
            label="Layout"
            options={[
              { value: "table", label: "Table" },
              { value: "cards", label: "Cards" },
            ]}
            value={props.state.view()}
            onChange={props.state.setView}
          />
        </Show>
        <Select aria-label="Sort by" options={SORTS} value={props.state.sort()} onChange={props.state.setSort} />
        <Show when={props.state.view() === "table"}>
          <Segments
            label="Density"
            options={DENSITY_CHOICES}
            value={preferences.density}
            onChange={(density) => setPreference("density", density)}
          />
        </Show>
        <fieldset>
          <legend class="hint">{props.state.view() === "table" ? "Columns" : "Facts"}</legend>
          <For each={COLUMN_IDS}>
            {(id) => (
              <label class="facet-option">
                <input type="checkbox" checked={isColumnShown(id)} onChange={() => toggleColumn(id)} />
                <span>{COLUMNS[id].title}</span>
              </label>
            )}
          </For>
        </fieldset>
      </div>
    </Popover>
  );
}
