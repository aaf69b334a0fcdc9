import { api, ask } from "../../lib/api.ts";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";
import type { AttentionItem } from "./attention.ts";

interface AdmitDialogProps {
  item: AttentionItem;
  /** Shows what there is now. */
  onAdmitted: () => Promise<unknown>;
  onClose: () => void;
}

/** Registers an orchestrator anew that was deregistered and goes on connecting. */
export function AdmitDialog(props: AdmitDialogProps) {
  const admit = async () => {
    const { item, onAdmitted } = props;
    const { orchestrator_id, organization_id } = item;
    try {
      const body = { orchestrator_id, organization_id, readmit: true };
      const { agent_token } = await ask(api.POST("/api/v1/internal/orchestrators/register", { body }));
      if (agent_token === undefined) {
        notify({ tone: "success", text: `${orchestrator_id} is registered again and gets in when it connects next` });
      } else {
        const text = `${orchestrator_id} is registered again, but none of the tokens that it had is valid any more. Create a new one on its page.`;
        notify({ tone: "warning", text });
      }
    } catch (error) {
      notify({ tone: "danger", text: outcomeOf(toFailure(error), `${orchestrator_id} is not admitted.`) });
    }
    await onAdmitted();
    // The button that was pressed is gone with its row.
    if (document.activeElement === document.body) document.getElementById("attention")?.focus();
  };
  return (
    <ConfirmDialog
      title={`Admit ${props.item.orchestrator_id} again?`}
      consequences={[
        `It is registered in the organization ${props.item.organization_id}, which is created if it is gone.`,
        "The tokens that it had are valid again, unless they have expired or were revoked, so that it gets in by itself.",
        "It begins anew: its former messages, settings and independence do not come back.",
      ]}
      action="Admit again"
      tone="primary"
      onConfirm={() => void admit()}
      onClose={() => props.onClose()}
    />
  );
}
