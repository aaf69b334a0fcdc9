import { type Accessor, createMemo } from "solid-js";
import { useList } from "../../../live/query.ts";
import { fetchFacets } from "../list/api.ts";
import type { ListState } from "../list/state.ts";
import type { FacetCounts } from "./completion.ts";

/** The minimum time between reloads, because counting is expensive. */
const PAUSE_MS = 5000;

/** The number of matches for each value of each filter, by the predicate of the list. */
export function useFacets(state: ListState): Accessor<FacetCounts> {
  const query = useList(
    () => ["organizations", "facets", state.key()],
    (signal) => fetchFacets(state.filter(), signal),
    { idField: "value", refreshOn: () => true, refreshPauseMs: PAUSE_MS, isWrittenBehind: true },
  );
  return createMemo(() => {
    const found = query.data;
    if (!found) return {};
    return {
      status: toList(found.status),
      health: toList(found.health),
      config: toList(found.config),
      location: found.location,
      version: found.version,
    };
  });
}

function toList(counts: Partial<Record<string, number>>): { value: string; count: number }[] {
  return Object.entries(counts).map(([value, count]) => ({ value, count: count ?? 0 }));
}
