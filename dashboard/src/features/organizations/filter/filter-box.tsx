import { createEffect, createSignal, createUniqueId, For, on, onCleanup, Show } from "solid-js";
import { useCommands } from "../../../lib/commands.ts";
import { Cross, Search } from "../../../ui/icons.tsx";
import type { ListState } from "../list/state.ts";
import type { FacetCounts, Suggestion } from "./completion.ts";
import "./filter.css";

const PAUSE_MS = 250;
/** Not needed until somebody uses the box. */
const loadCompletion = () => import("./completion.ts");

/** The search box for words and filters, with suggestions (ARIA combobox). */
export function FilterBox(props: { state: ListState; counts: FacetCounts }) {
  const list = createUniqueId();
  const [isOpen, setOpen] = createSignal(false);
  const [active, setActive] = createSignal(-1);
  const [suggestions, setSuggestions] = createSignal<readonly Suggestion[]>([]);
  const [isEmpty, setEmpty] = createSignal(props.state.text() === "");
  let box: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  useCommands(() => [
    {
      id: "organizations:filter",
      title: "Filter organizations",
      group: "Organizations",
      keys: "/",
      run: () => box?.focus(),
    },
  ]);

  // Follows changes of the address by Back, chips and facets, but never overwrites text that is being typed.
  createEffect(
    on(props.state.text, (text) => {
      if (!box || (timer !== undefined && box === document.activeElement)) return;
      box.value = text;
      setEmpty(text === "");
    }),
  );

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const complete = async () => {
    const { suggest } = await loadCompletion();
    if (!box || box !== document.activeElement) return;
    setSuggestions(suggest(box.value, box.selectionStart ?? box.value.length, props.counts));
    setActive(-1);
    setOpen(suggestions().length > 0);
  };
  const apply = (delayMs: number) => {
    clearTimeout(timer);
    setEmpty(box?.value === "");
    timer = setTimeout(() => {
      timer = undefined;
      props.state.setText(box?.value ?? "");
    }, delayMs);
  };
  const accept = (suggestion: Suggestion) => {
    if (!box) return;
    box.value = suggestion.text;
    box.setSelectionRange(suggestion.caret, suggestion.caret);
    apply(0);
    // A value is complete; after a key, suggest its values.
    if (suggestion.text.slice(0, suggestion.caret).endsWith(":")) void complete();
    else close();
  };
  const clear = () => {
    if (!box) return;
    box.value = "";
    apply(0);
    close();
    box.focus();
  };

  const press = (event: KeyboardEvent) => {
    const count = suggestions().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) return void complete();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One extra position for the box itself.
      setActive((at) => ((at + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter") {
      const chosen = isOpen() ? suggestions()[active()] : undefined;
      if (chosen) accept(chosen);
      else {
        apply(0);
        close();
      }
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (isOpen()) close();
      else if (box?.value === "") box.blur();
      else clear();
    }
  };

  return (
    <div class="filter-box">
      <Search />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label="Filter organizations"
        aria-autocomplete="list"
        aria-expanded={isOpen()}
        aria-controls={list}
        aria-activedescendant={active() >= 0 ? `${list}-${active()}` : undefined}
        placeholder="Search by name or ID, or filter, e.g. health:degraded"
        value={props.state.text()}
        maxlength={500}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={() => {
          void complete();
          apply(PAUSE_MS);
        }}
        onClick={() => void complete()}
        onFocus={() => void loadCompletion()}
        onBlur={close}
        onKeyDown={press}
      />
      <Show
        when={!isEmpty()}
        fallback={
          <span class="orgs-slash" aria-hidden="true">
            /
          </span>
        }
      >
        <button class="icon-button" type="button" aria-label="Clear filter" title="Clear (Esc)" onClick={clear}>
          <Cross />
        </button>
      </Show>
      <div id={list} class="suggestions" role="listbox" aria-label="Suggestions" hidden={!isOpen()}>
        <For each={suggestions()}>
          {(suggestion, index) => (
            <button
              id={`${list}-${index()}`}
              class="suggestion"
              type="button"
              role="option"
              tabindex="-1"
              aria-selected={index() === active()}
              // The focus stays in the box.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => accept(suggestion)}
            >
              <span>{suggestion.label}</span>
              <span class="hint">{suggestion.detail}</span>
            </button>
          )}
        </For>
      </div>
    </div>
  );
}
