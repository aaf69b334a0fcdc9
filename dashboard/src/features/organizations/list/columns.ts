import { createSignal } from "solid-js";
import { recall, remember } from "../../../lib/storage.ts";
import type { Sort } from "./state.ts";

export const COLUMN_IDS = [
  "status",
  "instances",
  "health",
  "config",
  "version",
  "location",
  "seen",
  "beats",
  "pending",
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export interface Column {
  title: string;
  /** Of the CSS grid. */
  width: string;
  /** How it sorts when it is first asked to; the other direction comes next. */
  sort?: Sort;
}

/** The first column, the organization itself, is always there. */
export const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  status: { title: "Status", width: "134px", sort: "status" },
  instances: { title: "Connected", width: "86px" },
  health: { title: "Health", width: "106px", sort: "-health" },
  config: { title: "Config", width: "98px" },
  version: { title: "Version", width: "86px" },
  location: { title: "Location", width: "minmax(96px, 1fr)", sort: "location" },
  seen: { title: "Last seen", width: "minmax(128px, 0.6fr)", sort: "-last_seen" },
  beats: { title: "Last hour", width: "136px" },
  pending: { title: "Messages", width: "76px" },
};

export const ORGANIZATION_COLUMN: Column = { title: "Organization", width: "minmax(196px, 2.4fr)", sort: "name" };

const KEY = "organizations.columns";

/** Stored as what is hidden, so that a column that is new shows itself. */
const [hidden, setHidden] = createSignal<readonly ColumnId[]>(
  COLUMN_IDS.filter((id) => recall(KEY)?.split(",").includes(id)),
);

export const isColumnShown = (id: ColumnId): boolean => !hidden().includes(id);
export const shownColumns = (): ColumnId[] => COLUMN_IDS.filter(isColumnShown);

export function toggleColumn(id: ColumnId): void {
  setHidden((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));
  remember(KEY, hidden().join(",") || null);
}

/** Where a column is sorted now, as `aria-sort` says it. */
export function sortDirection(column: Column, sort: Sort): "ascending" | "descending" | undefined {
  if (!column.sort || keyOf(column.sort) !== keyOf(sort)) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}

/** What a press on the heading asks for. */
export function nextSort(column: Column, sort: Sort): Sort | null {
  if (!column.sort) return null;
  if (keyOf(column.sort) !== keyOf(sort)) return column.sort;
  return (sort.startsWith("-") ? keyOf(sort) : `-${sort}`) as Sort;
}

function keyOf(sort: Sort): string {
  return sort.replace(/^-/, "");
}
