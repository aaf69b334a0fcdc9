import { For, Match, Show, Switch } from "solid-js";
import type { Organization, Status } from "../../lib/api.ts";
import type { Fleet } from "../../live/fleet.ts";
import { OrchestratorCard } from "./orchestrator-card.tsx";

interface OrganizationDetailProps {
  organization: Organization;
  status: Status;
  fleet: Fleet;
}

export function OrganizationDetail(props: OrganizationDetailProps) {
  const orchestrators = () => props.fleet.state.details[props.organization.organization_id];
  return (
    <>
      <Show when={props.status === "independent"}>
        <p class="notice" data-tone="independent">
          {(orchestrators()?.length ?? 1) > 1
            ? "These orchestrators operate independently."
            : "This orchestrator operates independently."}{" "}
          Its heartbeats are not recorded and its messages are not shown.
        </p>
      </Show>
      <Switch>
        <Match when={!orchestrators()}>
          <div class="skeleton-card" />
        </Match>
        <Match when={orchestrators()?.length === 0}>
          <p class="muted">No orchestrator belongs to this organization yet.</p>
        </Match>
        <Match when={true}>
          <ul class="orchestrators" aria-label={`Orchestrators of ${props.organization.name}`}>
            <For each={orchestrators()}>
              {(orchestrator) => <OrchestratorCard orchestrator={orchestrator} fleet={props.fleet} />}
            </For>
          </ul>
        </Match>
      </Switch>
    </>
  );
}
