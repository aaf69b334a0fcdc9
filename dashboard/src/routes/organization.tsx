import { useNavigate, useParams } from "@solidjs/router";
import { lazy, Match, Show, Suspense, Switch } from "solid-js";
import { Gone, Missing } from "../features/organization/gone.tsx";
import { type OrganizationModel, useOrganization } from "../features/organization/model.ts";
import { OrganizationHead } from "../features/organization/organization-head.tsx";
import { OverviewTab } from "../features/organization/overview-tab.tsx";
import { useCommands } from "../lib/commands.ts";
import { FailurePanel } from "../ui/failure-panel.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { StaleBanner } from "../ui/stale-banner.tsx";
import { TabLinks } from "../ui/tabs.tsx";
import "../features/organization/organization.css";

const ConfigTab = lazy(async () => ({ default: (await import("../features/config/config-tab.tsx")).ConfigTab }));
const MessagesTab = lazy(async () => ({
  default: (await import("../features/organization/messages-tab.tsx")).MessagesTab,
}));
const ActivityTab = lazy(async () => ({
  default: (await import("../features/organization/activity-tab.tsx")).ActivityTab,
}));
const AccessTab = lazy(async () => ({ default: (await import("../features/organization/access-tab.tsx")).AccessTab }));
const DangerTab = lazy(async () => ({ default: (await import("../features/organization/danger-tab.tsx")).DangerTab }));

const TABS = [
  { tab: undefined, title: "Overview" },
  { tab: "config", title: "Configuration" },
  { tab: "messages", title: "Messages" },
  { tab: "activity", title: "Activity" },
  { tab: "access", title: "Access" },
  { tab: "danger", title: "Danger" },
] as const;

/** One organization. Each ID gets a new page, so that no state of the previous one remains. */
export function OrganizationPage() {
  const params = useParams<{ id: string; tab?: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <Page id={id} tab={params.tab} />}
    </Show>
  );
}

function Page(props: { id: string; tab: string | undefined }) {
  const model = useOrganization(props.id);
  const navigate = useNavigate();
  const isGone = () => model.query.failure?.code === "not_found";
  const hrefOf = (tab: string | undefined) => `/organizations/${props.id}${tab ? `/${tab}` : ""}`;
  const countOf = (tab: string | undefined) =>
    tab === "messages" ? model.query.data?.pending_messages || undefined : undefined;

  useCommands(() => [
    ...TABS.map(({ tab, title }, index) => ({
      id: `organization:tab:${title}`,
      title: `Go to ${title.toLowerCase()} of ${props.id}`,
      group: "Organization",
      keys: String(index + 1),
      run: () => navigate(hrefOf(tab)),
    })),
    {
      id: "organization:edit",
      title: `Edit configuration of ${props.id}`,
      group: "Organization",
      keys: "e",
      run: () => navigate(hrefOf("config")),
    },
  ]);

  return (
    <Switch
      fallback={
        <>
          <PageHead title={props.id} />
          <Skeleton what={`organization ${props.id}`} kind="cards" count={1} />
        </>
      }
    >
      <Match when={isGone() && !model.query.data}>
        <Missing id={props.id} />
      </Match>
      <Match when={isGone() && model.query.data}>{(last) => <Gone organization={last()} />}</Match>
      <Match when={model.query.data}>
        {(organization) => (
          <>
            <OrganizationHead model={model} organization={organization()} />
            <StaleBanner query={model.query} />
            <TabLinks
              label="Organization"
              tabs={TABS.map(({ tab, title }) => ({ href: hrefOf(tab), title, count: countOf(tab) }))}
            />
            <Suspense fallback={<Skeleton what="the tab" kind="block" />}>
              <Tab tab={props.tab} model={model} />
            </Suspense>
          </>
        )}
      </Match>
      <Match when={model.query.failure}>
        {(failure) => (
          <>
            <PageHead title={props.id} />
            <FailurePanel failure={failure()} onRetry={() => void model.query.refetch()} />
          </>
        )}
      </Match>
    </Switch>
  );
}

function Tab(props: { tab: string | undefined; model: OrganizationModel }) {
  return (
    <Switch fallback={<OverviewTab model={props.model} />}>
      <Match when={props.tab === "config"}>
        <ConfigTab model={props.model} />
      </Match>
      <Match when={props.tab === "messages"}>
        <MessagesTab model={props.model} />
      </Match>
      <Match when={props.tab === "activity"}>
        <ActivityTab model={props.model} />
      </Match>
      <Match when={props.tab === "access"}>
        <AccessTab model={props.model} />
      </Match>
      <Match when={props.tab === "danger"}>
        <DangerTab model={props.model} />
      </Match>
    </Switch>
  );
}
