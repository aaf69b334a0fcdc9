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
  /** The width in the CSS grid. */
  width: string;
  /** The sort order of the first press; the next press reverses it. */
  sort?: Sort;
}

/** All columns except the first one, the organization itself, which is always visible. */
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

/** Stores the hidden columns, so that new columns are visible. */
const [hidden, setHidden] = createSignal<readonly ColumnId[]>(
  COLUMN_IDS.filter((id) => recall(KEY)?.split(",").includes(id)),
);

export const isColumnShown = (id: ColumnId): boolean => !hidden().includes(id);
export const shownColumns = (): ColumnId[] => COLUMN_IDS.filter(isColumnShown);

export function toggleColumn(id: ColumnId): void {
  setHidden((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));
  remember(KEY, hidden().join(",") || null);
}

/** The current sort direction of a column for `aria-sort`. */
export function sortDirection(column: Column, sort: Sort): "ascending" | "descending" | undefined {
  if (!column.sort || keyOf(column.sort) !== keyOf(sort)) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}

/** The sort order after a press on the heading. */
export function nextSort(column: Column, sort: Sort): Sort | null {
  if (!column.sort) return null;
  if (keyOf(column.sort) !== keyOf(sort)) return column.sort;
  return (sort.startsWith("-") ? keyOf(sort) : `-${sort}`) as Sort;
}

function keyOf(sort: Sort): string {
  return sort.replace(/^-/, "");
}
