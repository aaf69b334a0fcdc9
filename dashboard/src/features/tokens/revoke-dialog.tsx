import { capitalize } from "../../lib/capital.ts";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";

interface RevokeDialogProps {
  /** "token a1B2c3D4e5". */
  what: string;
  consequences: readonly string[];
  revoke: () => Promise<unknown>;
  /** Reloads the list. */
  onRevoked: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks for confirmation before a token is revoked for good. */
export function RevokeDialog(props: RevokeDialogProps) {
  const confirm = async () => {
    const { what, onRevoked } = props;
    const home = headingOf(document.activeElement);
    try {
      await props.revoke();
      notify({ tone: "success", text: `${capitalize(what)} revoked` });
    } catch (error) {
      notify({ tone: "danger", text: outcomeOf(toFailure(error), `The ${what} was not revoked.`) });
    }
    await onRevoked();
    // The pressed button disappeared with its row.
    rescueFocus(() => home?.focus());
  };
  return (
    <ConfirmDialog
      title={`Revoke ${props.what}?`}
      consequences={[...props.consequences, "This cannot be undone."]}
      action="Revoke"
      tone="danger"
      onConfirm={() => void confirm()}
      onClose={() => props.onClose()}
    />
  );
}

/** The heading of the section around an element, or of the page. */
function headingOf(element: Element | null): HTMLElement | null {
  return element?.closest("section[aria-labelledby]")?.querySelector("h2") ?? document.querySelector("h1");
}
