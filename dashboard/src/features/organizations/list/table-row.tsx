import { A } from "@solidjs/router";
import { createEffect, createSignal, For, Show } from "solid-js";
import { displayName, nameInText } from "../../../../../common/text.ts";
import { Chevron } from "../../../ui/icons.tsx";
import { Name } from "../../../ui/name.tsx";
import { Cell } from "./cells.tsx";
import { shownColumns } from "./columns.ts";
import { type Flash, useFlash } from "./flash.ts";
import type { ListParts } from "./list-parts.ts";
import { Opened } from "./opened.tsx";
import { useRowView } from "./row-view.ts";
import type { Item } from "./rows.ts";

interface RowProps {
  list: ListParts;
  index: number;
  /** The distance from the first row in pixels. */
  top: number;
  measure: (element: HTMLElement) => void;
}

/** One position of the table: an organization, or a placeholder while its window loads. */
export function TableRow(props: RowProps) {
  const { rows, state, selection, tabStop } = props.list;
  const item = () => rows.at(props.index);
  const isOpen = () => state.open().includes(rows.idAt(props.index) ?? "");
  const [flash, setFlash] = createSignal<Flash>();
  let element: HTMLTableRowElement | undefined;
  // Closed rows have the estimated height; measuring each would force a layout before the first paint.
  createEffect(() => isOpen() && element && props.measure(element));
  return (
    <tr
      ref={element}
      tabindex={tabStop() === props.index ? 0 : -1}
      data-index={props.index}
      data-id={rows.idAt(props.index)}
      data-open={isOpen()}
      data-flash={flash()}
      aria-rowindex={props.index + 2}
      aria-selected={selection.has(rows.idAt(props.index) ?? "")}
      aria-busy={item() === undefined}
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <Show
        when={rows.idAt(props.index)}
        keyed
        fallback={
          <td class="org-skeleton">
            <span class="sr-only">Loading</span>
          </td>
        }
      >
        {(id) => (
          <Show when={item()}>
            {(known) => (
              <RowCells
                list={props.list}
                index={props.index}
                id={id}
                item={known()}
                isOpen={isOpen()}
                onFlash={setFlash}
              />
            )}
          </Show>
        )}
      </Show>
    </tr>
  );
}

interface CellsProps extends Pick<RowProps, "list" | "index"> {
  id: string;
  item: Item;
  isOpen: boolean;
  onFlash: (flash: Flash) => void;
}

function RowCells(props: CellsProps) {
  const { state, selection, tabStop, beats, toggle } = props.list;
  const view = useRowView(() => props.item);
  const tabIndex = () => (tabStop() === props.index ? 0 : -1);
  const flash = useFlash(view);
  createEffect(() => props.onFlash(flash()));
  const panel = () => `open-${props.id}`;
  return (
    <>
      <td class="cell-select">
        <label>
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
      </td>
      <th scope="row" class="cell-name">
        <button
          class="disclosure"
          type="button"
          tabindex={tabIndex()}
          aria-expanded={props.isOpen}
          aria-controls={props.isOpen ? panel() : undefined}
          aria-label={`Orchestrators of ${nameInText(props.item.name, props.id)}`}
          onClick={() => state.toggleOpen(props.id)}
        >
          <Chevron />
        </button>
        <A
          class="org-name"
          href={`/organizations/${props.id}`}
          tabindex={tabIndex()}
          title={`${nameInText(props.item.name, props.id)} (${props.id})`}
        >
          <span class="name">
            <Name of={props.item.name} or={props.id} />
          </span>
          <Show when={displayName(props.item.name, props.id) !== props.id}>
            <code>{props.id}</code>
          </Show>
        </A>
      </th>
      <For each={shownColumns()}>
        {(column) => (
          <td data-column={column}>
            <Cell column={column} item={props.item} view={view()} beats={beats} tabIndex={tabIndex()} />
          </td>
        )}
      </For>
      <Show when={props.isOpen}>
        <td class="org-open" id={panel()} colspan={shownColumns().length + 2}>
          <Opened item={props.item} status={view().status} />
        </td>
      </Show>
    </>
  );
}
