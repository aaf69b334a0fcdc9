import { Show } from "solid-js";
import { preferences } from "../../lib/preferences.ts";

/** Shows the shortcut of a button; screen readers get it from `aria-keyshortcuts`. */
export function KeyHint(props: { keys: string }) {
  return (
    <Show when={preferences.areShortcutsOn}>
      <span class="key-hint" aria-hidden="true">
        {props.keys}
      </span>
    </Show>
  );
}
