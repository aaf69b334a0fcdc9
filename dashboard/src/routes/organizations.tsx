import { useSearchParams } from "@solidjs/router";
import { createEffect, lazy, Match, on, onCleanup, Show, Suspense, Switch } from "solid-js";
import { FacetBar } from "../features/organizations/filter/facet-bar.tsx";
import { useFacets } from "../features/organizations/filter/facets.ts";
import { FilterBox } from "../features/organizations/filter/filter-box.tsx";
import { ChangePill } from "../features/organizations/list/change-pill.tsx";
import { askToAdd, closeDialog, type Dialog, dialog } from "../features/organizations/list/dialogs.ts";
import { useListCommands } from "../features/organizations/list/list-commands.ts";
import { useListParts } from "../features/organizations/list/list-parts.ts";
import { useListState } from "../features/organizations/list/state.ts";
import { OrganizationTable } from "../features/organizations/list/table.tsx";
import { mayAdminister } from "../features/session/session.ts";
import { rescueFocus } from "../lib/focus.ts";
import { FailurePanel } from "../ui/failure-panel.tsx";
import { ChevronDown, Plus } from "../ui/icons.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { StaleBanner } from "../ui/stale-banner.tsx";
import "../features/organizations/list/page.css";

const OrganizationCards = lazy(async () => ({
  default: (await import("../features/organizations/list/cards.tsx")).OrganizationCards,
}));
// What the first paint does not need is loaded after it.
const loadChips = () => import("../features/organizations/filter/filter-chips.tsx");
const FilterChips = lazy(async () => ({ default: (await loadChips()).FilterChips }));
const FilterProblems = lazy(async () => ({ default: (await loadChips()).FilterProblems }));
const ViewMenu = lazy(async () => ({
  default: (await import("../features/organizations/list/view-menu.tsx")).ViewMenu,
}));
const Nothing = lazy(async () => ({
  default: (await import("../features/organizations/list/empty-states.tsx")).Nothing,
}));
const BulkBar = lazy(async () => ({ default: (await import("../features/organizations/jobs/bulk-bar.tsx")).BulkBar }));
const AddDialog = lazy(async () => ({
  default: (await import("../features/organizations/add/add-dialog.tsx")).AddDialog,
}));
const DeleteDialog = lazy(async () => ({
  default: (await import("../features/organization/delete-dialog.tsx")).DeleteDialog,
}));

export function OrganizationsPage() {
  const [search, setSearch] = useSearchParams();
  // Opened by a link; after closing, a reload must not open it again.
  if (search.add !== undefined && mayAdminister()) askToAdd();
  if (search.add !== undefined) setSearch({ add: undefined }, { replace: true });
  const state = useListState();
  const list = useListParts(state);
  const { rows, selection } = list;
  const counts = useFacets(state);
  useListCommands(list);
  onCleanup(closeDialog);
  const isEmpty = () => !rows.isLoading() && rows.total() === 0;
  // The list has disappeared from under the pointer.
  createEffect(on(isEmpty, (is) => is && rows.setAttention({ isPointed: false, isFocused: false })));
  const whyNothing = (): "forbidden" | "no-match" | "nothing-yet" | null => {
    if (rows.isLoading()) return rows.status.failure?.code === "forbidden" ? "forbidden" : null;
    if (!isEmpty()) return null;
    return state.isFiltered() ? "no-match" : "nothing-yet";
  };
  const afterDelete = () => {
    closeDialog();
    // The pressed button disappeared with its row.
    rescueFocus(() => list.cursor.moveBy(0));
  };
  const ofKind = <K extends Dialog["kind"]>(kind: K) => {
    const asked = dialog();
    return asked?.kind === kind ? (asked as Extract<Dialog, { kind: K }>) : null;
  };

  return (
    <div class="orgs-page" data-view={state.view()}>
      <PageHead title="Organizations" count={rows.isLoading() ? null : rows.total()}>
        <Show when={mayAdminister()}>
          <button class="button" data-kind="primary" type="button" onClick={askToAdd}>
            <Plus />
            <span>
              Add<span class="orgs-wide"> organization</span>
            </span>
          </button>
        </Show>
      </PageHead>
      <search class="orgs-tools">
        <div class="orgs-line">
          <FilterBox state={state} counts={counts()} />
          <Suspense
            fallback={
              <button class="button" type="button" aria-expanded="false">
                View
                <ChevronDown />
              </button>
            }
          >
            <ViewMenu state={state} />
          </Suspense>
        </div>
        <FacetBar state={state} counts={counts()} />
        <Suspense>
          <Show when={state.isFiltered()}>
            <FilterChips state={state} />
          </Show>
        </Suspense>
        <div role="status" class="filter-problems">
          <Suspense>
            <Show when={state.parsed().problems.length > 0}>
              <FilterProblems state={state} />
            </Show>
          </Suspense>
        </div>
      </search>
      <StaleBanner query={rows.status} />
      <div
        class="orgs-list"
        onPointerEnter={() => rows.setAttention({ isPointed: true })}
        onPointerLeave={() => rows.setAttention({ isPointed: false })}
        onFocusIn={() => rows.setAttention({ isFocused: true })}
        onFocusOut={() => rows.setAttention({ isFocused: false })}
      >
        <ChangePill rows={rows} />
        <Switch>
          <Match when={whyNothing()}>
            {(why) => (
              <Suspense>
                <Nothing why={why()} text={state.text().trim()} onReset={() => state.setText("")} onAdd={askToAdd} />
              </Suspense>
            )}
          </Match>
          <Match when={rows.isLoading() && rows.status.failure}>
            {(failure) => <FailurePanel failure={failure()} onRetry={rows.status.refetch} />}
          </Match>
          <Match when={rows.isLoading()}>
            <Skeleton what="organizations" count={12} />
          </Match>
          <Match when={state.view() === "table"}>
            <OrganizationTable list={list} />
          </Match>
          <Match when={true}>
            <Suspense fallback={<Skeleton what="organizations" kind="cards" />}>
              <OrganizationCards list={list} />
            </Suspense>
          </Match>
        </Switch>
      </div>
      <Suspense>
        <Show when={selection.size() > 0}>
          <BulkBar list={list} />
        </Show>
        <Show when={ofKind("add")}>
          <AddDialog onCreated={() => void rows.refresh()} onClose={closeDialog} />
        </Show>
        <Show when={ofKind("delete")}>
          {(asked) => <DeleteDialog id={asked().id} onDeleted={() => void rows.refresh()} onClose={afterDelete} />}
        </Show>
      </Suspense>
    </div>
  );
}
