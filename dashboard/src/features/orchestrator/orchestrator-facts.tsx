import { type JSX, Show } from "solid-js";
import type { StreamRow } from "../../../../worker/contract/stream.ts";
import type { OrchestratorDetail } from "../../lib/api.ts";
import { formatCount } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { ConfigMark, ConnectionMark, HealthMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { hasAge } from "./config-states.ts";
import { reportedOtherwise, textOf } from "./reported.ts";

interface OrchestratorFactsProps {
  detail: OrchestratorDetail;
  /** Newer than the detail, where the stream has arrived. */
  row: StreamRow | undefined;
  isIndependent: boolean;
}

/** Presence, session and where it runs. */
export function OrchestratorFacts(props: OrchestratorFactsProps) {
  const isConnected = () => props.row?.connected ?? props.detail.connected;
  const session = () => (isConnected() ? props.detail.session : null);
  const lastSeenAt = () => {
    const told = momentOf(props.detail.last_seen);
    const live = props.row?.last_seen ?? null;
    return live !== null && (told === null || live > told) ? live : told;
  };
  const revision = () => props.row?.config_revision ?? props.detail.config_revision;
  const state = () => props.row?.config_state ?? props.detail.config_state;
  const since = () => props.row?.config_since ?? momentOf(props.detail.config_since);
  /** What it last said it had applied, when that is not what it should run. */
  const otherRevision = () => {
    const running = props.row ? props.row.config_running_revision : props.detail.config_running_revision;
    return running != null && running !== revision() ? running : null;
  };
  const error = () => (props.row ? props.row.config_error : props.detail.config_error);
  return (
    <dl class="orch-facts">
      <Fact name="Connection">
        <ConnectionMark
          isConnected={isConnected()}
          isSilent={props.row?.silent ?? props.detail.silent}
          isContested={props.row?.contested ?? props.detail.contested}
        />
      </Fact>
      <Fact name="Health">
        <HealthMark health={props.row?.health_status ?? props.detail.health_status} />
      </Fact>
      <Fact name="Config">
        <ConfigMark state={state()} error={error()} />
        <Show when={revision() > 0}>
          <span class="muted">revision {formatCount(revision())}</span>
        </Show>
        <Show when={hasAge(state()) && since()}>
          {(at) => (
            <span class="muted">
              – since <Moment at={at()} />
            </span>
          )}
        </Show>
        <Show when={otherRevision()}>
          {(running) => <span class="muted">– it says that it runs revision {formatCount(running())}</span>}
        </Show>
        <Show when={error()}>
          {(text) => (
            <p class="field-error">
              <Name of={text()} />
            </p>
          )}
        </Show>
      </Fact>
      <Fact name={props.isIndependent ? "Last recorded" : "Last seen"}>
        <Moment at={lastSeenAt()} isFrozen={props.isIndependent} />
        <Show when={props.isIndependent && lastSeenAt()}>
          <span class="muted">– frozen while independent</span>
        </Show>
      </Fact>
      <Fact name="Session">
        <Show when={session()} fallback="–">
          {(open) => (
            <>
              No. {formatCount(open().epoch)}, opened <Moment at={momentOf(open().opened_at)} />
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
      <Fact name="IP">
        <Name of={textOf(props.detail.metadata, "ip")} or="–" />
      </Fact>
      <Fact name="Location">
        <Name of={props.detail.location} or="–" />
      </Fact>
      <Show when={reportedOtherwise({ ...props.detail, name: props.detail.name ?? "" })}>
        {(reported) => (
          <Fact name="Reports itself as">
            <Name of={reported()} />
          </Fact>
        )}
      </Show>
      <Fact name="Monitoring">{props.detail.monitoring_enabled ? "On" : "Off"}</Fact>
    </dl>
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
