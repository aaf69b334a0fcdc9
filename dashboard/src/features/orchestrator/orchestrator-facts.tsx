import { Show } from "solid-js";
import type { OrchestratorDetail } from "../../lib/api.ts";
import { formatCount } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { ConfigMark, ConnectionMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { hasAge } from "./config-states.ts";
import { Fact } from "./fact.tsx";
import type { Presence } from "./overlay.ts";
import { reportedOtherwise, textOf } from "./reported.ts";

interface OrchestratorFactsProps {
  detail: OrchestratorDetail;
  presence: Presence;
}

/** Presence, session and host. */
export function OrchestratorFacts(props: OrchestratorFactsProps) {
  const session = () => (props.presence.connected ? props.detail.session : null);
  /** The reported revision, if it differs from the published one. */
  const otherRevision = () => {
    const { config_running_revision: running, config_revision: revision } = props.presence;
    return running === revision ? null : running;
  };
  return (
    <dl class="orch-facts">
      <Fact name="Connection">
        <ConnectionMark
          isConnected={props.presence.connected}
          isSilent={props.presence.silent}
          isContested={props.presence.contested}
        />
      </Fact>
      <Fact name="Health">
        <HealthMark health={props.presence.health_status} />
      </Fact>
      <Fact name="Configuration">
        <ConfigMark state={props.presence.config_state} error={props.presence.config_error} />
        <Show when={props.presence.config_revision > 0}>
          <span class="muted">revision {formatCount(props.presence.config_revision)}</span>
        </Show>
        <Show when={hasAge(props.presence.config_state) && props.presence.config_since}>
          {(at) => (
            <span class="muted">
              – since <Moment at={at()} />
            </span>
          )}
        </Show>
        <Show when={otherRevision()}>
          {(running) => <span class="muted">– reports revision {formatCount(running())}</span>}
        </Show>
        <Show when={props.presence.config_error}>
          {(text) => (
            <p class="field-error">
              <Name of={text()} />
            </p>
          )}
        </Show>
      </Fact>
      <Fact name={props.presence.isIndependent ? "Last recorded" : "Last seen"}>
        <Moment at={props.presence.last_seen} isFrozen={props.presence.isIndependent} />
        <Show when={props.presence.isIndependent && props.presence.last_seen}>
          <span class="muted">– frozen while independent</span>
        </Show>
      </Fact>
      <Fact name="Session">
        <Show when={session()} fallback="–">
          {(open) => (
            <>
              #{formatCount(open().epoch)}, started <Moment at={momentOf(open().opened_at)} />
            </>
          )}
        </Show>
      </Fact>
      <Fact name="Version">
        <Name of={textOf(props.detail.metadata, "version")} or="–" />
      </Fact>
      <Fact name="Host">
        <Name of={textOf(props.detail.metadata, "hostname")} or="–" />
      </Fact>
      <Fact name="IP address">
        <Name of={textOf(props.detail.metadata, "ip")} or="–" />
      </Fact>
      <Fact name="Location">
        <Name of={props.detail.location} or="–" />
      </Fact>
      <Show when={reportedOtherwise({ ...props.detail, name: props.detail.name ?? "" })}>
        {(reported) => (
          <Fact name="Reported name">
            <Name of={reported()} />
          </Fact>
        )}
      </Show>
      <Fact name="Monitoring">{props.detail.monitoring_enabled ? "On" : "Off"}</Fact>
    </dl>
  );
}
