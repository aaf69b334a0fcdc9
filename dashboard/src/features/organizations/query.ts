import { useSearchParams } from "@solidjs/router";
import { createMemo } from "solid-js";
import type { Status } from "../../lib/api.ts";
import { type FleetQuery, queryKey } from "../../live/fleet-api.ts";

export const STATUSES = ["all", "active", "inactive", "independent"] as const satisfies readonly (Status | "all")[];

/** What the page shows lives in its address: it can be shared, and comes back after a login. */
export function useFleetQuery() {
  const [search, setSearch] = useSearchParams<{ q?: string; status?: string; page?: string; open?: string }>();

  const readQuery = (): FleetQuery => ({
    q: (search.q ?? "").trim().slice(0, 255),
    status: STATUSES.find((status) => status === search.status) ?? "all",
    page: Math.max(1, Math.trunc(Number(search.page)) || 1),
  });
  const query = createMemo<FleetQuery>(readQuery, readQuery(), {
    equals: (left, right) => queryKey(left) === queryKey(right),
  });
  const open = createMemo<readonly string[]>(() => (search.open ? search.open.split(",") : []), [], {
    equals: (left, right) => left.join() === right.join(),
  });

  return {
    query,
    open,
    isFiltered: () => query().q !== "" || query().status !== "all",
    setText: (q: string) => setSearch({ q: q || undefined, page: undefined }, { replace: true }),
    setStatus: (status: Status | "all") =>
      setSearch({ status: status === "all" ? undefined : status, page: undefined }, { replace: true }),
    setPage: (page: number) => setSearch({ page: page > 1 ? page : undefined }),
    reset: () => setSearch({ q: undefined, status: undefined, page: undefined }),
    toggle: (id: string) => {
      const rest = open().filter((other) => other !== id);
      const next = rest.length < open().length ? rest : [...rest, id];
      setSearch({ open: next.join(",") || undefined }, { replace: true });
    },
  };
}

export type FleetQueryControls = ReturnType<typeof useFleetQuery>;
