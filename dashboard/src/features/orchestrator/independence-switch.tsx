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
  /** undefined: not known yet. */
  presence: Pick<StreamRow, "is_independent" | "privacy_mode" | "connected"> | undefined;
  /** "Independence mode" when absent. */
  label?: string;
  /** The key that asks, where there is one switch on the page. */
  keys?: string;
}

/** How far the last change of this switch has come at the orchestrator itself. */
type Arrival = "none" | "waiting" | "confirmed" | "unconfirmed" | "absent";

const ARRIVALS: Record<Arrival, string> = {
  none: "",
  waiting: "Sent to the orchestrator…",
  confirmed: "Confirmed by the orchestrator.",
  unconfirmed: "Sent; the orchestrator does not confirm.",
  absent: "Not connected: it learns of this with its next heartbeat.",
};

/** Asks before it changes anything, shows the wish at once, and takes it back when the controller refuses. */
export function IndependenceSwitch(props: IndependenceSwitchProps) {
  const hint = createUniqueId();
  const [isAsking, setAsking] = createSignal(false);
  const [problem, setProblem] = createSignal("");
  const [note, setNote] = createSignal("");
  const [arrival, setArrival] = createSignal<Arrival>("none");
  let waiting: AbortController | undefined;
  /** What was asked for here last. */
  let asked: boolean | null = null;
  onCleanup(() => waiting?.abort());

  const known = () => props.presence?.is_independent ?? false;
  const isOn = () => shownIndependence(props.orchestratorId, known());
  const isPending = () => isIndependencePending(props.orchestratorId);
  const label = () => props.label ?? "Independence mode";
  createEffect(() => settleIndependence(props.orchestratorId, known()));
  // How far that came says nothing of what somebody else has changed since.
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
            title: isOn()
              ? `Take ${props.orchestratorId} back under control`
              : `Let ${props.orchestratorId} operate independently`,
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
      // What follows from it, such as queued configuration, is the controller's to say.
      void queryClient.invalidateQueries({ queryKey: ["organization", props.organizationId] });
      announce(isIndependent ? `${id} operates independently` : `${id} is managed again`, { isUrgent: true });
      if (outcome === "late") setNote("Accepted. It is recorded as soon as the database answers again.");
      await follow(id, isIndependent, startedAt);
    } catch (error) {
      setProblem(outcomeOf(toFailure(error), `${id} is unchanged. Try again.`));
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
        <Show when={mayOperate()} fallback="Your role may look, not change.">
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
