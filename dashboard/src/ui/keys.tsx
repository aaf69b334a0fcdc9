import { For } from "solid-js";
import { keyLabels } from "../lib/commands.ts";

/** A shortcut, shown as keys. */
export function Keys(props: { keys: string }) {
  return (
    <span class="keys">
      <For each={keyLabels(props.keys)}>{(label) => <kbd>{label}</kbd>}</For>
    </span>
  );
}
