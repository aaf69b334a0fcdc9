import { type JSX, Show } from "solid-js";
import type { Orchestrator } from "../../lib/api.ts";
import { wishedStatus } from "../../lib/status.ts";
import { momentOf } from "../../lib/time.ts";
import { useFleet } from "../../live/context.ts";
import { ConfigMark, ConnectionMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { IndependenceSwitch } from "./independence-switch.tsx";
import { textOf } from "./reported.ts";
import { shownIndependence } from "./wishes.ts";

/** One orchestrator in an open row: its marks, and the switch that sets it free. */
export function OrchestratorItem(props: { orchestrator: Orchestrator }) {
  const fleet = useFleet();
  const id = () => props.orchestrator.orchestrator_id;
  const row = () => fleet.row(id());
  const known = () => row()?.is_independent ?? props.orchestrator.is_independent;
  const isIndependent = () => shownIndependence(id(), known());
  const isConnected = () => row()?.connected ?? props.orchestrator.connected;
  const status = () => wishedStatus(row()?.status ?? props.orchestrator.status, isIndependent(), isConnected());
  const isPolled = () => fleet.connection().mode === "polling";
  const configState = () => (isPolled() ? null : row()?.config_state) ?? props.orchestrator.config_state;
  const lastSeenAt = () => row()?.last_seen ?? momentOf(props.orchestrator.last_seen);
  const version = () => textOf(props.orchestrator.metadata, "version");

  return (
    <li class="panel orchestrator" data-id={id()}>
      <div class="card-head">
        <div class="orchestrator-name">
          <strong>
            <Name of={props.orchestrator.name} or={id()} />
          </strong>
          <code>{id()}</code>
        </div>
        <StatusBadge status={status()} />
      </div>
      <dl class="card-facts">
        <Fact name="Connection">
          <ConnectionMark isConnected={isConnected()} isSilent={row()?.silent ?? props.orchestrator.silent} />
        </Fact>
        <Fact name="Health">
          <HealthMark health={row()?.health_status ?? props.orchestrator.health_status} />
        </Fact>
        <Fact name="Config">
          <ConfigMark state={configState()} error={row()?.config_error ?? props.orchestrator.config_error} />
        </Fact>
        <Fact name={isIndependent() ? "Last recorded" : "Last seen"}>
          <Moment at={lastSeenAt()} isFrozen={isIndependent()} isPlain />
          <Show when={isIndependent() && lastSeenAt() !== null}>
            <span class="hint"> – frozen while independent</span>
          </Show>
        </Fact>
        <Show when={version()}>
          {(text) => (
            <Fact name="Version">
              <Name of={text()} />
            </Fact>
          )}
        </Show>
        <Show when={textOf(props.orchestrator.metadata, "hostname")}>
          {(host) => (
            <Fact name="Host">
              <Name of={host()} />
            </Fact>
          )}
        </Show>
      </dl>
      <IndependenceSwitch
        orchestratorId={id()}
        organizationId={props.orchestrator.organization_id}
        isIndependent={known()}
      />
    </li>
  );
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
