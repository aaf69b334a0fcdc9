import { type CsvExtent, csvEnd, csvHead, csvRecord } from "../../../../common/csv.ts";
import type { Costs } from "./api.ts";
import { sumUnits, toDecimal, toUnits, type Units } from "./money.ts";
import { pointName } from "./period.ts";
import { labelOf, type Series, seriesOf } from "./series.ts";

export interface TableColumn {
  id: string;
  title: string;
  /** `time`: rows are already in chronological order, which their names would not sort to. */
  kind: "text" | "time" | "money" | "count";
}

export type Cell = string | number | Units;

/** The numbers of the chart as a table; every row has one cell per column. */
export interface CostTable {
  columns: TableColumn[];
  rows: { key: string; cells: Cell[] }[];
  /** The totals of all rows. */
  total: Cell[];
  /** How many rows are included, and how many are hidden in the chart. */
  extent: CsvExtent;
}

export interface Sorting {
  column: string;
  isDescending: boolean;
}

const NUMBERS: TableColumn[] = [
  { id: "cost", title: "Cost", kind: "money" },
  { id: "requests", title: "Requests", kind: "count" },
  { id: "input", title: "Input tokens", kind: "count" },
  { id: "output", title: "Output tokens", kind: "count" },
];

/** One row per group whose series is visible. */
export function byGroup(costs: Costs, series: readonly Series[], hidden: readonly string[], title: string): CostTable {
  const rows = costs.groups
    .filter(({ key }) => !hidden.includes(seriesOf(key, series)))
    .map(({ key, cost_usd, requests, input_tokens, output_tokens }) => ({
      key,
      cells: [labelOf(key), toUnits(cost_usd), requests, input_tokens, output_tokens],
    }));
  const extent = { given: rows.length, total: costs.groups.length };
  return withTotal([{ id: "name", title, kind: "text" }, ...NUMBERS], rows, extent);
}

/** One row per point that has started, one column per visible series. */
export function byTime(costs: Costs, series: readonly Series[], hidden: readonly string[], now: number): CostTable {
  const shown = series.filter(({ key }) => !hidden.includes(key));
  const columns: TableColumn[] = [
    { id: "name", title: "Time (UTC)", kind: "time" },
    ...shown.map(({ key, label }): TableColumn => ({ id: `series:${key}`, title: label, kind: "money" })),
    { id: "cost", title: "Cost", kind: "money" },
  ];
  const rows = costs.history.flatMap((point, index) => {
    if (Date.parse(point.date) > now) return [];
    const own = shown.map((one) => one.costs[index] ?? 0n);
    return [{ key: point.date, cells: [pointName(point.date, costs.granularity), ...own, sumUnits(own)] }];
  });
  const isWhole = shown.length === series.length;
  return withTotal(
    columns,
    rows,
    isWhole
      ? { given: rows.length, total: rows.length }
      : { given: shown.length, total: series.length, what: "columns" },
  );
}

function withTotal(columns: TableColumn[], rows: CostTable["rows"], extent: CsvExtent): CostTable {
  const total = columns.map(({ kind }, place): Cell => {
    if (kind === "text" || kind === "time") return "Total";
    const cells = rows.map(({ cells: own }) => own[place]);
    if (kind === "money") return sumUnits(cells.filter((cell) => typeof cell === "bigint"));
    return cells.filter((cell) => typeof cell === "number").reduce((sum, cell) => sum + cell, 0);
  });
  return { columns, rows, total, extent };
}

/** Sorts by the chosen column. Ties, and everything without one, keep the order of the API: by cost or by time. */
export function sortRows({ columns, rows }: CostTable, sorting: Sorting | null): CostTable["rows"] {
  const place = columns.findIndex(({ id }) => id === sorting?.column);
  if (!sorting || place < 0) return rows;
  const sign = sorting.isDescending ? -1 : 1;
  if (columns[place]?.kind === "time") return sorting.isDescending ? rows.toReversed() : rows;
  return rows.toSorted((left, right) => sign * compare(left.cells[place] ?? "", right.cells[place] ?? ""));
}

function compare(left: Cell, right: Cell): number {
  if (typeof left === "string" || typeof right === "string") {
    return String(left).localeCompare(String(right), "en", { numeric: true });
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The table as a CSV file with exact values. */
export function toCsv({ columns, rows, total, extent }: CostTable): string {
  const plain = (cell: Cell) => (typeof cell === "bigint" ? toDecimal(cell) : cell);
  const title = ({ title: text, kind }: TableColumn) => (kind === "money" ? `${text} (USD)` : text);
  const records = [...rows.map(({ cells }) => cells), total].map((cells) => csvRecord(cells.map(plain)));
  return [csvHead(columns.map(title)), ...records, csvEnd(columns.length, extent)].join("");
}
