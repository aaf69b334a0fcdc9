import { createUniqueId, type JSX, onMount, Show } from "solid-js";
import { Cross } from "./icons.tsx";

interface ModalProps {
  title: string;
  /** After it has closed, by Escape, the cross or {@link closeModal}. */
  onClose: () => void;
  /** Asked when it is about to close; false: it stays. */
  mayClose?: () => boolean;
  size?: "small" | "medium" | "large";
  /** Buttons at its end. */
  footer?: JSX.Element;
  /** The id of the sentence that says what it is about, if there is one. */
  describedBy?: string;
  children: JSX.Element;
}

/** The browser's own modal dialog: focus trap, Escape, inert page and top layer come with it. */
export function Modal(props: ModalProps) {
  const title = createUniqueId();
  let dialog: HTMLDialogElement | undefined;
  onMount(() => {
    const opener = document.activeElement;
    dialog?.showModal();
    // The browser gives the focus back on close, but not when the element is taken off the page while open.
    dialog?.addEventListener("close", () => opener instanceof HTMLElement && opener.isConnected && opener.focus());
  });
  const mayClose = () => !isAnswerDue(dialog) && (props.mayClose?.() ?? true);
  // A browser closes at the second Escape, whatever was said to the first.
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

/** Closes the dialog around an element: `onClick={closeModal}` on a button in it. */
export function closeModal(event: { currentTarget: Element }): void {
  const dialog = event.currentTarget.closest("dialog");
  if (!isAnswerDue(dialog)) dialog?.close();
}

/** A form in it has been sent: the answer may be a secret that is shown once, or a refusal that nobody else would tell. */
function isAnswerDue(dialog: HTMLDialogElement | null | undefined): boolean {
  return dialog?.querySelector("form[aria-busy=true]") != null;
}
