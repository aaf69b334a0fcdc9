import { A } from "@solidjs/router";
import { createEffect, on, onMount, Show } from "solid-js";
import { useFleet } from "../../../live/context.ts";
import { announce } from "../../../ui/announce.ts";
import { ClientEnvironment } from "../../../ui/connect-command.tsx";
import { StatusBadge } from "../../../ui/status-badge.tsx";

/** The environment variables to copy, and a badge that turns green after the first handshake. */
export function Created(props: { id: string; agentToken: string | null }) {
  const fleet = useFleet();
  const isHere = () => fleet.row(props.id)?.connected ?? false;
  let note: HTMLParagraphElement | undefined;
  // The form has disappeared with the focus; focusing the note makes a screen reader read it.
  onMount(() => note?.focus());
  createEffect(on(isHere, (is) => is && announce(`${props.id} is connected`, { isUrgent: true })));
  return (
    <>
      <p ref={note} class="created" tabindex="-1">
        Created. Start the orchestrator with these environment variables
        <Show when={props.agentToken}>. The token is shown only once</Show>:
      </p>
      <ClientEnvironment orchestratorId={props.id} agentToken={props.agentToken} />
      <p class="handshake" role="status">
        <StatusBadge status={fleet.row(props.id)?.status ?? "inactive"} />
        <Show when={isHere()} fallback={<span class="muted">Waiting for the orchestrator to connect…</span>}>
          <span>
            {props.id} is connected. <A href={`/organizations/${props.id}`}>Open {props.id}</A>
          </span>
        </Show>
      </p>
    </>
  );
}
