import { createUniqueId, Show } from "solid-js";
import type { Organization } from "../../lib/api.ts";
import type { Fleet } from "../../live/fleet.ts";
import { Chevron } from "../../ui/icons.tsx";
import { HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { OrganizationDetail } from "./organization-detail.tsx";

interface OrganizationRowProps {
  organization: Organization;
  fleet: Fleet;
  isOpen: boolean;
  onToggle: () => void;
}

export function OrganizationRow(props: OrganizationRowProps) {
  const panel = createUniqueId();
  const view = () => props.fleet.viewOf(props.organization);

  return (
    <li class="org" data-status={view().status} data-open={props.isOpen} data-id={props.organization.organization_id}>
      <div class="org-row">
        <h2 class="org-name">
          <button
            type="button"
            class="disclosure"
            aria-expanded={props.isOpen}
            aria-controls={panel}
            onClick={() => props.onToggle()}
          >
            <Chevron />
            <span class="names">
              <span class="name">{props.organization.name}</span>
              <Show when={props.organization.name !== props.organization.organization_id}>
                <code>{props.organization.organization_id}</code>
              </Show>
            </span>
          </button>
        </h2>
        <div class="cell-status">
          <StatusBadge status={view().status} />
        </div>
        <dl class="facts">
          <div>
            <dt>Orchestrators</dt>
            <dd>
              <Connected connected={view().connected} total={view().total} />
            </dd>
          </div>
          <div>
            <dt>Health</dt>
            <dd>
              <HealthMark health={view().health} />
            </dd>
          </div>
          <div>
            <dt>Location</dt>
            <dd class="clip" title={props.organization.location ?? undefined}>
              {props.organization.location || "–"}
            </dd>
          </div>
          <div>
            <dt>{view().status === "independent" ? "Last recorded" : "Last seen"}</dt>
            <dd>
              <Moment at={view().lastSeenAt} isFrozen={view().status === "independent"} />
              <Show when={view().status === "independent" && view().lastSeenAt}>
                <span class="frozen">frozen</span>
              </Show>
            </dd>
          </div>
        </dl>
      </div>
      <div id={panel} class="org-panel" hidden={!props.isOpen}>
        <Show when={props.isOpen}>
          <OrganizationDetail organization={props.organization} status={view().status} fleet={props.fleet} />
        </Show>
      </div>
    </li>
  );
}

/** "2 of 3 connected"; the bar repeats it for the eye that runs down the column. */
function Connected(props: { connected: number; total: number | null }) {
  return (
    <Show when={props.total !== null} fallback={<span class="muted">…</span>}>
      <span class="mark" data-connected={props.connected > 0}>
        <Show when={props.total} fallback="None">
          <span>
            <span class="number">{props.connected}</span> of <span class="number">{props.total}</span> connected
          </span>
        </Show>
      </span>
    </Show>
  );
}
