import { A, useSearchParams } from "@solidjs/router";
import { createMemo, Match, Show, Switch } from "solid-js";
import { readAttentionView, totalOf } from "../features/overview/attention.ts";
import { AttentionPanel } from "../features/overview/attention-panel.tsx";
import { ChangesPanel } from "../features/overview/changes-panel.tsx";
import { ConnectedPanel } from "../features/overview/connected-panel.tsx";
import { CostsPanel } from "../features/overview/costs-panel.tsx";
import { StatusBar } from "../features/overview/status-bar.tsx";
import { Tiles } from "../features/overview/tiles.tsx";
import { useOverview } from "../features/overview/use-overview.ts";
import { mayAdminister } from "../features/session/session.ts";
import { isDevelopment } from "../lib/api.ts";
import { ExampleCommand } from "../ui/connect-command.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FailurePanel } from "../ui/failure-panel.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { StaleBanner } from "../ui/stale-banner.tsx";
import "../features/overview/overview.css";

export function OverviewPage() {
  const [search, setSearch] = useSearchParams();
  const view = createMemo(() => readAttentionView({ ...search }));
  const { stored, attention, numbers } = useOverview(view);
  // Connections can be refused even without any organization.
  const isCalm = () => attention.data === undefined || totalOf(attention.data) === 0;
  const isEmpty = () => stored.data !== undefined && numbers()?.organizations.total === 0 && isCalm();
  return (
    <>
      <PageHead title="Overview" />
      <StaleBanner query={stored.failure ? stored : attention} />
      <Switch>
        <Match when={isEmpty()}>
          <Welcome />
        </Match>
        <Match when={numbers()}>
          {(found) => (
            <div class="overview">
              <Tiles numbers={found()} attention={attention.data && totalOf(attention.data)} />
              <StatusBar organizations={found().organizations} />
              <div class="overview-main">
                <AttentionPanel
                  query={attention}
                  view={view()}
                  onView={({ kind, page }) =>
                    setSearch({ attention: kind ?? undefined, page: page > 1 ? page : undefined }, { scroll: false })
                  }
                />
                <div class="overview-side">
                  <ConnectedPanel />
                  <CostsPanel />
                  <ChangesPanel />
                </div>
              </div>
            </div>
          )}
        </Match>
        <Match when={stored.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void stored.refetch()} />}
        </Match>
        <Match when={stored.isLoading}>
          <Skeleton what="the overview" kind="cards" count={3} />
        </Match>
      </Switch>
    </>
  );
}

function Welcome() {
  return (
    <EmptyState
      kind="nothing-yet"
      title="No organizations yet"
      text={
        isDevelopment()
          ? "Organizations appear here when their orchestrators connect. To start an example, run this in the repository:"
          : "Add an organization to get the command that connects its orchestrator."
      }
      action={
        <>
          <Show when={isDevelopment()}>
            <ExampleCommand />
          </Show>
          <Show when={mayAdminister()}>
            <A class="button" data-kind="primary" href="/organizations?add=1">
              Add organization
            </A>
          </Show>
        </>
      }
    />
  );
}
