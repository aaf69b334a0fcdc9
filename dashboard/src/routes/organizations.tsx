import "../styles/organizations.css";
import { createEffect, Match, onMount, Show, Switch } from "solid-js";
import { NothingMatches, NothingYet } from "../features/organizations/empty-states.tsx";
import { LiveChip } from "../features/organizations/live-chip.tsx";
import { OrganizationList, SkeletonList } from "../features/organizations/organization-list.tsx";
import { Pager } from "../features/organizations/pager.tsx";
import { useFleetQuery } from "../features/organizations/query.ts";
import { StaleBanner } from "../features/organizations/stale-banner.tsx";
import { Toolbar } from "../features/organizations/toolbar.tsx";
import { toFailure } from "../lib/failure.ts";
import { createFleet } from "../live/fleet.ts";
import { queryKey } from "../live/fleet-api.ts";
import { FailurePanel } from "../ui/failure-panel.tsx";

export function OrganizationsPage() {
  const controls = useFleetQuery();
  const fleet = createFleet(controls.query, controls.open);
  const { state } = fleet;
  const isBehind = () => state.shown !== null && state.shown !== queryKey(controls.query());

  onMount(() => {
    document.title = "Organizations – Moolai Controller";
  });
  // The last page may have emptied, or the address may ask for one that never was.
  createEffect(() => {
    if (!isBehind() && state.totalPages > 0 && controls.query().page > state.totalPages) {
      controls.setPage(state.totalPages);
    }
  });

  return (
    <>
      <div class="page-head">
        <h1>Organizations</h1>
        <Show when={state.loadedAt !== null}>
          <span class="count">
            <span class="number">{state.totalItems.toLocaleString("en")}</span>
            <span class="sr-only"> in this list</span>
          </span>
        </Show>
        <LiveChip connection={state.connection} isLoaded={state.loadedAt !== null} />
        <Toolbar controls={controls} />
      </div>
      <StaleBanner connection={state.connection} loadedAt={state.loadedAt} onRetry={fleet.retry} />
      <div aria-busy={isBehind()} class="results">
        <Switch>
          <Match when={state.organizations === null && state.connection.failures > 0}>
            <FailurePanel failure={toFailure(state.connection.error)} onRetry={fleet.retry} />
          </Match>
          <Match when={state.organizations === null}>
            <SkeletonList />
          </Match>
          <Match when={state.organizations?.length === 0 && (controls.isFiltered() || controls.query().page > 1)}>
            <NothingMatches onReset={controls.reset} />
          </Match>
          <Match when={state.organizations?.length === 0}>
            <NothingYet />
          </Match>
          <Match when={state.organizations}>
            {(organizations) => <OrganizationList organizations={organizations()} fleet={fleet} controls={controls} />}
          </Match>
        </Switch>
      </div>
      <Show when={state.totalPages > 1}>
        <Pager page={controls.query().page} totalPages={state.totalPages} onPage={controls.setPage} />
      </Show>
    </>
  );
}
