import { A } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import { now } from "../../lib/clock.ts";
import { momentOf } from "../../lib/time.ts";
import { visibleText } from "../../lib/visible-text.ts";
import { useFleet } from "../../live/context.ts";
import { Cross, Tick } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { ConnectionMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { KeyHint } from "../records/key-hint.tsx";
import { mayOperate } from "../session/session.ts";
import type { Message } from "./api.ts";
import type { Decision } from "./decisions.ts";
import { acceptWords, deliveryWords, INDEPENDENT, placeWords, TYPE_WORDS } from "./place-words.ts";
import type { Place } from "./queue-model.ts";
import { severityOf } from "./severity.ts";
import { SeverityMark } from "./severity-mark.tsx";
import "./detail.css";

interface MessageDetailProps {
  message: Message;
  place: Place;
  onDecide: (decision: Decision) => void;
  onUndo: () => void;
  /** On a narrow screen the detail takes the place of the queue. */
  onBack: () => void;
}

export function MessageDetail(props: MessageDetailProps) {
  const isHidden = () => props.place.kind === "independent";
  const title = () => {
    const { message_type, direction, orchestrator_id } = props.message;
    return `${TYPE_WORDS[message_type]} ${direction === "inbound" ? "from" : "to"} ${orchestrator_id}`;
  };
  return (
    <article class="panel msg-detail" aria-labelledby="message-title" data-id={props.message.id}>
      <button class="button msg-back" type="button" onClick={() => props.onBack()}>
        Back to the queue
      </button>
      <header class="msg-detail-head">
        <h2 id="message-title" tabindex="-1">
          {title()}
        </h2>
        <Show when={!isHidden()}>
          <SeverityMark severity={severityOf(props.message.metadata)} />
        </Show>
      </header>
      <Show
        when={!isHidden()}
        fallback={
          <p class="notice" data-tone="independent">
            {INDEPENDENT}. Its messages are not shown.
          </p>
        }
      >
        <pre class="msg-text">{visibleText(props.message.content, { keepsLines: true })}</pre>
        <Verdict {...props} />
        <Facts message={props.message} />
        <Show when={Object.keys(props.message.metadata).length > 0}>
          <h3>Metadata</h3>
          <JsonView value={props.message.metadata} label="metadata" />
        </Show>
      </Show>
    </article>
  );
}

/** What can be decided, or what was. */
function Verdict(props: MessageDetailProps) {
  const fleet = useFleet();
  const isUndecided = () =>
    props.place.kind === "open" || (props.place.kind === "mine" && props.place.choice.phase === "refused");
  const link = () => {
    const row = fleet.row(props.message.orchestrator_id);
    return { isConnected: row?.connected ?? false, isIndependent: row?.is_independent ?? false };
  };
  const mayDecide = () => isUndecided() && mayOperate();
  const decide = (decision: Decision) => mayDecide() && props.onDecide(decision);
  const words = () => placeWords(props.place, now());
  return (
    <section class="msg-verdict" aria-label="Decision">
      <div class="msg-buttons">
        <Show when={props.message.status === "pending"}>
          <button
            class="button"
            data-kind={mayDecide() ? "primary" : undefined}
            type="button"
            aria-disabled={!mayDecide()}
            aria-describedby="message-consequence"
            aria-keyshortcuts="y"
            onClick={() => decide("accepted")}
          >
            <Tick />
            Accept <KeyHint keys="y" />
          </button>
          <button
            class="button"
            type="button"
            aria-disabled={!mayDecide()}
            aria-keyshortcuts="n"
            onClick={() => decide("dismissed")}
          >
            <Cross />
            Dismiss <KeyHint keys="n" />
          </button>
        </Show>
        <Show when={words()}>{(text) => <p class="msg-outcome">{text()}</p>}</Show>
        <Show when={props.place.kind === "mine" && props.place.choice.phase === "waiting"}>
          <button class="button" data-kind="quiet" type="button" onClick={() => props.onUndo()}>
            Undo
          </button>
        </Show>
      </div>
      <p class="hint" id="message-consequence">
        <Switch fallback={acceptWords(props.message, link())}>
          <Match when={!mayOperate()}>Your role may look, not decide.</Match>
          <Match when={props.place.kind === "mine" && props.place.choice.phase === "refused" && props.place.choice}>
            {(choice) => (
              <>The controller did not take the decision: {reasonOf(choice())}. The message is still pending.</>
            )}
          </Match>
          <Match when={props.place.kind === "gone"}>There is nobody left to tell.</Match>
          <Match when={props.place.kind === "decided"}>A decision stands. The orchestrator was told.</Match>
        </Switch>
      </p>
    </section>
  );
}

function reasonOf(choice: Extract<Place, { kind: "mine" }>["choice"]): string {
  return choice.phase === "refused" ? choice.reason : "";
}

function Facts(props: { message: Message }) {
  const fleet = useFleet();
  const organization = () => `/organizations/${encodeURIComponent(props.message.organization_id)}`;
  const row = () => fleet.row(props.message.orchestrator_id);
  return (
    <dl class="msg-facts">
      <div>
        <dt>Orchestrator</dt>
        <dd>
          <A href={`${organization()}?orchestrator=${encodeURIComponent(props.message.orchestrator_id)}`}>
            {props.message.orchestrator_name ?? props.message.orchestrator_id}
          </A>
          <Show when={props.message.orchestrator_name}>
            <code class="msg-id">{props.message.orchestrator_id}</code>
          </Show>
        </dd>
      </div>
      <div>
        <dt>Organization</dt>
        <dd>
          <A href={organization()}>{props.message.organization_name}</A>
          <code class="msg-id">{props.message.organization_id}</code>
        </dd>
      </div>
      <Show when={row()}>
        {(known) => (
          <div>
            <dt>State</dt>
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
