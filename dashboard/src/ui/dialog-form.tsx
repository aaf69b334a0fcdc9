import { createSignal, type JSX } from "solid-js";
import { type Failure, toFailure } from "../lib/failure.ts";
import { closeModal } from "./modal.tsx";
import { Refusal } from "./refusal.tsx";

interface DialogFormProps {
  action: string;
  busyAction: string;
  /** What it throws is told in the form, which then stays as it is; `close` closes the dialog around it. */
  onSubmit: (data: FormData, close: () => void) => Promise<void>;
  /** What is still wrong with it; null: it may be sent. */
  problem?: () => string | null;
  /** What a failure means here; the message of the controller when absent. */
  explain?: (failure: Failure) => string;
  children: JSX.Element;
}

/** The form in a dialog: what was refused is said above its buttons, and the first field that is wrong has the focus. */
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
