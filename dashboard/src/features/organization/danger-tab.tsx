import { createEffect, createSignal, For, on, Show } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { useFleet } from "../../live/context.ts";
import { queryClient, useList } from "../../live/query.ts";
import { ConnectionMark } from "../../ui/marks.tsx";
import { notify } from "../../ui/toast.tsx";
import { TypeToConfirm } from "../../ui/type-to-confirm.tsx";
import { mayAdminister } from "../session/session.ts";
import { acceptLate } from "./accept-late.ts";
import { deregisterConsequences } from "./consequences.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import type { OrganizationModel } from "./model.ts";

const STEP = 50;

/** Irreversible actions. */
export function DangerTab(props: { model: OrganizationModel }) {
  const { id } = props.model;
  const fleet = useFleet();
  const [leaving, setLeaving] = createSignal<string | null>(null);
  const [isDeleting, setDeleting] = createSignal(false);
  const [limit, setLimit] = createSignal(STEP);
  const messages = useList(
    () => ["organization", id, "messages-of", leaving()],
    (signal) => countMessages(leaving() ?? "", signal),
    { isEnabled: () => leaving() !== null },
  );

  // The row has disappeared with the focus, before or after its dialog has closed.
  let heading: HTMLHeadingElement | undefined;
  const toHeading = () => rescueFocus(() => heading?.focus());
  createEffect(on(() => props.model.members().length, toHeading, { defer: true }));

  const refresh = () => void queryClient.invalidateQueries({ queryKey: ["organization", id] });
  const deregister = async (orchestratorId: string) => {
    const params = { path: { orchestrator_id: orchestratorId } };
    const call = api.DELETE("/api/v1/internal/orchestrators/{orchestrator_id}/deregister", { params });
    if (await acceptLate(ask(call))) notify({ tone: "success", text: `${orchestratorId} deregistered` });
    refresh();
  };

  return (
    <div class="org-danger">
      <Show when={!mayAdminister()}>
        <p class="notice" data-tone="info">
          Only admins can deregister orchestrators and delete organizations.
        </p>
      </Show>
      <section class="panel" aria-label="Deregister orchestrators">
        <h2 ref={heading} tabIndex={-1}>
          Deregister orchestrators
        </h2>
        <p class="muted">
          Closes the orchestrator's connection and deletes its messages. It cannot connect until it is registered again.
          Deregistering the last orchestrator deletes the organization.
        </p>
        <ul>
          <For each={props.model.members().slice(0, limit())}>
            {(member) => (
              <li>
                <code>{member}</code>
                <ConnectionMark isConnected={fleet.row(member)?.connected ?? false} />
                <button
                  class="button"
                  type="button"
                  aria-disabled={!mayAdminister()}
                  aria-label={`Deregister ${member}`}
                  onClick={() => mayAdminister() && setLeaving(member)}
                >
                  Deregister…
                </button>
              </li>
            )}
          </For>
        </ul>
        <Show when={props.model.members().length > limit()}>
          <button class="button" type="button" onClick={() => setLimit(limit() + STEP)}>
            Show more
          </button>
        </Show>
        <Show when={props.model.members().length === 0}>
          <p class="muted">This organization has no orchestrators.</p>
        </Show>
      </section>
      <section class="panel" aria-label="Delete organization">
        <h2>Delete organization</h2>
        <p class="muted">
          Deletes all of its orchestrators, messages and configurations. Usage and the audit log are kept.
        </p>
        <button
          class="button"
          data-kind="danger"
          type="button"
          aria-disabled={!mayAdminister()}
          onClick={() => mayAdminister() && setDeleting(true)}
        >
          Delete {id}…
        </button>
      </section>
      <Show when={leaving()}>
        {(member) => (
          <TypeToConfirm
            title={`Deregister ${member()}?`}
            consequences={deregisterConsequences(member(), {
              organizationId: id,
              members: props.model.members().length,
              isOpen: fleet.row(member())?.connected ?? false,
              messages: messages.data,
            })}
            phrase={member()}
            action={`Deregister ${member()}`}
            onConfirm={() => deregister(member())}
            onClose={() => {
              setLeaving(null);
              toHeading();
            }}
          />
        )}
      </Show>
      <Show when={isDeleting()}>
        <DeleteDialog id={id} onDeleted={refresh} onClose={() => setDeleting(false)} />
      </Show>
    </div>
  );
}

async function countMessages(orchestratorId: string, signal: AbortSignal): Promise<number> {
  const query = { orchestrator_id: orchestratorId, include_independent: "true" as const, limit: 1 };
  return (await ask(api.GET("/api/v1/internal/messages", { params: { query }, signal }))).total_count;
}
