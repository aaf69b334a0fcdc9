import { createSignal, Show } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import type { Organization } from "../../lib/api.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Plug, PlugOut } from "../../ui/icons.tsx";
import { ConfigMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { reportedOtherwise } from "../orchestrator/reported.ts";
import { mayAdminister } from "../session/session.ts";
import { EditDialog } from "./edit-dialog.tsx";
import type { OrganizationModel } from "./model.ts";
import type { OrganizationSummary } from "./summary.ts";

/** The name and status of the organization, with separate marks for connection, health and configuration. */
export function OrganizationHead(props: { model: OrganizationModel; organization: Organization }) {
  const [isEditing, setEditing] = createSignal(false);
  const summary = () => props.model.summary();
  return (
    <>
      <PageHead
        title={displayName(props.organization.name, props.model.id)}
        beside={<Show when={summary()}>{(known) => <StatusBadge status={known().status} />}</Show>}
      >
        <Show when={mayAdminister()}>
          <button class="button" type="button" onClick={() => setEditing(true)}>
            Edit name and location
          </button>
        </Show>
      </PageHead>
      <dl class="org-axes">
        <div>
          <dt>ID</dt>
          <dd>
            <code>{props.model.id}</code>
            <CopyButton text={props.model.id} label="Copy ID" isCompact />
          </dd>
        </div>
        <Show when={summary()}>{(known) => <Axes summary={known()} />}</Show>
        <div>
          <dt>Location</dt>
          <dd>
            <Name of={props.organization.location} or="–" />
          </dd>
        </div>
        <Show when={reportedOtherwise(props.organization)}>
          {(reported) => (
            <div>
              <dt>Reported name</dt>
              <dd>
                <Name of={reported()} />
              </dd>
            </div>
          )}
        </Show>
      </dl>
      <Show when={isEditing()}>
        <EditDialog organization={props.organization} onClose={() => setEditing(false)} />
      </Show>
    </>
  );
}

function Axes(props: { summary: OrganizationSummary }) {
  const isFrozen = () => props.summary.status === "independent";
  return (
    <>
      <div>
        <dt>Connection</dt>
        <dd>
          <Show when={props.summary.connected !== null} fallback="–">
            <span class="mark" data-connected={props.summary.connected !== 0}>
              {props.summary.connected === 0 ? <PlugOut /> : <Plug />}
              {props.summary.connected} of {props.summary.orchestrators} connected
            </span>
          </Show>
        </dd>
      </div>
      <div>
        <dt>Health</dt>
        <dd>
          <HealthMark health={props.summary.health} />
        </dd>
      </div>
      <div>
        <dt>Configuration</dt>
        <dd>
          <ConfigMark state={props.summary.config} />
        </dd>
      </div>
      <div>
        <dt>{isFrozen() ? "Last recorded" : "Last seen"}</dt>
        <dd>
          <Moment at={props.summary.lastSeenAt} isFrozen={isFrozen()} />
          <Show when={isFrozen() && props.summary.lastSeenAt}>
            <span class="muted">– frozen while independent</span>
          </Show>
        </dd>
      </div>
    </>
  );
}
