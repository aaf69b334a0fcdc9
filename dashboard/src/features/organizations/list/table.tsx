import { createVirtualizer, defaultRangeExtractor } from "@tanstack/solid-virtual";
import { createEffect, createMemo, For, on, onCleanup, onMount, Show } from "solid-js";
import { preferences, ROW_HEIGHT_PX } from "../../../lib/preferences.ts";
import { ChevronDown } from "../../../ui/icons.tsx";
import { COLUMNS, type Column, nextSort, ORGANIZATION_COLUMN, shownColumns, sortDirection } from "./columns.ts";
import { gridKeys } from "./grid-keys.ts";
import type { ListParts } from "./list-parts.ts";
import { TableRow } from "./table-row.tsx";
import "./table.css";

const HEAD_HEIGHT_PX = 36;
const OVERSCAN = 6;

/** All organizations as a table that renders only visible rows. */
export function OrganizationTable(props: { list: ListParts }) {
  const { state, rows, cursor, show } = props.list;
  let scroller: HTMLDivElement | undefined;

  // Not a signal, because it is read for thousands of rows. An open row is measured after rendering.
  let rowHeightPx = ROW_HEIGHT_PX[preferences.density];
  const virtualizer = createVirtualizer({
    get count() {
      return rows.total();
    },
    getScrollElement: () => scroller ?? null,
    estimateSize: () => rowHeightPx,
    overscan: OVERSCAN,
    scrollMargin: HEAD_HEIGHT_PX,
    scrollPaddingStart: HEAD_HEIGHT_PX,
    // The focused row stays rendered when it is out of view; otherwise the focus would be lost.
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      const at = cursor.index();
      if (!cursor.hasFocus() || drawn.includes(at) || at >= range.count) return drawn;
      return [...drawn, at].sort((left, right) => left - right);
    },
  });
  createEffect(
    on(
      () => preferences.density,
      (density) => {
        rowHeightPx = ROW_HEIGHT_PX[density];
        virtualizer.measure();
      },
      { defer: true },
    ),
  );
  createEffect(() => {
    const { startIndex, endIndex } =
      virtualizer.getVirtualItems().length > 0 ? rangeOf(virtualizer) : { startIndex: 0, endIndex: 0 };
    show(startIndex, endIndex);
  });
  createEffect(on(state.key, () => scroller?.scrollTo({ top: 0 }), { defer: true }));
  onMount(() => {
    if (scroller) cursor.attach({ element: scroller, scrollToIndex: (index) => virtualizer.scrollToIndex(index) });
  });
  onCleanup(() => cursor.attach(null));

  const template = createMemo(() =>
    ["36px", ORGANIZATION_COLUMN.width, ...shownColumns().map((id) => COLUMNS[id].width)].join(" "),
  );
  const pageSize = () =>
    Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / ROW_HEIGHT_PX[preferences.density]) - 2);

  return (
    <div ref={scroller} class="org-table">
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table with arrow key navigation is a grid.
        role="grid"
        aria-label="Organizations"
        aria-rowcount={rows.total() + 1}
        aria-multiselectable="true"
        aria-busy={rows.isBehind()}
        style={{ "--columns": template() }}
        onKeyDown={gridKeys(cursor, { step: () => 1, page: pageSize, total: rows.total })}
        onFocusIn={cursor.onFocusIn}
        onFocusOut={cursor.onFocusOut}
      >
        <TableHead list={props.list} />
        <tbody style={{ height: `${virtualizer.getTotalSize()}px` }}>
          <For each={virtualizer.getVirtualItems()}>
            {(place) => (
              <TableRow
                list={props.list}
                index={place.index}
                top={place.start - HEAD_HEIGHT_PX}
                measure={virtualizer.measureElement}
              />
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

/** The visible positions, without the overscan. */
function rangeOf(virtualizer: { range: { startIndex: number; endIndex: number } | null }) {
  return virtualizer.range ?? { startIndex: 0, endIndex: 0 };
}

function TableHead(props: { list: ListParts }) {
  const { rows, selection, selectItems } = props.list;
  const loaded = () => Object.values(rows.model().windows).flat();
  const isAll = () => loaded().length > 0 && loaded().every(selection.has);
  const toggleAll = () => {
    if (isAll()) selection.remove(loaded());
    else selectItems(rows.loadedItems());
  };
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" class="cell-select">
          <label>
            <span class="sr-only">Select loaded rows</span>
            <input
              ref={(box) => createEffect(() => (box.indeterminate = selection.size() > 0 && !isAll()))}
              type="checkbox"
              checked={isAll()}
              onChange={toggleAll}
            />
          </label>
        </th>
        <HeadCell list={props.list} column={ORGANIZATION_COLUMN} class="cell-name" />
        <For each={shownColumns()}>{(id) => <HeadCell list={props.list} column={COLUMNS[id]} />}</For>
      </tr>
    </thead>
  );
}

function HeadCell(props: { list: ListParts; column: Column; class?: string }) {
  const { state } = props.list;
  const direction = () => sortDirection(props.column, state.sort());
  return (
    <th scope="col" class={props.class} aria-sort={direction()}>
      <Show when={nextSort(props.column, state.sort())} fallback={props.column.title}>
        {(next) => (
          <button class="sort" type="button" data-direction={direction()} onClick={() => state.setSort(next())}>
            {props.column.title}
            <Show when={direction()}>
              <ChevronDown />
            </Show>
          </button>
        )}
      </Show>
    </th>
  );
}
