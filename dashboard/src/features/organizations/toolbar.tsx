import { createEffect, For, on, onCleanup } from "solid-js";
import { Search } from "../../ui/icons.tsx";
import { type FleetQueryControls, STATUSES } from "./query.ts";

const WORDS = { all: "All", active: "Active", inactive: "Inactive", independent: "Independent" };
const PAUSE_MS = 250;

export function Toolbar(props: { controls: FleetQueryControls }) {
  let box: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const typed = (text: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => props.controls.setText(text.trim()), PAUSE_MS);
  };

  // The address also changes by itself: back, reset, a shared link. What is being typed stays.
  createEffect(
    on(
      () => props.controls.query().q,
      (q) => {
        if (box && box !== document.activeElement) box.value = q;
      },
    ),
  );

  return (
    <search class="toolbar">
      <label class="search">
        <span class="sr-only">Search organizations by name or id</span>
        <Search />
        <input
          ref={box}
          type="search"
          placeholder="Name or id"
          maxlength={255}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => typed(event.currentTarget.value)}
        />
      </label>
      <fieldset class="segments">
        <legend class="sr-only">Status</legend>
        <For each={STATUSES}>
          {(status) => (
            <label class="segment">
              <input
                class="sr-only"
                type="radio"
                name="status"
                checked={props.controls.query().status === status}
                onChange={() => props.controls.setStatus(status)}
              />
              {WORDS[status]}
            </label>
          )}
        </For>
      </fieldset>
    </search>
  );
}
