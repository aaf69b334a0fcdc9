import { Show } from "solid-js";

/** Why it was not done, read out as soon as it is there. */
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
