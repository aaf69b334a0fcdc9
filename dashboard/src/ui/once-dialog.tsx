import { createEffect, createSignal, type JSX, Show } from "solid-js";
import { closeModal, Modal } from "./modal.tsx";

interface OnceDialogProps {
  title: string;
  /** The form has succeeded: its result is shown with a button that closes the dialog. */
  isDone: boolean;
  /** The result contains a secret that cannot be shown again. */
  hasSecret: boolean;
  children: JSX.Element;
  onClose: () => void;
}

/** A form and its result. If the result is a secret, closing asks the user to confirm that they have copied it. */
export function OnceDialog(props: OnceDialogProps) {
  const [wasAsked, setAsked] = createSignal(false);
  let isKept = false;
  const isAsking = () => wasAsked() && props.hasSecret;
  const mayClose = () => {
    if (!props.hasSecret || isKept) return true;
    setAsked(true);
    return false;
  };
  const close = (event: { currentTarget: Element }) => {
    isKept = true;
    closeModal(event);
  };
  const word = () => {
    if (isAsking()) return "Close anyway";
    return props.hasSecret ? "I have copied it" : "Done";
  };

  return (
    <Modal title={props.title} mayClose={mayClose} onClose={() => props.onClose()}>
      <div class="stack">
        {props.children}
        <Show when={props.isDone}>
          <div role="alert">
            <Show when={isAsking()}>
              <p class="notice" data-tone="warning">
                The secret is shown only once. If you close this without copying it, you must create a new one.
              </p>
            </Show>
          </div>
          <div class="dialog-actions">
            <Show when={isAsking()}>
              <GoBack onClick={() => setAsked(false)} />
            </Show>
            <button class="button" data-kind="primary" type="button" onClick={close}>
              {word()}
            </button>
          </div>
        </Show>
      </div>
    </Modal>
  );
}

function GoBack(props: { onClick: () => void }) {
  let button: HTMLButtonElement | undefined;
  createEffect(() => button?.focus());
  return (
    <button ref={button} class="button" type="button" onClick={() => props.onClick()}>
      Go back
    </button>
  );
}
