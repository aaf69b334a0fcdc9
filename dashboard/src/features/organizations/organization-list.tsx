import { For } from "solid-js";
import type { Organization } from "../../lib/api.ts";
import type { Fleet } from "../../live/fleet.ts";
import { OrganizationRow } from "./organization-row.tsx";
import type { FleetQueryControls } from "./query.ts";

interface OrganizationListProps {
  organizations: readonly Organization[];
  fleet: Fleet;
  controls: FleetQueryControls;
}

const COLUMNS = ["Organization", "Status", "Orchestrators", "Health", "Location", "Last seen"];

export function OrganizationList(props: OrganizationListProps) {
  return (
    <div class="list">
      <ListHead />
      <ul class="orgs" aria-label="Organizations">
        <For each={props.organizations}>
          {(organization) => (
            <OrganizationRow
              organization={organization}
              fleet={props.fleet}
              isOpen={props.controls.open().includes(organization.organization_id)}
              onToggle={() => props.controls.toggle(organization.organization_id)}
            />
          )}
        </For>
      </ul>
    </div>
  );
}

/** For the eye only: every fact in a row carries its own name. */
function ListHead() {
  return (
    <div class="list-head" aria-hidden="true">
      <For each={COLUMNS}>{(name) => <span>{name}</span>}</For>
    </div>
  );
}

/** Rows of the real height, after a moment: a quick answer shows no skeleton. */
export function SkeletonList() {
  return (
    <div class="list" data-loading="">
      <ListHead />
      <p class="sr-only" role="status">
        Loading organizations
      </p>
      <For each={[1, 2, 3, 4, 5, 6]}>{() => <div class="skeleton-row" />}</For>
    </div>
  );
}
