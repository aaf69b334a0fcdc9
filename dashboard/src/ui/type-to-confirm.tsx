import { createSignal, createUniqueId, For } from "solid-js";
import { outcomeOf, toFailure } from "../lib/failure.ts";
import { closeModal, Modal } from "./modal.tsx";
import { Refusal } from "./refusal.tsx";

interface TypeToConfirmProps {
  title: string;
  /** What will be deleted, one sentence each, in numbers. */
  consequences: readonly string[];
  /** What the user must type, for example the ID. */
  phrase: string;
  /** "Delete org-002". */
  action: string;
  /** An error that it throws is shown in the dialog, which stays open. */
  onConfirm: () => Promise<void>;
  /** Called after the dialog has closed, whatever the user chose. */
  onClose: () => void;
}

/** Asks for a typed confirmation before an irreversible action. The focus starts on Cancel. */
export function TypeToConfirm(props: TypeToConfirmProps) {
  const text = createUniqueId();
  const field = createUniqueId();
  const [typed, setTyped] = createSignal("");
  const [isBusy, setBusy] = createSignal(false);
  const [message, setMessage] = createSignal("");
  const isReady = () => typed().trim() === props.phrase && !isBusy();

  const confirm = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!isReady()) return;
    setBusy(true);
    setMessage("");
    try {
      await props.onConfirm();
      form.closest("dialog")?.close();
    } catch (error) {
      setMessage(outcomeOf(toFailure(error), "Nothing was changed."));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal title={props.title} describedBy={text} onClose={() => props.onClose()}>
      <form class="stack" aria-busy={isBusy()} onSubmit={(event) => void confirm(event)}>
        <ul id={text} class="consequences">
          <For each={props.consequences}>{(line) => <li>{line}</li>}</For>
        </ul>
        <div class="field">
          <label for={field}>
            Type <code>{props.phrase}</code> to confirm
          </label>
          <input
            id={field}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <Refusal text={message()} />
        <div class="dialog-actions">
          <button class="button" type="button" autofocus aria-disabled={isBusy()} onClick={closeModal}>
            Cancel
          </button>
          <button class="button" data-kind="danger" type="submit" aria-disabled={!isReady()}>
            {isBusy() ? "Working…" : props.action}
          </button>
        </div>
      </form>
    </Modal>
  );
}
