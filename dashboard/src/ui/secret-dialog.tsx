import { createEffect, For, type JSX, Show } from "solid-js";
import { uncapitalize } from "../lib/capital.ts";
import { CopyButton } from "./copy-button.tsx";
import { OnceDialog } from "./once-dialog.tsx";
import "./secret-dialog.css";

/** A text to copy, with its label. */
export interface SecretLine {
  label: string;
  text: string;
}

/** A secret that is shown once. */
export interface Secret {
  title: string;
  /** What it is, and what to do with it. */
  note: string;
  lines: readonly SecretLine[];
}

interface SecretDialogProps {
  /** The title before the secret exists. */
  title: string;
  secret: Secret | null;
  /** The form that creates the secret. */
  children: JSX.Element;
  onClose: () => void;
}

/** A form whose result is a secret that is shown once. */
export function SecretDialog(props: SecretDialogProps) {
  const isShown = () => props.secret !== null;
  return (
    <OnceDialog
      title={props.secret?.title ?? props.title}
      isDone={isShown()}
      hasSecret={isShown()}
      onClose={() => props.onClose()}
    >
      <Show when={props.secret} fallback={props.children}>
        {(secret) => <Shown secret={secret()} />}
      </Show>
    </OnceDialog>
  );
}

function Shown(props: { secret: Secret }) {
  let note: HTMLParagraphElement | undefined;
  // The form has disappeared with the focus; focusing the note makes a screen reader read it.
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
              <CopyButton text={text} label={`Copy ${uncapitalize(label)}`} isCompact />
            </div>
          </section>
        )}
      </For>
    </>
  );
}
