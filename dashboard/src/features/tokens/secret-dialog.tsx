import { createEffect, createSignal, For, type JSX, Show } from "solid-js";
import { CopyButton } from "../../ui/copy-button.tsx";
import { closeModal, Modal } from "../../ui/modal.tsx";
import type { SecretLine } from "./secrets.ts";
import "./tokens.css";

/** What is shown once. */
export interface Secret {
  title: string;
  /** What it is, and what to do with it. */
  note: string;
  lines: readonly SecretLine[];
}

interface SecretDialogProps {
  /** While there is nothing to show yet. */
  title: string;
  secret: Secret | null;
  /** The form that leads to it. */
  children: JSX.Element;
  onClose: () => void;
}

/** A form whose result is shown once: it closes only when somebody has said that they have a copy. */
export function SecretDialog(props: SecretDialogProps) {
  const [isAsking, setAsking] = createSignal(false);
  let isKept = false;
  const mayClose = () => {
    if (props.secret === null || isKept) return true;
    setAsking(true);
    return false;
  };
  const close = (event: { currentTarget: Element }) => {
    isKept = true;
    closeModal(event);
  };

  return (
    <Modal title={props.secret?.title ?? props.title} mayClose={mayClose} onClose={() => props.onClose()}>
      <Show when={props.secret} fallback={props.children}>
        {(secret) => (
          <div class="stack">
            <Shown secret={secret()} />
            <div role="alert">
              <Show when={isAsking()}>
                <p class="notice" data-tone="warning">
                  It is shown this once. If you close it without a copy, you need to make a new one.
                </p>
              </Show>
            </div>
            <div class="dialog-actions">
              <Show
                when={isAsking()}
                fallback={
                  <button class="button" data-kind="primary" type="button" onClick={close}>
                    I have copied it
                  </button>
                }
              >
                <GoBack onClick={() => setAsking(false)} />
                <button class="button" data-kind="primary" type="button" onClick={close}>
                  Close, it is copied
                </button>
              </Show>
            </div>
          </div>
        )}
      </Show>
    </Modal>
  );
}

function Shown(props: { secret: Secret }) {
  let note: HTMLParagraphElement | undefined;
  // The form is gone, and the focus with it; what came of it is read out.
  createEffect(() => props.secret && note?.focus());
  return (
    <>
      <p ref={note} class="secret-note" tabindex="-1">
        {props.secret.note}
      </p>
      <For each={props.secret.lines}>
        {({ label, text }) => (
          <section class="secret" aria-label={label}>
            <h3>{label}</h3>
            <div class="command">
              <code>{text}</code>
              <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} isCompact />
            </div>
          </section>
        )}
      </For>
    </>
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
