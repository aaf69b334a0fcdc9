import { Show } from "solid-js";
import { preferences } from "../../lib/preferences.ts";

/** The key of a button, for the eye; `aria-keyshortcuts` says it to others. */
export function KeyHint(props: { keys: string }) {
  return (
    <Show when={preferences.areShortcutsOn}>
      <span class="key-hint" aria-hidden="true">
        {props.keys}
      </span>
    </Show>
  );
}
