import { For, onMount } from "solid-js";

interface ConfirmDialogProps {
  title: string;
  /** What will happen, one sentence each. */
  consequences: readonly string[];
  action: string;
  tone: "danger" | "primary";
  onConfirm: () => void;
  /** After it has closed, whatever was chosen. The browser then gives the focus back. */
  onClose: () => void;
}

/** The browser's own modal dialog: focus trap, Escape, inert page and top layer come with it. */
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
