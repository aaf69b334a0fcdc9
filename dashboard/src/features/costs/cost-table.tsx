import { A } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from "solid-js";
import { formatCount, formatUsd } from "../../lib/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { toDecimal, toDollars } from "./money.ts";
import { type Cell, type CostTable as Rows, type Sorting, sortRows, type TableColumn } from "./table-rows.ts";

const PAGE_ROWS = 50;

interface CostTableProps {
  table: Rows;
  caption: string;
  /** The link of a row's name. */
  hrefOf?: ((key: string) => string | undefined) | undefined;
  children: JSX.Element;
}

/** The numbers of the chart as a sortable table with totals. */
export function CostTable(props: CostTableProps) {
  const [sorting, setSorting] = createSignal<Sorting | null>(null);
  const [page, setPage] = createSignal(1);
  const rows = createMemo(() => sortRows(props.table, sorting()));
  const totalPages = () => Math.max(1, Math.ceil(rows().length / PAGE_ROWS));
  const shown = () => rows().slice((page() - 1) * PAGE_ROWS, page() * PAGE_ROWS);
  createEffect(on(rows, () => setPage((old) => Math.min(old, totalPages())), { defer: true }));

  const sortBy = ({ id, kind }: TableColumn) => {
    setPage(1);
    setSorting((old) =>
      old?.column === id
        ? { column: id, isDescending: !old.isDescending }
        : { column: id, isDescending: kind === "money" || kind === "count" },
    );
  };
  const order = (id: string) => {
    const chosen = sorting();
    return chosen?.column === id ? (chosen.isDescending ? "descending" : "ascending") : "none";
  };

  return (
    <section class="panel cost-numbers" aria-label={props.caption}>
      <header class="panel-head">
        <h2>Table</h2>
        {props.children}
      </header>
      {/* A scrolling area must be reachable with the keyboard. */}
      <section class="cost-scroll" tabindex="0" aria-label="Cost table, scrollable">
        <table>
          <caption class="sr-only">{props.caption}</caption>
          <thead>
            <tr>
              <For each={props.table.columns}>
                {(column) => (
                  <th scope="col" data-align={alignOf(column)} aria-sort={order(column.id)}>
                    <button class="sort" type="button" onClick={() => sortBy(column)}>
                      <bdi>{column.title}</bdi>
                      <span class="sort-sign" aria-hidden="true" />
                    </button>
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={shown()}>
              {(row) => <Row row={row} columns={props.table.columns} href={props.hrefOf?.(row.key)} />}
            </For>
          </tbody>
          <tfoot>
            <tr>
              <For each={props.table.total}>
                {(cell, place) => (
                  <Show when={place() > 0} fallback={<th scope="row">{String(cell)}</th>}>
                    <td data-align="end" title={exactly(cell)}>
                      {format(cell)}
                    </td>
                  </Show>
                )}
              </For>
            </tr>
          </tfoot>
        </table>
      </section>
      <p class="hint cost-note">
        Times are in UTC. The controller spreads each usage report evenly over the period it covers. Amounts are rounded
        to cents; the CSV file has exact values.
      </p>
      <Show when={totalPages() > 1}>
        <Pager page={page()} totalPages={totalPages()} onPage={setPage} />
      </Show>
    </section>
  );
}

function Row(props: { row: Rows["rows"][number]; columns: TableColumn[]; href: string | undefined }) {
  return (
    <tr>
      <For each={props.row.cells}>
        {(cell, place) => (
          <Show
            when={place() > 0}
            fallback={
              <th scope="row">
                <Show when={props.href} fallback={<bdi>{String(cell)}</bdi>}>
                  {(href) => (
                    <A href={href()}>
                      <bdi>{String(cell)}</bdi>
                    </A>
                  )}
                </Show>
              </th>
            }
          >
            <td data-align={alignOf(props.columns[place()])} title={exactly(cell)}>
              {format(cell)}
            </td>
          </Show>
        )}
      </For>
    </tr>
  );
}

function alignOf(column: TableColumn | undefined): "end" | undefined {
  return column?.kind === "money" || column?.kind === "count" ? "end" : undefined;
}

function format(cell: Cell): string {
  if (typeof cell === "bigint") return formatUsd(toDollars(cell));
  return typeof cell === "number" ? formatCount(cell) : cell;
}

function exactly(cell: Cell): string | undefined {
  return typeof cell === "bigint" ? `$${toDecimal(cell)}` : undefined;
}
