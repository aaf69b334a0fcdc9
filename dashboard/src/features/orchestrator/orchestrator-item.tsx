import { Show } from "solid-js";
import type { Orchestrator } from "../../lib/api.ts";
import { ConfigMark, ConnectionMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { Fact } from "./fact.tsx";
import { IndependenceSwitch } from "./independence-switch.tsx";
import { usePresence } from "./overlay.ts";
import { textOf } from "./reported.ts";

/** One orchestrator in an open row, with its marks and the independence switch. */
export function OrchestratorItem(props: { orchestrator: Orchestrator }) {
  const id = () => props.orchestrator.orchestrator_id;
  const presence = usePresence(id, () => props.orchestrator);
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
        <StatusBadge status={presence().status} />
      </div>
      <dl class="card-facts">
        <Fact name="Connection">
          <ConnectionMark
            isConnected={presence().connected}
            isSilent={presence().silent}
            isContested={presence().contested}
          />
        </Fact>
        <Fact name="Health">
          <HealthMark health={presence().health_status} />
        </Fact>
        <Fact name="Configuration">
          <ConfigMark state={presence().config_state} error={presence().config_error} />
        </Fact>
        <Fact name={presence().isIndependent ? "Last recorded" : "Last seen"}>
          <Moment at={presence().last_seen} isFrozen={presence().isIndependent} isPlain />
          <Show when={presence().isIndependent && presence().last_seen !== null}>
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
        presence={presence()}
      />
    </li>
  );
}
