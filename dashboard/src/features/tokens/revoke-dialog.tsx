import { toFailure } from "../../lib/failure.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";

interface RevokeDialogProps {
  /** "token a1B2c3D4e5". */
  what: string;
  consequences: readonly string[];
  revoke: () => Promise<unknown>;
  onRevoked: () => void;
  onClose: () => void;
}

/** The second step of taking a token back, which is for good. */
export function RevokeDialog(props: RevokeDialogProps) {
  const confirm = async () => {
    const { what } = props;
    try {
      await props.revoke();
      notify({ tone: "success", text: `The ${what} is revoked` });
    } catch (error) {
      notify({ tone: "danger", text: `The ${what} is not revoked: ${toFailure(error).message}` });
    }
    props.onRevoked();
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
