import { createSignal, createUniqueId, Show } from "solid-js";
import type { Orchestrator } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";
import type { Fleet } from "../../live/fleet.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { mayOperate } from "../session/session.ts";

const SET_FREE = [
  "Its heartbeats are no longer recorded: last seen stands still.",
  "It gets no messages and no configuration, and its messages are not shown.",
  "It keeps working, and you can take it back at any time.",
];
const TAKE_BACK = [
  "Its heartbeats count again, from the next one on.",
  "Configuration that changed meanwhile is sent to it.",
  "Its messages are shown again.",
];

export function IndependenceSwitch(props: { orchestrator: Orchestrator; fleet: Fleet }) {
  const hint = createUniqueId();
  const [isAsking, setAsking] = createSignal(false);
  const [message, setMessage] = createSignal("");
  const id = () => props.orchestrator.orchestrator_id;
  const isOn = () => props.fleet.isIndependent(props.orchestrator);
  const isPending = () => props.fleet.state.wanted[id()] !== undefined;

  const ask = () => {
    if (isPending() || !mayOperate()) return;
    setMessage("");
    setAsking(true);
  };

  const change = async (wanted: boolean) => {
    try {
      await props.fleet.setIndependence(id(), wanted);
    } catch (error) {
      const failure = toFailure(error);
      setMessage(
        failure.code === "database_unavailable"
          ? "Accepted. It will be recorded as soon as the database answers again."
          : `${id()} is unchanged: ${failure.message}. Try again.`,
      );
    }
  };

  return (
    <div class="independence">
      <button
        class="switch"
        type="button"
        role="switch"
        aria-checked={isOn()}
        aria-describedby={hint}
        aria-disabled={isPending() || !mayOperate()}
        aria-label={`Independence mode of ${id()}`}
        onClick={ask}
      >
        <span class="switch-track" aria-hidden="true" />
        <span class="switch-label" aria-hidden="true">
          Independence mode
        </span>
      </button>
      <p class="hint" id={hint}>
        <Show when={mayOperate()} fallback="Your role may look, not change.">
          {isPending()
            ? "Waiting for the controller…"
            : isOn()
              ? "Operates independently."
              : "Managed by the controller."}
        </Show>
      </p>
      <div role="alert">
        <Show when={message()}>
          <p class="notice" data-tone="danger">
            {message()}
          </p>
        </Show>
      </div>
      <Show when={isAsking()}>
        <ConfirmDialog
          title={isOn() ? `Take ${id()} back under control?` : `Let ${id()} operate independently?`}
          consequences={isOn() ? TAKE_BACK : SET_FREE}
          action={isOn() ? "Take back" : "Set independent"}
          tone={isOn() ? "primary" : "danger"}
          onConfirm={() => void change(!isOn())}
          onClose={() => setAsking(false)}
        />
      </Show>
    </div>
  );
}
