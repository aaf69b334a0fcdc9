import { Match, Show, Switch } from "solid-js";
import { now } from "../../lib/clock.ts";
import { useFleet } from "../../live/context.ts";
import { Cross, Tick } from "../../ui/icons.tsx";
import { KeyHint } from "../records/key-hint.tsx";
import { mayOperate } from "../session/session.ts";
import type { Message } from "./api.ts";
import type { Decision } from "./decisions.ts";
import { acceptWords, placeWords } from "./place-words.ts";
import type { Place } from "./queue-model.ts";

export interface MessageVerdictProps {
  message: Message;
  place: Place;
  onDecide: (decision: Decision) => void;
  onUndo: () => void;
}

/** The buttons for a decision, or its outcome. */
export function MessageVerdict(props: MessageVerdictProps) {
  const fleet = useFleet();
  const isUndecided = () =>
    props.place.kind === "open" || (props.place.kind === "mine" && props.place.choice.phase === "refused");
  const link = () => {
    const row = fleet.row(props.message.orchestrator_id);
    return { isConnected: row?.connected ?? false, isIndependent: row?.is_independent ?? false };
  };
  const isDecided = () =>
    props.place.kind === "decided" || (props.place.kind === "mine" && props.place.choice.phase === "sent");
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
          <Match when={!mayOperate()}>Your role is read-only.</Match>
          <Match when={props.place.kind === "mine" && props.place.choice.phase === "refused" && props.place.choice}>
            {(choice) => <>The decision was not saved: {reasonOf(choice())}.</>}
          </Match>
          <Match when={props.place.kind === "gone"}>The orchestrator no longer exists.</Match>
          <Match when={isDecided()}>
            Decisions are final. The orchestrator receives this one as soon as it is connected.
          </Match>
        </Switch>
      </p>
    </section>
  );
}

function reasonOf(choice: Extract<Place, { kind: "mine" }>["choice"]): string {
  return choice.phase === "refused" ? choice.reason : "";
}
