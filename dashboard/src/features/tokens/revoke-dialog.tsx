import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";

interface RevokeDialogProps {
  /** "token a1B2c3D4e5". */
  what: string;
  consequences: readonly string[];
  revoke: () => Promise<unknown>;
  /** Shows what there is now. */
  onRevoked: () => Promise<unknown>;
  onClose: () => void;
}

/** The second step of taking a token back, which is for good. */
export function RevokeDialog(props: RevokeDialogProps) {
  const confirm = async () => {
    const { what, onRevoked } = props;
    const home = headingOf(document.activeElement);
    try {
      await props.revoke();
      notify({ tone: "success", text: `The ${what} is revoked` });
    } catch (error) {
      notify({ tone: "danger", text: outcomeOf(toFailure(error), `The ${what} is not revoked.`) });
    }
    await onRevoked();
    // The button that was pressed is gone with what could be revoked.
    if (document.activeElement === document.body) home?.focus();
  };
  return (
    <ConfirmDialog
      title={`Revoke the ${props.what}?`}
      consequences={[...props.consequences, "This cannot be taken back."]}
      action="Revoke"
      tone="danger"
      onConfirm={() => void confirm()}
      onClose={() => props.onClose()}
    />
  );
}

/** Of the part of the page around an element, or of the page. */
function headingOf(element: Element | null): HTMLElement | null {
  return element?.closest("section[aria-labelledby]")?.querySelector("h2") ?? document.querySelector("h1");
}
