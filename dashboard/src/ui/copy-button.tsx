import { createSignal, onCleanup } from "solid-js";
import { announce } from "./announce.ts";
import { Copy, Tick } from "./icons.tsx";

interface CopyButtonProps {
  text: string;
  /** "Copy id". */
  label: string;
  /** The icon alone; the label is its name. */
  isCompact?: boolean;
}

export function CopyButton(props: CopyButtonProps) {
  const [outcome, setOutcome] = createSignal<"copied" | "failed" | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const copy = async () => {
    // Refused outside a secure context, or by the person.
    const isCopied = await navigator.clipboard?.writeText(props.text).then(
      () => true,
      () => false,
    );
    setOutcome(isCopied ? "copied" : "failed");
    announce(isCopied ? "Copied" : "Could not be copied", { isUrgent: true });
    clearTimeout(timer);
    timer = setTimeout(() => setOutcome(null), 2000);
  };
  const word = () => (outcome() === null ? props.label : outcome() === "copied" ? "Copied" : "Not copied");

  return (
    <button
      class={props.isCompact ? "icon-button" : "button"}
      type="button"
      aria-label={props.isCompact ? word() : undefined}
      title={props.isCompact ? word() : undefined}
      onClick={() => void copy()}
    >
      {outcome() === "copied" ? <Tick /> : <Copy />}
      {props.isCompact ? null : word()}
    </button>
  );
}
