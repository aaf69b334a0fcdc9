import { createMemo, For, Show } from "solid-js";
import type { Orchestrator, Status } from "../../lib/api.ts";
import type { Fleet } from "../../live/fleet.ts";
import { newestSeen } from "../../live/presence.ts";
import { ConnectionMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { listFeatures } from "./features.ts";
import { IndependenceSwitch } from "./independence-switch.tsx";

export function OrchestratorCard(props: { orchestrator: Orchestrator; fleet: Fleet }) {
  const id = () => props.orchestrator.orchestrator_id;
  const live = () => props.fleet.state.live[id()];
  const isConnected = () => live() !== undefined;
  const isIndependent = () => props.fleet.isIndependent(props.orchestrator);
  // A wish that is not answered yet already shows; what follows from taking it back is the controller's to say.
  const status = (): Status => {
    if (isIndependent()) return "independent";
    if (props.orchestrator.status !== "independent") return props.orchestrator.status;
    return isConnected() ? "active" : "inactive";
  };
  const features = createMemo(() => listFeatures(props.orchestrator.features));
  const runs = () => {
    const { version, hostname } = props.orchestrator.metadata;
    return [version && `version ${version}`, hostname && `on ${hostname}`].filter(Boolean).join(" ");
  };

  return (
    <li class="card" data-id={id()}>
      <div class="card-head">
        <h3>
          <span class="name">{props.orchestrator.name || id()}</span>
          <code>{id()}</code>
        </h3>
        <StatusBadge status={status()} />
      </div>
      <dl class="card-facts">
        <div>
          <dt>Connection</dt>
          <dd>
            <ConnectionMark isConnected={isConnected()} />
          </dd>
        </div>
        <div>
          <dt>Health</dt>
          <dd>
            <HealthMark health={live()?.health_status ?? props.orchestrator.health_status} />
          </dd>
        </div>
        <div>
          <dt>{isIndependent() ? "Last recorded" : "Last seen"}</dt>
          <dd>
            <Moment at={newestSeen(props.orchestrator.last_seen, live())} isFrozen={isIndependent()} />
          </dd>
        </div>
        <div>
          <dt>Location</dt>
          <dd>{props.orchestrator.location || "–"}</dd>
        </div>
        <Show when={runs()}>
          <div>
            <dt>Runs</dt>
            <dd>{runs()}</dd>
          </div>
        </Show>
        <div class="wide">
          <dt>Features</dt>
          <dd>
            <Show when={features().length > 0} fallback={<span class="muted">None reported</span>}>
              <ul class="features">
                <For each={features()}>
                  {(feature) => (
                    <li data-on={feature.isOn}>
                      {feature.name} <span>{feature.value}</span>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </dd>
        </div>
      </dl>
      <IndependenceSwitch orchestrator={props.orchestrator} fleet={props.fleet} />
    </li>
  );
}
