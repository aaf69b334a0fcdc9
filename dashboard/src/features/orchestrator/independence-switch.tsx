import { createEffect, createSignal, createUniqueId, on, onCleanup, Show } from "solid-js";
import type { StreamRow } from "../../../../worker/contract/stream.ts";
import { useCommands } from "../../lib/commands.ts";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { queryClient } from "../../live/query.ts";
import { announce } from "../../ui/announce.ts";
import { Refusal } from "../../ui/refusal.tsx";
import { mayOperate } from "../session/session.ts";
import { waitForConfirmation } from "./confirmation.ts";
import { IndependenceDialog } from "./independence-dialog.tsx";
import { changeIndependence, isIndependencePending, settleIndependence, shownIndependence } from "./wishes.ts";
import "./independence.css";

interface IndependenceSwitchProps {
  orchestratorId: string;
  organizationId: string;
  /** undefined: not loaded yet. */
  presence: Pick<StreamRow, "is_independent" | "privacy_mode" | "connected"> | undefined;
  /** Defaults to "Independence mode". */
  label?: string;
  /** The shortcut, if this is the only switch on the page. */
  keys?: string;
}

/** Whether the orchestrator has confirmed the last change of this switch. */
type Arrival = "none" | "waiting" | "confirmed" | "unconfirmed" | "absent";

const ARRIVALS: Record<Arrival, string> = {
  none: "",
  waiting: "Sent to the orchestrator…",
  confirmed: "Confirmed by the orchestrator.",
  unconfirmed: "Sent, not confirmed by the orchestrator.",
  absent: "Not connected. It takes effect at the orchestrator's next heartbeat.",
};

/** Asks for confirmation, shows the change at once, and reverts it if the controller refuses. */
export function IndependenceSwitch(props: IndependenceSwitchProps) {
  const hint = createUniqueId();
  const [isAsking, setAsking] = createSignal(false);
  const [problem, setProblem] = createSignal("");
  const [note, setNote] = createSignal("");
  const [arrival, setArrival] = createSignal<Arrival>("none");
  let waiting: AbortController | undefined;
  /** The last requested value. */
  let asked: boolean | null = null;
  onCleanup(() => waiting?.abort());

  const known = () => props.presence?.is_independent ?? false;
  const isOn = () => shownIndependence(props.orchestratorId, known());
  const isPending = () => isIndependencePending(props.orchestratorId);
  const label = () => props.label ?? "Independence mode";
  createEffect(() => settleIndependence(props.orchestratorId, known()));
  // The confirmation does not apply to a later change by someone else.
  createEffect(
    on(
      isOn,
      (is) => {
        if (is === asked) return;
        waiting?.abort();
        setArrival("none");
        setNote("");
      },
      { defer: true },
    ),
  );

  const ask = () => {
    if (isPending() || !mayOperate()) return;
    setProblem("");
    setAsking(true);
  };
  useCommands(() =>
    props.keys
      ? [
          {
            id: `independence:${props.orchestratorId}`,
            title: isOn() ? `Manage ${props.orchestratorId} again` : `Set ${props.orchestratorId} independent`,
            group: "Organization",
            keys: props.keys,
            run: ask,
            isEnabled: mayOperate,
          },
        ]
      : [],
  );

  const change = async (isIndependent: boolean, privacyMode?: boolean) => {
    const id = props.orchestratorId;
    const startedAt = Date.now();
    asked = isIndependent;
    waiting?.abort();
    setArrival("none");
    setNote("");
    try {
      const outcome = await changeIndependence(id, {
        isIndependent,
        ...(privacyMode !== undefined && { privacyMode }),
      });
      // Reload what follows from the change, such as queued configuration.
      void queryClient.invalidateQueries({ queryKey: ["organization", props.organizationId] });
      announce(isIndependent ? `${id} operates independently` : `${id} is managed again`, { isUrgent: true });
      if (outcome === "late") setNote("Accepted. It is stored when the database is available again.");
      await follow(id, isIndependent, startedAt);
    } catch (error) {
      setProblem(outcomeOf(toFailure(error), `${id} was not changed. Try again.`));
    }
  };

  const follow = async (id: string, isIndependent: boolean, startedAt: number) => {
    if (props.presence?.connected === false) {
      setArrival("absent");
      return;
    }
    waiting = new AbortController();
    const { signal } = waiting;
    setArrival("waiting");
    const isConfirmed = await waitForConfirmation(id, isIndependent, startedAt, signal);
    if (!signal.aborted) setArrival(isConfirmed ? "confirmed" : "unconfirmed");
  };

  return (
    <div class="independence">
      <button
        class="switch"
        type="button"
        role="switch"
        aria-checked={isOn()}
        aria-busy={isPending()}
        aria-describedby={hint}
        aria-disabled={isPending() || !mayOperate()}
        aria-label={`${label()} of ${props.orchestratorId}`}
        onClick={ask}
      >
        <span class="switch-track" aria-hidden="true" />
        <span class="switch-label" aria-hidden="true">
          {label()}
        </span>
      </button>
      <p class="hint" id={hint} data-arrival={arrival()}>
        <Show when={mayOperate()} fallback="Your role is read-only.">
          <Show when={!isPending()} fallback="Waiting for the controller…">
            {isOn() ? "Operates independently." : "Managed by the controller."} {note()} {ARRIVALS[arrival()]}
          </Show>
        </Show>
      </p>
      <Refusal text={problem()} />
      <Show when={isAsking()}>
        <IndependenceDialog
          orchestratorId={props.orchestratorId}
          isIndependent={isOn()}
          isPrivate={props.presence?.privacy_mode ?? false}
          onConfirm={(isIndependent, privacyMode) => void change(isIndependent, privacyMode)}
          onClose={() => setAsking(false)}
        />
      </Show>
    </div>
  );
}
