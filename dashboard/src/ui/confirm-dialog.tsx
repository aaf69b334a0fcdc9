import { For, onMount } from "solid-js";

interface ConfirmDialogProps {
  title: string;
  /** The consequences, one sentence each. */
  consequences: readonly string[];
  action: string;
  tone: "danger" | "primary";
  onConfirm: () => void;
  /** Called after the dialog has closed, whatever the user chose. The browser then restores the focus. */
  onClose: () => void;
}

/** The native modal dialog, which brings focus trap, Escape, inert page and top layer. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  let dialog: HTMLDialogElement | undefined;
  onMount(() => dialog?.showModal());

  const confirm = () => {
    dialog?.close();
    props.onConfirm();
  };

  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="dialog-title"
      aria-describedby="dialog-text"
      onClose={() => props.onClose()}
    >
      <div class="dialog-body">
        <h2 id="dialog-title">{props.title}</h2>
        <ul id="dialog-text">
          <For each={props.consequences}>{(line) => <li>{line}</li>}</For>
        </ul>
        <div class="dialog-actions">
          <button class="button" type="button" autofocus onClick={() => dialog?.close()}>
            Cancel
          </button>
          <button class="button" data-kind={props.tone} type="button" onClick={confirm}>
            {props.action}
          </button>
        </div>
      </div>
    </dialog>
  );
}
