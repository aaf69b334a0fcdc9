import { createSignal, onCleanup } from "solid-js";
import { announce } from "./announce.ts";
import { Copy, Tick } from "./icons.tsx";

interface CopyButtonProps {
  text: string;
  /** "Copy ID". */
  label: string;
  /** Shows only the icon; the label becomes its accessible name. */
  isCompact?: boolean;
}

export function CopyButton(props: CopyButtonProps) {
  const [outcome, setOutcome] = createSignal<"copied" | "failed" | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const copy = async () => {
    // The browser refuses outside a secure context; the user can refuse too.
    const isCopied = await navigator.clipboard?.writeText(props.text).then(
      () => true,
      () => false,
    );
    setOutcome(isCopied ? "copied" : "failed");
    announce(isCopied ? "Copied" : "Could not copy", { isUrgent: true });
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
