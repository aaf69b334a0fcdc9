import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal } from "solid-js";
import { MAX_WATCHED } from "../../../../../worker/contract/values/limits.ts";
import { useFleet } from "../../../live/context.ts";
import { useHeartbeats } from "../../orchestrator/heartbeat/heartbeats.ts";
import { isColumnShown } from "./columns.ts";
import { createCursor } from "./cursor.ts";
import { type Item, useRows } from "./rows.ts";
import { createSelection } from "./selection.ts";
import type { ListState } from "./state.ts";

/** The state that the table and the cards share. */
export function useListParts(state: ListState) {
  const navigate = useNavigate();
  const rows = useRows(state);
  const cursor = createCursor(rows);
  const selection = createSelection();
  const [range, setRange] = createSignal<readonly [first: number, last: number]>([0, 0]);

  const idsInSight = createMemo(
    () => {
      const [first, last] = range();
      const items = Array.from({ length: last - first + 1 }, (_, offset) => rows.at(first + offset));
      return items.flatMap((item) => item?.orchestrator_ids ?? []);
    },
    [],
    { equals: (left, right) => left.join() === right.join() },
  );
  useFleet().watch(() => idsInSight().slice(0, MAX_WATCHED));
  const beats = useHeartbeats(() => (isColumnShown("beats") ? idsInSight().slice(0, MAX_WATCHED) : []));

  const toSelected = (item: Item) => ({ organizationId: item.organization_id, orchestrators: item.orchestrators });
  const selectRange = (to: number) => {
    const from = cursor.anchor() ?? to;
    const places = Array.from({ length: Math.abs(to - from) + 1 }, (_, offset) => Math.min(from, to) + offset);
    selection.add(places.flatMap((place) => rows.at(place) ?? []).map(toSelected));
  };

  return {
    state,
    rows,
    cursor,
    selection,
    beats,
    /** Call when rows `first` to `last` are rendered. */
    show(first: number, last: number) {
      setRange([first, last]);
      rows.show(first, last);
    },
    /** The row that is the tab stop: the cursor, or the first visible row if the cursor is out of view. */
    tabStop: createMemo(() => {
      const [first, last] = range();
      const at = cursor.index();
      return at >= first && at <= last ? at : first;
    }),
    toggle(index: number, isRange: boolean) {
      const item = rows.at(index);
      if (!item) return;
      if (isRange && cursor.anchor() !== null) selectRange(index);
      else selection.toggle(toSelected(item));
      cursor.setAnchor(index);
    },
    selectRange,
    selectItems: (items: readonly Item[]) => selection.add(items.map(toSelected)),
    openDetail(index: number) {
      const id = rows.idAt(index);
      if (id !== undefined) navigate(`/organizations/${id}`);
    },
    expand(index: number) {
      const id = rows.idAt(index);
      if (id !== undefined) state.toggleOpen(id);
    },
  };
}

export type ListParts = ReturnType<typeof useListParts>;
