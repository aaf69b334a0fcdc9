import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, onCleanup } from "solid-js";
import { ORGANIZATION_SORT_KEYS } from "../../../../../worker/contract/values/lists.ts";
import type { paths } from "../../../lib/api-schema.d.ts";
import { type Filter, isEmptyFilter, parseFilter, printFilter } from "../../../lib/filter.ts";
import { recall, remember } from "../../../lib/storage.ts";

type ListQuery = NonNullable<paths["/api/v1/controller/organizations"]["get"]["parameters"]["query"]>;
export type Sort = NonNullable<ListQuery["sort"]>;
export type View = "table" | "cards";

const VIEWS: readonly View[] = ["table", "cards"];
export const DEFAULT_SORT: Sort = "name";
const MAX_TEXT = 500;
/** The maximum number of open organizations in an address, because each loads its orchestrators. */
const MAX_OPEN = 20;
/** Below this width a table would be wider than the screen. */
const NARROW = "(max-width: 639px)";
const VIEW_KEY = "organizations.view";

/** Keeps the state of the page in its address, so that it can be shared and survives a login. */
export function useListState() {
  const [search, setSearch] = useSearchParams<{ q?: string; sort?: string; view?: string; open?: string }>();
  const isNarrow = useMedia(NARROW);

  const text = createMemo(() => (search.q ?? "").slice(0, MAX_TEXT));
  const parsed = createMemo(() => parseFilter(text()));
  const sort = createMemo<Sort>(() => toSort(search.sort) ?? DEFAULT_SORT);
  const chosenView = () => toView(search.view) ?? toView(recall(VIEW_KEY)) ?? "table";
  const open = createMemo<readonly string[]>(
    () => (search.open ? [...new Set(search.open.split(","))].filter(Boolean).slice(0, MAX_OPEN) : []),
    [],
    { equals: (left, right) => left.join() === right.join() },
  );
  const setText = (q: string) => setSearch({ q: q.trim() === "" ? undefined : q }, { replace: true });

  return {
    text,
    parsed,
    filter: () => parsed().filter,
    isFiltered: () => !isEmptyFilter(parsed().filter),
    sort,
    /** Identifies filter and sort order. */
    key: createMemo(() => JSON.stringify([printFilter(parsed().filter), sort()])),
    isNarrow,
    view: createMemo<View>(() => (isNarrow() ? "cards" : chosenView())),
    open,
    setText,
    setFilter: (filter: Filter) => setText(printFilter(filter)),
    setSort: (next: Sort) => setSearch({ sort: next === DEFAULT_SORT ? undefined : next }, { replace: true }),
    setView(next: View) {
      remember(VIEW_KEY, next);
      setSearch({ view: next }, { replace: true });
    },
    toggleOpen(id: string) {
      const rest = open().filter((other) => other !== id);
      const next = rest.length < open().length ? rest : [...rest, id].slice(-MAX_OPEN);
      setSearch({ open: next.join(",") || undefined }, { replace: true });
    },
  };
}

export type ListState = ReturnType<typeof useListState>;

function toSort(text: string | undefined): Sort | null {
  const key = ORGANIZATION_SORT_KEYS.find((known) => known === text?.replace(/^-/, ""));
  return key ? (text?.startsWith("-") ? `-${key}` : key) : null;
}

function toView(text: string | null | undefined): View | null {
  return VIEWS.find((known) => known === text) ?? null;
}

function useMedia(query: string): () => boolean {
  const media = matchMedia(query);
  const [matches, setMatches] = createSignal(media.matches);
  const follow = () => setMatches(media.matches);
  media.addEventListener("change", follow);
  onCleanup(() => media.removeEventListener("change", follow));
  return matches;
}
