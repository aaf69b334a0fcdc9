import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { orchestratorHref } from "../../lib/places.ts";
import { momentOf } from "../../lib/time.ts";
import { useFleet } from "../../live/context.ts";
import { ConnectionMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import type { Message } from "./api.ts";
import { deliveryWords } from "./place-words.ts";

/** Sender, recipient and times. */
export function MessageFacts(props: { message: Message }) {
  const fleet = useFleet();
  const organization = () => `/organizations/${encodeURIComponent(props.message.organization_id)}`;
  const row = () => fleet.row(props.message.orchestrator_id);
  return (
    <dl class="msg-facts">
      <div>
        <dt>Orchestrator</dt>
        <dd>
          <A href={orchestratorHref(props.message.organization_id, props.message.orchestrator_id)}>
            <Name of={props.message.orchestrator_name} or={props.message.orchestrator_id} />
          </A>
          <Show when={props.message.orchestrator_name}>
            <code class="msg-id">{props.message.orchestrator_id}</code>
          </Show>
        </dd>
      </div>
      <div>
        <dt>Organization</dt>
        <dd>
          <A href={organization()}>
            <Name of={props.message.organization_name} or={props.message.organization_id} />
          </A>
          <code class="msg-id">{props.message.organization_id}</code>
        </dd>
      </div>
      <Show when={row()}>
        {(known) => (
          <div>
            <dt>Status</dt>
            <dd class="msg-marks">
              <StatusBadge status={known().status} />
              <ConnectionMark isConnected={known().connected} />
            </dd>
          </div>
        )}
      </Show>
      <div>
        <dt>Direction</dt>
        <dd>{props.message.direction === "inbound" ? "From the orchestrator" : "To the orchestrator"}</dd>
      </div>
      <div>
        <dt>{props.message.direction === "inbound" ? "Received" : "Sent"}</dt>
        <dd>
          <Moment at={momentOf(props.message.created_at)} />
        </dd>
      </div>
      <Show when={props.message.direction === "outbound"}>
        <div>
          <dt>Delivery</dt>
          <dd>
            {deliveryWords(props.message)}{" "}
            <Show when={momentOf(props.message.delivered_at)}>{(at) => <Moment at={at()} />}</Show>
          </dd>
        </div>
      </Show>
      <Show when={momentOf(props.message.decided_at)}>
        {(at) => (
          <div>
            <dt>Decided</dt>
            <dd>
              <Moment at={at()} />
            </dd>
          </div>
        )}
      </Show>
    </dl>
  );
}
