import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { displayName } from "../../../../../common/text.ts";
import { Chevron } from "../../../ui/icons.tsx";
import { Name } from "../../../ui/name.tsx";
import { StatusBadge } from "../../../ui/status-badge.tsx";
import { Cell } from "./cells.tsx";
import { COLUMNS, shownColumns } from "./columns.ts";
import { useFlash } from "./flash.ts";
import type { ListParts } from "./list-parts.ts";
import { Opened } from "./opened.tsx";
import { useRowView } from "./row-view.ts";
import type { Item } from "./rows.ts";

/** One position in the grid of cards. */
export function CardPlace(props: { list: ListParts; index: number }) {
  const { rows, state, tabStop } = props.list;
  const item = () => rows.at(props.index);
  const id = () => rows.idAt(props.index) ?? "";
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of cards are between the list and its items.
    <div
      class="panel org-card"
      role="listitem"
      tabindex={tabStop() === props.index ? 0 : -1}
      data-index={props.index}
      data-id={id()}
      data-open={state.open().includes(id())}
      aria-setsize={rows.total()}
      aria-posinset={props.index + 1}
      aria-busy={item() === undefined}
    >
      <Show when={rows.idAt(props.index)} keyed fallback={<span class="sr-only">Loading</span>}>
        {(known) => (
          <Show when={item()}>
            {(organization) => <Card list={props.list} index={props.index} id={known} item={organization()} />}
          </Show>
        )}
      </Show>
    </div>
  );
}

function Card(props: { list: ListParts; index: number; id: string; item: Item }) {
  const { state, selection, tabStop, beats, toggle } = props.list;
  const view = useRowView(() => props.item);
  const flash = useFlash(view);
  const tabIndex = () => (tabStop() === props.index ? 0 : -1);
  const isOpen = () => state.open().includes(props.id);
  const panel = () => `open-${props.id}`;
  return (
    <>
      <div class="card-head" data-flash={flash()}>
        <label class="cell-select">
          <span class="sr-only">
            Select <Name of={props.item.name} or={props.id} />
          </span>
          <input
            type="checkbox"
            tabindex={tabIndex()}
            checked={selection.has(props.id)}
            onClick={(event) => toggle(props.index, event.shiftKey)}
          />
        </label>
        <h2>
          <A class="org-name" href={`/organizations/${props.id}`} tabindex={tabIndex()}>
            <span class="name">
              <Name of={props.item.name} or={props.id} />
            </span>
            <Show when={displayName(props.item.name, props.id) !== props.id}>
              <code>{props.id}</code>
            </Show>
          </A>
        </h2>
        <StatusBadge status={view().status} />
      </div>
      <dl class="card-facts">
        <For each={shownColumns().filter((id) => id !== "status")}>
          {(id) => (
            <div data-column={id}>
              <dt>{id === "seen" && view().status === "independent" ? "Last recorded" : COLUMNS[id].title}</dt>
              <dd>
                <Cell column={id} item={props.item} view={view()} beats={beats} tabIndex={tabIndex()} />
              </dd>
            </div>
          )}
        </For>
      </dl>
      <button
        class="disclosure"
        type="button"
        tabindex={tabIndex()}
        aria-expanded={isOpen()}
        aria-controls={isOpen() ? panel() : undefined}
        onClick={() => state.toggleOpen(props.id)}
      >
        <Chevron />
        Orchestrators
        <span class="sr-only">
          {" "}
          of <Name of={props.item.name} or={props.id} />
        </span>
      </button>
      <Show when={isOpen()}>
        <div id={panel()}>
          <Opened item={props.item} status={view().status} />
        </div>
      </Show>
    </>
  );
}
