import { For, type JSX } from "solid-js";
import "./action-table.css";

export interface Column<T> {
  title: string;
  cell: (row: T) => JSX.Element;
  hint?: (row: T) => string;
}

interface ActionTableProps<T> {
  /** "Agent tokens of org-002". */
  title: string;
  /** The first column names the row. */
  columns: readonly Column<T>[];
  rows: readonly T[];
  isMuted?: (row: T) => boolean;
  /** What can be done with a row; it stays visible while the other columns scroll. */
  children: (row: T) => JSX.Element;
}

export function ActionTable<T>(props: ActionTableProps<T>) {
  const hint = (column: Column<T>, row: T) => column.hint?.(row);
  return (
    <section class="table-scroll" tabindex="0" aria-label={props.title}>
      <table class="action-table">
        <caption class="sr-only">{props.title}</caption>
        <thead>
          <tr>
            <For each={props.columns}>{(column) => <th scope="col">{column.title}</th>}</For>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr data-muted={props.isMuted?.(row)}>
                <For each={props.columns}>
                  {(column, place) =>
                    place() === 0 ? (
                      <th scope="row">{column.cell(row)}</th>
                    ) : (
                      <td title={hint(column, row)}>{column.cell(row)}</td>
                    )
                  }
                </For>
                <td data-align="end">{props.children(row)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
