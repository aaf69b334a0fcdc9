import { createResource, Show } from "solid-js";
import { isAcceptedLate } from "../../lib/accepted.ts";
import { api, ask } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";
import { formatCount, plural } from "../../lib/numbers.ts";
import { notify } from "../../ui/toast.tsx";
import { TypeToConfirm } from "../../ui/type-to-confirm.tsx";

interface DeleteDialogProps {
  id: string;
  onDeleted: () => void;
  onClose: () => void;
}

/** What goes with an organization, in numbers, before it goes. */
export function DeleteDialog(props: DeleteDialogProps) {
  const [impact] = createResource(
    () => props.id,
    async (id) => {
      const params = { path: { organization_id: id } };
      return (await ask(api.GET("/api/v1/controller/organizations/{organization_id}/impact", { params }))).data;
    },
  );
  const consequences = () => {
    if (impact.error) return [`What goes with it could not be counted: ${toFailure(impact.error).message}.`, ...ALWAYS];
    const found = impact();
    if (!found) return ["Counting what goes with it…", ...ALWAYS];
    return [
      `${plural(found.orchestrators, "orchestrator")} will be deregistered for good.`,
      `${plural(found.connected_orchestrators, "open connection")} will be closed.`,
      `${plural(found.messages, "message")} will be deleted, ${formatCount(found.pending_messages)} of them not decided.`,
      `${plural(found.config_revisions, "configuration revision")} will be deleted.`,
      ...ALWAYS,
    ];
  };
  const remove = async () => {
    const params = { path: { organization_id: props.id } };
    try {
      await ask(api.DELETE("/api/v1/controller/organizations/{organization_id}", { params }));
      notify({ tone: "success", text: `${props.id} is deleted` });
    } catch (error) {
      if (!isAcceptedLate(toFailure(error))) throw error;
      notify({ tone: "warning", text: "Accepted. It is finished as soon as the database answers again." });
    }
    props.onDeleted();
  };

  return (
    <Show when={props.id} keyed>
      {(id) => (
        <TypeToConfirm
          title={`Delete ${id}?`}
          consequences={consequences()}
          phrase={id}
          action={`Delete ${id}`}
          onConfirm={remove}
          onClose={() => props.onClose()}
        />
      )}
    </Show>
  );
}

const ALWAYS = ["Usage and audit stay.", "This cannot be undone."];
