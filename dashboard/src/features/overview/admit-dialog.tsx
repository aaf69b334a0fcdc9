import { api, ask } from "../../lib/api.ts";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";
import type { AttentionItem } from "./attention.ts";

interface AdmitDialogProps {
  item: AttentionItem;
  /** Reloads the list. */
  onAdmitted: () => Promise<unknown>;
  onClose: () => void;
}

/** Registers a deregistered orchestrator that keeps connecting. */
export function AdmitDialog(props: AdmitDialogProps) {
  const admit = async () => {
    const { item, onAdmitted } = props;
    const { orchestrator_id, organization_id } = item;
    try {
      const body = { orchestrator_id, organization_id, readmit: true };
      const { agent_token } = await ask(api.POST("/api/v1/internal/orchestrators/register", { body }));
      if (agent_token === undefined) {
        notify({ tone: "success", text: `${orchestrator_id} registered. It is accepted at its next connection.` });
      } else {
        const text = `${orchestrator_id} registered, but it has no valid agent token. Create one on its page.`;
        notify({ tone: "warning", text });
      }
    } catch (error) {
      notify({ tone: "danger", text: outcomeOf(toFailure(error), `${orchestrator_id} was not registered.`) });
    }
    await onAdmitted();
    // The pressed button disappeared with its row.
    rescueFocus(() => document.getElementById("attention")?.focus());
  };
  return (
    <ConfirmDialog
      title={`Register ${props.item.orchestrator_id} again?`}
      consequences={[
        `It is registered in the organization ${props.item.organization_id}, which is created if it no longer exists.`,
        "Its earlier agent tokens become valid again unless they have expired or were revoked.",
        "Its earlier messages, settings and independence are not restored.",
      ]}
      action="Register"
      tone="primary"
      onConfirm={() => void admit()}
      onClose={() => props.onClose()}
    />
  );
}
