import { createSignal, type JSX, Show } from "solid-js";
import { toFailure } from "../lib/failure.ts";
import { closeModal } from "./modal.tsx";

interface DialogFormProps {
  action: string;
  busyAction: string;
  /** What it throws is told in the form, which then stays as it is. */
  onSubmit: (data: FormData) => Promise<void>;
  /** What is still wrong with it; null: it may be sent. */
  problem?: () => string | null;
  children: JSX.Element;
}

/** The form in a dialog: what was refused is said above its buttons. */
export function DialogForm(props: DialogFormProps) {
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal("");
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (isBusy()) return;
    const wrong = props.problem?.() ?? null;
    setProblem(wrong ?? "");
    if (wrong !== null) return form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    setBusy(true);
    try {
      await props.onSubmit(new FormData(form));
    } catch (error) {
      setProblem(`${toFailure(error).message}.`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack" novalidate onSubmit={(event) => void submit(event)}>
      {props.children}
      <div role="alert">
        <Show when={problem()}>
          <p class="notice" data-tone="danger">
            {problem()}
          </p>
        </Show>
      </div>
      <div class="dialog-actions">
        <button class="button" type="button" onClick={closeModal}>
          Cancel
        </button>
        <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
          {isBusy() ? props.busyAction : props.action}
        </button>
      </div>
    </form>
  );
}
