import { createSignal, type JSX } from "solid-js";
import { type Failure, toFailure } from "../lib/failure.ts";
import { closeModal } from "./modal.tsx";
import { Refusal } from "./refusal.tsx";

interface DialogFormProps {
  action: string;
  busyAction: string;
  /** An error that it throws is shown in the form, which stays as it is. `close` closes the surrounding dialog. */
  onSubmit: (data: FormData, close: () => void) => Promise<void>;
  /** Why the form cannot be submitted; null: it can. */
  problem?: () => string | null;
  /** The text for a failure; defaults to the controller's message. */
  explain?: (failure: Failure) => string;
  children: JSX.Element;
}

/** A form in a dialog. Errors show above the buttons, and the first invalid field gets the focus. */
export function DialogForm(props: DialogFormProps) {
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal("");
  let form: HTMLFormElement | undefined;
  const refuse = (sentence: string) => {
    setProblem(sentence);
    form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const target = event.currentTarget;
    if (isBusy()) return;
    const wrong = props.problem?.() ?? null;
    if (wrong !== null) return refuse(wrong);
    setProblem("");
    setBusy(true);
    try {
      await props.onSubmit(new FormData(target), () => target.closest("dialog")?.close());
    } catch (error) {
      const failure = toFailure(error);
      refuse(props.explain?.(failure) ?? `${failure.message}.`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} class="stack" novalidate aria-busy={isBusy()} onSubmit={(event) => void submit(event)}>
      {props.children}
      <Refusal text={problem()} />
      <div class="dialog-actions">
        <button class="button" type="button" aria-disabled={isBusy()} onClick={closeModal}>
          Cancel
        </button>
        <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
          {isBusy() ? props.busyAction : props.action}
        </button>
      </div>
    </form>
  );
}
