import { Show } from "solid-js";

/** An error message that screen readers announce at once. */
export function Refusal(props: { text: string }) {
  return (
    <div role="alert">
      <Show when={props.text}>
        <p class="notice" data-tone="danger">
          {props.text}
        </p>
      </Show>
    </div>
  );
}
