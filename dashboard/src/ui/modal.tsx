import { createUniqueId, type JSX, onMount, Show } from "solid-js";
import { Cross } from "./icons.tsx";

interface ModalProps {
  title: string;
  /** Called after the dialog has closed, by Escape, the close button or {@link closeModal}. */
  onClose: () => void;
  /** Called before the dialog closes; false keeps it open. */
  mayClose?: () => boolean;
  size?: "small" | "medium" | "large";
  /** The buttons at the end of the dialog. */
  footer?: JSX.Element;
  /** The id of the element that describes the dialog. */
  describedBy?: string;
  children: JSX.Element;
}

/** The native modal dialog, which brings focus trap, Escape, inert page and top layer. */
export function Modal(props: ModalProps) {
  const title = createUniqueId();
  let dialog: HTMLDialogElement | undefined;
  onMount(() => {
    const opener = document.activeElement;
    dialog?.showModal();
    // The browser restores the focus on close, but not when the element is removed while open.
    dialog?.addEventListener("close", () => opener instanceof HTMLElement && opener.isConnected && opener.focus());
  });
  const mayClose = () => !isAnswerDue(dialog) && (props.mayClose?.() ?? true);
  // Browsers close a dialog at the second Escape even if the first was prevented.
  const leave = () => (mayClose() ? props.onClose() : dialog?.showModal());

  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-size={props.size ?? "medium"}
      aria-labelledby={title}
      aria-describedby={props.describedBy}
      onCancel={(event) => mayClose() || event.preventDefault()}
      onClose={(event) => event.target === event.currentTarget && leave()}
    >
      <header class="dialog-head">
        <h2 id={title}>{props.title}</h2>
        <button class="icon-button" type="button" aria-label="Close" onClick={() => mayClose() && dialog?.close()}>
          <Cross />
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
      <Show when={props.footer}>
        <footer class="dialog-actions">{props.footer}</footer>
      </Show>
    </dialog>
  );
}

/** Closes the dialog around an element: `onClick={closeModal}` on a button inside it. */
export function closeModal(event: { currentTarget: Element }): void {
  const dialog = event.currentTarget.closest("dialog");
  if (!isAnswerDue(dialog)) dialog?.close();
}

/** Whether a form is being submitted. The answer may be a secret that is shown once, or an error that shows nowhere else. */
function isAnswerDue(dialog: HTMLDialogElement | null | undefined): boolean {
  return dialog?.querySelector("form[aria-busy=true]") != null;
}
