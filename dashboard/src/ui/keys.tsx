import { For } from "solid-js";
import { keyLabels } from "../lib/commands.ts";

/** A shortcut as it is printed on the keys. */
export function Keys(props: { keys: string }) {
  return (
    <span class="keys">
      <For each={keyLabels(props.keys)}>{(label) => <kbd>{label}</kbd>}</For>
    </span>
  );
}
