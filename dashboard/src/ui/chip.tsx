import type { JSX } from "solid-js";
import { Cross } from "./icons.tsx";

/** A small label, for example an active filter; `onRemove` adds a remove button. */
export function Chip(props: { children: JSX.Element; onRemove?: () => void; removeLabel?: string }) {
  return (
    <span class="tag">
      {props.children}
      {props.onRemove && (
        <button
          class="tag-remove"
          type="button"
          aria-label={props.removeLabel ?? "Remove"}
          onClick={() => props.onRemove?.()}
        >
          <Cross />
        </button>
      )}
    </span>
  );
}
