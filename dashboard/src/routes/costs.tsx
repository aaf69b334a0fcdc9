import { A } from "@solidjs/router";
import { createMemo, For, Match, on, Show, Switch, untrack } from "solid-js";
import { unwrap } from "solid-js/store";
import { type Costs, readPrevious, readView } from "../features/costs/api.ts";
import { CostChart } from "../features/costs/cost-chart.tsx";
import { CostTable } from "../features/costs/cost-table.tsx";
import { hasNext, periodId, periodName, previousOf, shift } from "../features/costs/period.ts";
import { PeriodBar } from "../features/costs/period-bar.tsx";
import { toSeries } from "../features/costs/series.ts";
import { Summary } from "../features/costs/summary.tsx";
import { byGroup, byTime, toCsv } from "../features/costs/table-rows.ts";
import { type CostControls, useCostView } from "../features/costs/use-view.ts";
import { now } from "../lib/clock.ts";
import { useList } from "../live/query.ts";
import { Chip } from "../ui/chip.tsx";
import { saveCsv } from "../ui/download.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { FailurePanel } from "../ui/failure-panel.tsx";
import { Download } from "../ui/icons.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Segments } from "../ui/segments.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { StaleBanner } from "../ui/stale-banner.tsx";
import "../features/costs/costs.css";

const REFRESH_MS = 300_000;
const GROUP_TITLES = {
  organization: "Organization",
  orchestrator: "Orchestrator",
  model: "Model",
  provider: "Provider",
};

export function CostsPage() {
  const controls = useCostView();
  const { view, change } = controls;
  const asked = () => {
    const { period, group, granularity, organizations } = view();
    return { period, group, granularity, organizations };
  };
  const query = useList<Costs>(
    () => ["costs", asked()],
    (signal) => readView(view(), signal),
    { everyMs: REFRESH_MS, idField: "key" },
  );
  const previous = useList<Costs>(
    () => ["costs-before", previousOf(view().period, now()), view().organizations],
    (signal) => readPrevious(view(), now(), signal),
    { idField: "key" },
  );
  // One plain value: thousands of numbers are read at once and need no reactivity of their own.
  const answer = () => ({ data: query.data, at: query.loadedAt, isOld: query.isPlaceholderData });
  const costs = createMemo(on(answer, ({ data }) => data && { ...unwrap(data) }));
  const series = createMemo(() => (costs() ? toSeries(costs() as Costs) : []));
  const table = createMemo(() => {
    const found = costs();
    if (!found) return undefined;
    const { table: kind, hidden } = view();
    return kind === "time"
      ? byTime(found, series(), hidden, untrack(now))
      : byGroup(found, series(), hidden, GROUP_TITLES[found.group_by]);
  });
  const isEmpty = () => costs()?.total_requests === 0 && costs()?.total_cost_usd === "0.00000000";
  const isByOrganization = (found: Costs) => view().table === "group" && found.group_by === "organization";
  const caption = () =>
    `Costs of ${periodName(view().period)} by ${view().table === "time" ? view().granularity : view().group}`;
  const save = () => {
    const rows = table();
    const by = view().table === "time" ? view().granularity : view().group;
    if (rows) saveCsv(`costs-${periodId(view().period)}-by-${by}`, toCsv(rows));
  };

  return (
    <>
      <PageHead title="Costs">
        <button class="button" type="button" aria-disabled={!table() || isEmpty()} onClick={() => isEmpty() || save()}>
          <Download /> Download CSV
        </button>
      </PageHead>
      <PeriodBar controls={controls} />
      <Show when={view().organizations.length > 0}>
        <OnlyThese controls={controls} />
      </Show>
      {/* Data of another view must not pass for data of this one. */}
      <Show when={!query.isPlaceholderData}>
        <StaleBanner query={query} />
      </Show>
      <div class="cost-page" aria-busy={query.isPlaceholderData}>
        <Switch>
          <Match when={query.failure && (!costs() || query.isPlaceholderData)}>
            <FailurePanel
              failure={query.failure as NonNullable<typeof query.failure>}
              onRetry={() => void query.refetch()}
            />
          </Match>
          <Match when={query.isLoading}>
            <Skeleton what="costs" kind="cards" count={3} />
          </Match>
          <Match when={isEmpty()}>
            <NoUsage controls={controls} />
          </Match>
          <Match when={costs()}>
            {(found) => (
              <>
                <Summary
                  view={view()}
                  costs={found()}
                  previous={previous.isPlaceholderData ? undefined : previous.data}
                />
                <CostChart
                  costs={found()}
                  series={series()}
                  hidden={view().hidden}
                  onHide={(hidden) => change({ hidden }, { replace: true })}
                />
                <Show when={table()}>
                  {(rows) => (
                    <CostTable
                      table={rows()}
                      caption={caption()}
                      hrefOf={isByOrganization(found()) ? controls.hrefOf : undefined}
                    >
                      <Segments
                        label="Rows by"
                        options={[
                          { value: "group", label: `By ${found().group_by}` },
                          { value: "time", label: `By ${found().granularity}` },
                        ]}
                        value={view().table}
                        onChange={(chosen) => change({ table: chosen }, { replace: true })}
                      />
                    </CostTable>
                  )}
                </Show>
              </>
            )}
          </Match>
        </Switch>
      </div>
    </>
  );
}

function OnlyThese(props: { controls: CostControls }) {
  const organizations = () => props.controls.view().organizations;
  return (
    <p class="cost-only">
      Only
      <For each={organizations()}>
        {(id) => (
          <Chip
            removeLabel={`Remove ${id}`}
            onRemove={() => props.controls.change({ organizations: organizations().filter((other) => other !== id) })}
          >
            <A href={`/organizations/${id}`}>{id}</A>
          </Chip>
        )}
      </For>
    </p>
  );
}

function NoUsage(props: { controls: CostControls }) {
  const view = () => props.controls.view();
  const name = () => periodName(view().period);
  const isFiltered = () => view().organizations.length > 0;
  const before = () => shift(view().period, -1);
  return (
    <EmptyState
      kind={isFiltered() ? "no-match" : "nothing-yet"}
      title={`No usage ${hasNext(view().period, now()) ? "in" : "yet in"} ${name()}`}
      text={
        isFiltered()
          ? "The selected organizations sent no usage reports in this period."
          : "Costs come from usage reports. Orchestrators send usage_report frames with the requests, tokens and cost per model. Each report is counted once and spread evenly over the period it covers."
      }
      action={
        <Show
          when={isFiltered()}
          fallback={
            <button class="button" type="button" onClick={() => props.controls.change({ period: before() })}>
              Show {periodName(before())}
            </button>
          }
        >
          <button class="button" type="button" onClick={() => props.controls.change({ organizations: [] })}>
            Show all organizations
          </button>
        </Show>
      }
    />
  );
}
