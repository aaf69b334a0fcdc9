import { A } from "@solidjs/router";
import { For, Match, Show, Switch } from "solid-js";
import { nameInText } from "../../../../../common/text.ts";
import type { Status } from "../../../lib/api.ts";
import { formatCount } from "../../../lib/numbers.ts";
import { useList } from "../../../live/query.ts";
import { FailurePanel } from "../../../ui/failure-panel.tsx";
import { Name } from "../../../ui/name.tsx";
import { StaleBanner } from "../../../ui/stale-banner.tsx";
import { listFeatures } from "../../orchestrator/features.ts";
import { OrchestratorItem } from "../../orchestrator/orchestrator-item.tsx";
import { mayAdminister } from "../../session/session.ts";
import { fetchOrchestrators } from "./api.ts";
import { askToDelete } from "./dialogs.ts";
import type { Item } from "./rows.ts";
import "./detail.css";

/** The content of an open row or card, loaded on opening. */
export function OrganizationDetail(props: { item: Item; status: Status }) {
  const id = () => props.item.organization_id;
  const query = useList(
    () => ["orchestrators-of", id()],
    (signal) => fetchOrchestrators(id(), signal),
    { idField: "orchestrator_id", refreshOn: (event) => event.organization_id === id() },
  );
  const features = () => listFeatures(props.item.features);
  return (
    <div class="org-panel">
      <Show when={props.status === "independent"}>
        <p class="notice" data-tone="independent">
          {(query.data?.total ?? 1) > 1
            ? "These orchestrators operate independently. Their heartbeats are not recorded and their messages are hidden."
            : "This orchestrator operates independently. Its heartbeats are not recorded and its messages are hidden."}
        </p>
      </Show>
      <Show when={features().length > 0}>
        <ul class="features" aria-label={`Features of ${nameInText(props.item.name, id())}`}>
          <For each={features()}>
            {(feature) => (
              <li data-on={feature.isOn}>
                <Name of={feature.name} /> <span>{feature.value}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <StaleBanner query={query} />
      <Switch fallback={<div class="skeleton-card" />}>
        <Match when={query.data?.items.length === 0}>
          <p class="muted">This organization has no orchestrators yet.</p>
        </Match>
        <Match when={query.data}>
          {(data) => (
            <>
              <ul class="orchestrators" aria-label={`Orchestrators of ${nameInText(props.item.name, id())}`}>
                <For each={data().items}>{(orchestrator) => <OrchestratorItem orchestrator={orchestrator} />}</For>
              </ul>
              <Show when={data().total > data().items.length}>
                <p class="hint">
                  Showing {formatCount(data().items.length)} of {formatCount(data().total)} orchestrators. The page of
                  the organization has all of them.
                </p>
              </Show>
            </>
          )}
        </Match>
        <Match when={query.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
      </Switch>
      <div class="org-actions">
        <A class="button" href={`/organizations/${id()}`}>
          Open <Name of={props.item.name} or={id()} />
        </A>
        <A class="button" data-kind="quiet" href={`/organizations/${id()}/config`}>
          Configuration
        </A>
        <Show when={mayAdminister()}>
          <button class="button" data-kind="quiet" type="button" onClick={() => askToDelete(id())}>
            Delete…
          </button>
        </Show>
      </div>
    </div>
  );
}
